//! The format of the output.

/// The format in which events are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::connect) enum Format {
    /// In words.
    Lines,
    /// An object a line.
    Json,
}
