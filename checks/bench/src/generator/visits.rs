//! The state of the visits of a run.

/// The state of the visitors.
#[derive(Default)]
pub(super) struct Visits {
    /// Index of the first visitor; the others follow.
    pub(super) first: usize,
    /// How many visits are in progress.
    pub(super) active: usize,
    /// How many visits have ended.
    pub(super) done: u64,
    /// Whether no new visits begin.
    pub(super) over: bool,
}
