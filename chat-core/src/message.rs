//! Messages.

use crate::message_reaction::by_emoji;
use crate::{
    Actor, AppData, ChannelName, Deletion, MessageDetails, MessageId, MessageReaction, Nickname,
    Pin, Recipient, ReplyTo, Role, Text, Timestamp, UnknownName,
};
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

/// A message. The sender, the recipients and the history have the same id, time and text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Message {
    /// The id; it grows from message to message, over all channels.
    pub id: MessageId,
    /// The time at which the engine accepted the message; it never goes back.
    pub at: Timestamp,
    /// The kind of message.
    pub kind: MessageKind,
    /// The sender, as it was at that moment.
    pub sender: Actor,
    /// The channel or user that it was sent to.
    pub target: Target,
    /// The text; never empty. It may have [several lines](Text::clean_lines). That of a deleted
    /// message is [`DELETED`](Self::DELETED).
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::text::deserialize_lines"))]
    pub text: Text,
    /// The application data, from the sender.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "AppData::is_empty"))]
    pub data: AppData,
    /// The properties that few messages have.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub details: Option<Box<MessageDetails>>,
}

/// The kind of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum MessageKind {
    /// Something that is said.
    #[default]
    Message,
    /// Something that is done: `/me waves`.
    Action,
    /// Something that no program should answer (RFC 2812 §3.3.2).
    Notice,
}

/// The channel or user that a message is sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Target {
    /// All members of a channel.
    Channel(ChannelName),
    /// The members of a channel who have at least this role at that moment. Such a message is not
    /// kept: it is in no history, and no search finds it.
    Members {
        /// The channel.
        channel: ChannelName,
        /// The least role of a recipient.
        least: Role,
    },
    /// One user, privately.
    User(Nickname),
}

/// A channel or a private conversation, and its newest message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct ActiveTarget {
    /// The channel, or the other user.
    pub target: Target,
    /// The newest message.
    pub newest: MessageId,
    /// The time of the newest message.
    pub at: Timestamp,
}

impl Message {
    /// The text of a message that was deleted, for readers who know no deletions.
    pub const DELETED: &str = "[deleted]";

    /// Makes a message of the default kind. The engine makes its own messages; this is for tests of
    /// dialects.
    pub fn new(
        id: MessageId,
        at: Timestamp,
        sender: impl Into<Actor>,
        target: Target,
        text: Text,
    ) -> Self {
        let sender = sender.into();
        let (kind, data) = (MessageKind::default(), AppData::default());
        Self { id, at, kind, sender, target, text, data, details: None }
    }

    /// Returns the deletion, if the message was deleted.
    pub fn deletion(&self) -> Option<&Deletion> {
        self.details.as_ref()?.deletion.as_ref()
    }

    /// Returns the time of the last edit, if the message was edited.
    pub fn edited_at(&self) -> Option<Timestamp> {
        self.details.as_ref()?.edited_at
    }

    /// Returns the message that this one replies to, if it is a reply.
    pub fn reply_to(&self) -> Option<&ReplyTo> {
        self.details.as_ref()?.reply_to.as_ref()
    }

    /// Returns the message as a reply to another.
    #[must_use]
    pub fn replying_to(mut self, parent: ReplyTo) -> Self {
        self.details.get_or_insert_default().reply_to = Some(parent);
        self
    }

    /// Returns the mark of a pinned message, if it is one.
    pub fn pin(&self) -> Option<&Pin> {
        self.details.as_ref()?.pin.as_ref()
    }

    /// Returns the message as a pinned one, or as one that is not.
    #[must_use]
    pub fn with_pin(&self, pin: Option<Pin>) -> Self {
        let mut changed = self.clone();
        changed.details.get_or_insert_default().pin = pin;
        changed
    }

    /// Returns the reactions to the message, the first ones first.
    pub fn reactions(&self) -> &[MessageReaction] {
        self.details.as_ref().map_or(&[], |details| &details.reactions)
    }

    /// Returns the different emoji of the reactions in the order of their first use, each with the
    /// nicknames of the users.
    pub fn reactions_by_emoji(&self) -> Vec<(&Text, Vec<&Nickname>)> {
        by_emoji(self.reactions())
    }

    /// Returns the message with these reactions.
    #[must_use]
    pub fn with_reactions(&self, reactions: Vec<MessageReaction>) -> Self {
        let mut changed = self.clone();
        changed.details.get_or_insert_default().reactions = reactions;
        changed
    }

    /// Returns the message with another text.
    #[must_use]
    pub fn edited(&self, text: Text, at: Timestamp) -> Self {
        let mut edited = Self { text, ..self.clone() };
        edited.details.get_or_insert_default().edited_at = Some(at);
        edited
    }

    /// Returns what is left of the message after its deletion.
    #[must_use]
    pub fn deleted(&self, deletion: Deletion) -> Self {
        let details = MessageDetails { deletion: Some(deletion), ..MessageDetails::default() };
        Self {
            id: self.id,
            at: self.at,
            kind: self.kind,
            sender: self.sender.clone(),
            target: self.target.clone(),
            text: Text::clean(Self::DELETED),
            data: AppData::default(),
            details: Some(Box::new(details)),
        }
    }

    /// Returns the recipient of an answer: the channel of the message, or the sender of a private
    /// one.
    pub fn answer_to(&self) -> Recipient {
        match &self.target {
            Target::Channel(channel) => Recipient::Channel(channel.shown().to_owned()),
            Target::Members { channel, least } => {
                Recipient::Members { channel: channel.shown().to_owned(), least: *least }
            }
            Target::User(_) => Recipient::User(self.sender.name().to_owned()),
        }
    }
}

impl From<&Message> for ReplyTo {
    fn from(message: &Message) -> Self {
        let nickname = message.sender.user().map(|user| user.nickname.clone());
        Self { id: message.id, at: message.at, nickname }
    }
}

impl Target {
    /// Returns the channel, unless the message is private.
    pub fn channel(&self) -> Option<&ChannelName> {
        match self {
            Self::Channel(channel) | Self::Members { channel, .. } => Some(channel),
            Self::User(_) => None,
        }
    }

    /// Returns the recipient of private messages.
    pub fn nickname(&self) -> Option<&Nickname> {
        match self {
            Self::Channel(_) | Self::Members { .. } => None,
            Self::User(nickname) => Some(nickname),
        }
    }
}

impl MessageKind {
    /// The kind's name, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Action => "action",
            Self::Notice => "notice",
        }
    }

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Message, Self::Action, Self::Notice].into_iter().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for MessageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for MessageKind {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        let unknown = UnknownName::new("kind of message", "message, action or notice");
        Self::from_name(name).ok_or(unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn names_are_read_as_they_are_written() {
        for kind in [MessageKind::Message, MessageKind::Action, MessageKind::Notice] {
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
        for name in ["", "Action", "actions"] {
            assert!(name.parse::<MessageKind>().is_err(), "{name:?}");
        }
    }
}
