//! Changes of messages.

use crate::{Actor, Message, Text};
use alloc::sync::Arc;

/// A change of a message that was said before.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct MessageChange {
    /// The message now.
    pub message: Arc<Message>,
    /// The user who has changed it.
    pub by: Actor,
    /// The kind of change.
    pub kind: MessageChangeKind,
}

/// The kind of a change of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum MessageChangeKind {
    /// The message was deleted. Its text and its application data are gone; its
    /// [`deletion`](Message::deletion) says when, by whom, and why.
    Deleted,
    /// The message has another text, since [`edited_at`](Message::edited_at). The earlier one is
    /// kept nowhere.
    Edited,
    /// An operator has pinned the message in its channel.
    Pinned,
    /// An operator has unpinned the message.
    Unpinned,
    /// The user has added a reaction, or removed it.
    Reacted {
        /// The emoji.
        emoji: Text,
        /// True if the reaction was removed.
        removed: bool,
    },
}
