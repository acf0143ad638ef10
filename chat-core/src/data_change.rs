//! Changes of application data by users.

use alloc::string::String;

/// A change of one entry of the application data of a user or a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DataChange<T = String> {
    /// The key, one of [`Config::public_data_keys`](crate::Config::public_data_keys).
    pub key: String,
    /// The new text, one line of at most [`LONGEST_TEXT`](Self::LONGEST_TEXT) bytes; `None` to
    /// remove the entry.
    pub text: Option<T>,
}

impl DataChange {
    /// The longest text in bytes.
    pub const LONGEST_TEXT: usize = 300;
}
