//! Pasted lines, and the user's decision about them.

use crate::connect::request::To;

/// Pasted lines that wait for the user's confirmation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::connect::screen) struct Pasted {
    /// The conversation in which they were pasted. Another one may be shown at the confirmation.
    pub(super) to: To,
    /// The name of the conversation, for people.
    pub(in crate::connect::screen) place: String,
    /// The lines that are not blank, at least two.
    pub(in crate::connect::screen) lines: Vec<String>,
}

/// The user's decision about pasted lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::connect::screen) enum PasteChoice {
    /// Send each line as a message.
    Send,
    /// Join the lines into one, which is inserted at the cursor.
    Join,
    Cancel,
}
