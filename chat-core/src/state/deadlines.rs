//! When the engine has to be woken although nobody gives a command.

use crate::{SessionId, Timestamp};
use alloc::collections::BTreeSet;

/// At most one deadline for each session, which knows it. A deadline is not moved by activity: when it comes, the engine looks
/// how long ago the last activity was, and arms it again if that is not long enough.
#[derive(Debug, Default)]
pub(crate) struct Deadlines(BTreeSet<(Timestamp, SessionId)>);

impl Deadlines {
    /// Sets a session's deadline, or none, in place of the one that it had.
    pub(super) fn replace(
        &mut self,
        session: SessionId,
        old: Option<Timestamp>,
        new: Option<Timestamp>,
    ) {
        if let Some(at) = old {
            self.0.remove(&(at, session));
        }
        if let Some(at) = new {
            self.0.insert((at, session));
        }
    }

    /// Takes away the earliest deadline, if it has come. Returns whose it was.
    pub(super) fn take_due(&mut self, now: Timestamp) -> Option<SessionId> {
        if self.next()? > now {
            return None;
        }
        self.0.pop_first().map(|(_, session)| session)
    }

    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.0.first().map(|&(at, _)| at)
    }
}
