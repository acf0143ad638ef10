//! The outcome of `chat connect` and `chat send`, which decides their exit code.

/// The outcome of a client whose connection did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Everything that was asked for was done.
    Done,
    /// Something was refused, and standard error says what and why.
    Refused,
}
