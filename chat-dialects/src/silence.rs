//! Which clients have been silent, and when to look after them.

use chat_core::{SessionId, Timestamp};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

/// When to look after which session. A check is not moved by what a client sends: when it comes, it is looked how long ago
/// the client was last heard of.
#[derive(Debug)]
pub(crate) struct Checks {
    queue: BinaryHeap<Reverse<(Timestamp, SessionId)>>,
    ping_after: Duration,
    give_up_after: Duration,
}

/// When a client was last heard of, and whether it has been asked since then.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Silence {
    since: Timestamp,
    asked: bool,
}

/// What is to be done about a silent client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Care {
    /// It is not silent for long enough.
    Nothing,
    /// It is to be asked whether it is still there.
    Ask,
    /// It was asked, and has not answered.
    GiveUp,
}

impl Checks {
    pub(crate) fn new(ping_after: Duration, give_up_after: Duration) -> Self {
        Self { queue: BinaryHeap::new(), ping_after, give_up_after }
    }

    pub(crate) fn begin(&mut self, now: Timestamp, session: SessionId) {
        self.queue.push(Reverse((now + self.ping_after.max(SHORTEST), session)));
    }

    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.queue.peek().map(|Reverse((at, _))| *at)
    }

    /// A session that is to be looked after now, if there is one. It has to be [put back](Self::again).
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Option<SessionId> {
        if self.next()? > now {
            return None;
        }
        self.queue.pop().map(|Reverse((_, session))| session)
    }

    pub(crate) fn care(&self, now: Timestamp, silence: Silence) -> Care {
        let silent_for = now.since(silence.since);
        if silent_for < self.ping_after {
            Care::Nothing
        } else if silence.asked && silent_for >= self.give_up_after {
            Care::GiveUp
        } else {
            Care::Ask
        }
    }

    /// Looks after a session again in time for the next question, or for giving up.
    pub(crate) fn again(&mut self, now: Timestamp, session: SessionId, silence: Silence) {
        let question = silence.since + self.ping_after;
        let next = if silence.asked {
            (now + self.ping_after).min(silence.since + self.give_up_after)
        } else if question > now {
            question
        } else {
            // There were no words for it, or no room.
            now + self.ping_after
        };
        self.queue.push(Reverse((next.max(now + SHORTEST), session)));
    }
}

impl Silence {
    pub(crate) fn since(now: Timestamp) -> Self {
        Self { since: now, asked: false }
    }

    pub(crate) fn note_question(&mut self) {
        self.asked = true;
    }
}

/// However short the times are that somebody has configured: time has to pass between two checks.
const SHORTEST: Duration = Duration::from_millis(1);
