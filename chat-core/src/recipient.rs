//! The recipient of a message.

use crate::Role;
use alloc::string::String;

/// The recipient of a message, as the client sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Recipient {
    /// The channel of this name.
    Channel(String),
    /// The members of a channel who have at least this role.
    Members {
        /// The channel.
        channel: String,
        /// The least role of a recipient.
        least: Role,
    },
    /// The user of this name, privately.
    User(String),
}
