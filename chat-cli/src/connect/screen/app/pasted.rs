//! Pasted lines that the user is asked about.

use crate::connect::request::To;

/// Lines that were pasted, and wait for the user's word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::connect::screen) struct Pasted {
    /// Where they were pasted, whatever is shown by the time of the answer.
    pub(super) to: To,
    /// The same, for people.
    pub(in crate::connect::screen) place: String,
    /// Those that are not blank, at least two.
    pub(in crate::connect::screen) lines: Vec<String>,
}

/// What the user says to the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::connect::screen) enum PasteChoice {
    /// Each line is a message.
    Send,
    /// All of it is one line, to be edited and sent.
    Join,
    Cancel,
}
