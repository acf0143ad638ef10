//! What somebody said.

use crate::{ChannelName, MessageId, Nickname, Text, Timestamp};
use alloc::sync::Arc;

/// A message: the same id, time and words for the sender, for whom it concerns, and in the history.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Message {
    /// Grows from message to message, over all channels.
    pub id: MessageId,
    /// When the engine took it; never goes back.
    pub at: Timestamp,
    /// How it is meant.
    pub kind: MessageKind,
    /// The sender's name at that moment.
    pub sender: Nickname,
    /// The sender's account at that moment.
    pub account: Option<Arc<str>>,
    /// Where or to whom it was said.
    pub target: Target,
    /// The words; never empty.
    pub text: Text,
}

/// How a message is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum MessageKind {
    /// Something said.
    #[default]
    Message,
    /// Something done: `/me waves`.
    Action,
    /// Something that no program should answer (RFC 2812 §3.3.2).
    Notice,
}

/// Where or to whom a message was said.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Target {
    /// To everybody in a channel.
    Channel(ChannelName),
    /// To one user, privately.
    User(Nickname),
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
