//! The error for names of enum values.

/// A string is not the name of any value of the type that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown {kind}, expected {names}")]
pub struct UnknownName {
    kind: &'static str,
    names: &'static str,
}

impl UnknownName {
    /// Makes the error for a kind of value, such as `role`, and its names in one phrase, such as
    /// `member or owner`.
    pub const fn new(kind: &'static str, names: &'static str) -> Self {
        Self { kind, names }
    }
}
