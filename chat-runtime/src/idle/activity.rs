//! Notes whether a connection is in use.

use std::sync::atomic::{AtomicU8, Ordering};

/// A connection that has a task, and may become idle.
pub(crate) trait Watched: Send + Sync {
    fn activity(&self) -> &Activity;

    /// Wakes the task, which ends if it still has nothing to do.
    fn wake(&self);
}

/// The latest input of a connection: since the last sweep, before it, or so long ago that the
/// connection's task has been asked to end.
#[derive(Debug, Default)]
pub(crate) struct Activity(AtomicU8);

impl Activity {
    /// Notes input. Returns true if the task had been asked to end.
    pub(crate) fn note(&self) -> bool {
        // Mostly nothing changes, and a read costs less.
        self.0.load(Ordering::Relaxed) != RECENT && self.0.swap(RECENT, Ordering::Relaxed) == ASKED
    }

    /// Returns true if the task has been asked to end.
    pub(crate) fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed) == ASKED
    }

    /// Begins the next period. Returns true if there was no input in the last one, and the task is
    /// therefore asked to end.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "no task is asked to end"))]
    pub(crate) fn sweep(&self) -> bool {
        let next = |before| if before == RECENT { EARLIER } else { ASKED };
        let before =
            self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |now| Some(next(now)));
        before.is_ok_and(|before| before != RECENT)
    }
}

const RECENT: u8 = 0;
const EARLIER: u8 = 1;
const ASKED: u8 = 2;
