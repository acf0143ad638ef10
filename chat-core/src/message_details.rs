//! The properties that few messages have.

use crate::{Actor, Text, Timestamp};

/// The properties that few messages have. A message has them in a box, so that the others stay
/// small.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct MessageDetails {
    /// The time of the last edit, if the message was edited.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub edited_at: Option<Timestamp>,
    /// The deletion, if the message was deleted.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub deletion: Option<Deletion>,
}

/// The deletion of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Deletion {
    /// The user who has deleted the message, as it was at that moment.
    pub by: Actor,
    /// The time.
    pub at: Timestamp,
    /// The reason, if one was given.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub reason: Option<Text>,
}
