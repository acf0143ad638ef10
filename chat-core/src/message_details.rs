//! The properties that few messages have.

use crate::{Actor, MessageId, Nickname, Text, Timestamp};

/// The properties that few messages have. A message has them in a box, so that the others stay
/// small.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct MessageDetails {
    /// The message that this one replies to, if it is a reply.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub reply_to: Option<ReplyTo>,
    /// The time of the last edit, if the message was edited.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub edited_at: Option<Timestamp>,
    /// The deletion, if the message was deleted.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub deletion: Option<Deletion>,
}

/// The message that a reply is about. Its text is not part of the reply: it may be deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ReplyTo {
    /// The id.
    pub id: MessageId,
    /// The time at which the engine accepted it.
    pub at: Timestamp,
    /// The nickname of its sender at that moment; `None` if the server has said it.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub nickname: Option<Nickname>,
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
