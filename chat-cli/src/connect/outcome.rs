//! The outcome of `chat connect` and `chat send`, which decides their exit code.

/// The outcome of a client whose connection did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All requests were carried out.
    Done,
    /// A request was refused. The reason is on standard error.
    Refused,
}
