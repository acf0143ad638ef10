//! The visits of members who come and go.

/// What visitors have done.
#[derive(Default)]
pub(super) struct Visits {
    /// The first member who is a visitor; the others come after that one.
    pub(super) first: usize,
    /// How many are about it.
    pub(super) active: usize,
    /// How many visits have come to their end.
    pub(super) done: u64,
    /// Whether nobody begins again.
    pub(super) over: bool,
}
