//! The progress of a long operation.

/// The progress of a long operation, which tells it now and then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The part that is done already.
    pub done: u64,
    /// All that is to be done, in the same unit.
    pub total: u64,
}
