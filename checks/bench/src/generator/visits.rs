//! The state of the visits of a run.

/// The state of the visitors.
#[derive(Default)]
pub(super) struct Visits {
    /// Index of the first visitor; the others follow.
    pub(super) first: usize,
    /// The number of visits in progress.
    pub(super) active: usize,
    /// The number of visits that have ended.
    pub(super) done: u64,
    /// True if no new visits begin.
    pub(super) over: bool,
}
