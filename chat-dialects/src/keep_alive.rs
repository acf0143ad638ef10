//! Detection of dead clients: a ping after a period of silence, and closing if no answer comes.

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
    pinged: bool,
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
        self.queue.push(Reverse((now + self.ping_after.max(MIN_INTERVAL), session)));
    }

    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.queue.peek().map(|Reverse((at, _))| *at)
    }

    /// Takes a session whose check is due, if there is one. The caller has to
    /// [reschedule](Self::reschedule) it.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Option<SessionId> {
        if self.next()? > now {
            return None;
        }
        self.queue.pop().map(|Reverse((_, session))| session)
    }

    pub(crate) fn action(&self, now: Timestamp, last_heard: LastHeard) -> KeepAliveAction {
        let silent_for = now.since(last_heard.since);
        if silent_for < self.ping_after {
            KeepAliveAction::Nothing
        } else if last_heard.pinged && silent_for >= self.give_up_after {
            KeepAliveAction::GiveUp
        } else {
            KeepAliveAction::Ping
        }
    }

    /// Schedules the next check of a session, at the time of the next ping or of giving up.
    pub(crate) fn reschedule(&mut self, now: Timestamp, session: SessionId, last_heard: LastHeard) {
        let ping_at = last_heard.since + self.ping_after;
        let next = if last_heard.pinged {
            (now + self.ping_after).min(last_heard.since + self.give_up_after)
        } else if ping_at > now {
            ping_at
        } else {
            // The dialect has no ping, or the ping did not fit in the queue.
            now + self.ping_after
        };
        self.queue.push(Reverse((next.max(now + MIN_INTERVAL), session)));
    }
}

impl LastHeard {
    pub(crate) fn since(now: Timestamp) -> Self {
        Self { since: now, pinged: false }
    }

    pub(crate) fn note_ping(&mut self) {
        self.pinged = true;
    }
}

/// Minimum time between two checks of a session, however short the configured times are.
const MIN_INTERVAL: Duration = Duration::from_millis(1);
