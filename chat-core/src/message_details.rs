//! The properties that few messages have.

use crate::{Actor, MessageId, MessageReaction, Nickname, Text, Timestamp};
use alloc::vec::Vec;

/// The properties that few messages have. A message has them in a box, so that the others stay
/// small.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct MessageDetails {
    /// The message that this one replies to, if it is a reply.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub reply_to: Option<ReplyTo>,
    /// The user who has pinned the message, and when, if it is pinned in its channel.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub pin: Option<Pin>,
    /// The reactions to the message, the first ones first.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Vec::is_empty"))]
    pub reactions: Vec<MessageReaction>,
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

/// The mark of a message that is pinned in its channel.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Pin {
    /// The user who has pinned the message, as it was at that moment.
    pub by: Actor,
    /// The time.
    pub at: Timestamp,
}

impl Pin {
    /// The largest number of pinned messages of a channel.
    pub const MOST: usize = 50;
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
