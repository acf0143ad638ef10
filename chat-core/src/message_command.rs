//! Commands about messages that were said before.

use crate::{MessageId, Unchecked, Words};

/// A command about a message that was said before, which the user can read. Answer:
/// [`MessageChanged`](crate::Event::MessageChanged).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(bound(
        serialize = "W::Channel: serde::Serialize, W::Text: serde::Serialize",
        deserialize = "W::Channel: serde::Deserialize<'de>, W::Text: serde::Deserialize<'de>"
    ))
)]
pub struct MessageCommand<W: Words = Unchecked> {
    /// The message.
    pub id: MessageId,
    /// The channel that the message has to be in, for clients that name it. Otherwise it may be in
    /// any channel that the user is in, or private.
    pub channel: Option<W::Channel>,
    /// The action on the message.
    pub action: MessageAction<W>,
}

/// An action on a message that was said before.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(bound(
        serialize = "W::Text: serde::Serialize",
        deserialize = "W::Text: serde::Deserialize<'de>"
    ))
)]
#[non_exhaustive]
pub enum MessageAction<W: Words = Unchecked> {
    /// Deletes the message: its text and its application data are kept nowhere. Users may delete
    /// their own messages, and operators of a channel all messages in it. A user without an account
    /// may delete what it has said since it came online.
    Delete {
        /// The reason, which the others are told. A user who may not speak in the channel can give
        /// none.
        reason: Option<W::Text>,
    },
    /// Gives the message another text: its own user may, within
    /// [`Config::edit_window`](crate::Config::edit_window), as long as it may speak there. The text
    /// before is kept nowhere.
    Edit {
        /// The text. It may have several lines.
        text: W::Text,
    },
    /// Pins the message in its channel, or unpins it: operators and owners may. The limit is
    /// [`Pin::MOST`](crate::Pin::MOST).
    Pin {
        /// True to pin the message, false to unpin it.
        pinned: bool,
    },
    /// Adds a reaction of the user, who may speak in the channel, to the message, or removes it.
    /// Each emoji counts once for each user; the limits are those of
    /// [`MessageReaction`](crate::MessageReaction).
    React {
        /// The emoji, or another short text without white space.
        emoji: W::Text,
        /// True to remove the reaction.
        remove: bool,
    },
}

impl<W: Words> MessageAction<W> {
    /// Returns the text that others are shown.
    pub(crate) fn text_mut(&mut self) -> Option<&mut W::Text> {
        match self {
            Self::Delete { reason } => reason.as_mut(),
            Self::Edit { text } => Some(text),
            Self::React { emoji, .. } => Some(emoji),
            Self::Pin { .. } => None,
        }
    }
}
