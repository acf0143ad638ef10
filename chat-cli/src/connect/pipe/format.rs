//! The format of the output.

/// The format in which events are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::connect) enum Format {
    /// Lines in words.
    Lines,
    /// A JSON object on each line.
    Json,
}
