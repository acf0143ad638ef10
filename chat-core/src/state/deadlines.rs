//! When the engine has to be woken although nobody gives a command.

use crate::{SessionId, Timestamp};
use alloc::collections::{BTreeMap, BTreeSet};

/// At most one deadline for each session. A deadline is not moved by activity: when it comes, the engine looks how long
/// ago the last activity was, and arms it again if that is not long enough.
#[derive(Debug, Default)]
pub(crate) struct Deadlines {
    queue: BTreeSet<(Timestamp, SessionId)>,
    armed: BTreeMap<SessionId, Timestamp>,
}

impl Deadlines {
    /// Sets a session's deadline, in place of the one that it had.
    pub(crate) fn arm(&mut self, session: SessionId, at: Timestamp) {
        self.disarm(session);
        self.queue.insert((at, session));
        self.armed.insert(session, at);
    }

    pub(crate) fn disarm(&mut self, session: SessionId) {
        if let Some(at) = self.armed.remove(&session) {
            self.queue.remove(&(at, session));
        }
    }

    /// Takes the earliest deadline that has come, if any has.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Option<SessionId> {
        let &(at, session) = self.queue.first()?;
        if at > now {
            return None;
        }
        self.disarm(session);
        Some(session)
    }

    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.queue.first().map(|&(at, _)| at)
    }
}
