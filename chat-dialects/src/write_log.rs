//! A record of what was written to sessions.

use crate::Counters;

/// Counts deliveries, and lists the sessions that have to be flushed. Each method of a session that
/// writes to its port takes it, so that no session is left out of a flush.
#[derive(Debug, Default)]
pub(crate) struct WriteLog {
    pub(crate) counters: Counters,
    /// The slots of sessions that were written to since the last flush.
    pub(crate) touched: Vec<u32>,
    /// The slots of sessions that were written only announcements to, which may wait. Some may have
    /// been flushed since, because of something else.
    pub(crate) waiting: Vec<u32>,
}
