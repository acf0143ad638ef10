//! The store under test.

use crate::Opened;
use chat_core::Timestamp;

/// A store under test.
pub trait Subject {
    /// Opens it: the first time empty, then with everything that was committed. What was opened
    /// before has been dropped. `recent` is the limit of the histories and mailboxes in memory.
    fn open(&mut self, recent: usize, now: Timestamp) -> Opened;
}
