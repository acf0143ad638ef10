//! Detection of dead clients: a ping after a period of silence, and the end if no answer comes.

use chat_core::{SessionId, Timestamp};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

/// The schedule of keep-alive checks, one for each session. Checks are lazy: traffic does not
/// reschedule them. A check that comes due compares the time with the session's [`LastHeard`].
#[derive(Debug)]
pub(crate) struct KeepAlive {
    queue: BinaryHeap<Reverse<(Timestamp, SessionId)>>,
    ping_after: Duration,
    give_up_after: Duration,
}

/// The time of the last frame or sign of life of a client, and whether a ping was sent since then.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LastHeard {
    since: Timestamp,
    asked: bool,
}

/// The result of a keep-alive check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeepAliveAction {
    /// The client was heard recently enough.
    Nothing,
    /// The switchboard sends a ping.
    Ping,
    /// The client did not answer the ping in time; its session is closed.
    GiveUp,
}

impl KeepAlive {
    pub(crate) fn new(ping_after: Duration, give_up_after: Duration) -> Self {
        Self { queue: BinaryHeap::new(), ping_after, give_up_after }
    }

    pub(crate) fn begin(&mut self, now: Timestamp, session: SessionId) {
        self.queue.push(Reverse((now + self.ping_after.max(SHORTEST), session)));
    }

    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.queue.peek().map(|Reverse((at, _))| *at)
    }

    /// A session that is to be looked after now, if there is one. It has to be
    /// [put back](Self::again).
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Option<SessionId> {
        if self.next()? > now {
            return None;
        }
        self.queue.pop().map(|Reverse((_, session))| session)
    }

    pub(crate) fn action(&self, now: Timestamp, keep_alive: LastHeard) -> KeepAliveAction {
        let silent_for = now.since(keep_alive.since);
        if silent_for < self.ping_after {
            KeepAliveAction::Nothing
        } else if keep_alive.asked && silent_for >= self.give_up_after {
            KeepAliveAction::GiveUp
        } else {
            KeepAliveAction::Ping
        }
    }

    /// Looks after a session again in time for the next question, or for giving up.
    pub(crate) fn again(&mut self, now: Timestamp, session: SessionId, keep_alive: LastHeard) {
        let question = keep_alive.since + self.ping_after;
        let next = if keep_alive.asked {
            (now + self.ping_after).min(keep_alive.since + self.give_up_after)
        } else if question > now {
            question
        } else {
            // There were no words for it, or no room.
            now + self.ping_after
        };
        self.queue.push(Reverse((next.max(now + SHORTEST), session)));
    }
}

impl LastHeard {
    pub(crate) fn since(now: Timestamp) -> Self {
        Self { since: now, asked: false }
    }

    pub(crate) fn note_question(&mut self) {
        self.asked = true;
    }
}

/// However short the times are that somebody has configured: time has to pass between two checks.
const SHORTEST: Duration = Duration::from_millis(1);
