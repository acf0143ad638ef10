//! Messages together with events.

use crate::{Message, MessageId, Target, Timestamp};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// A page of a channel's history: its messages, and the events that the channel was told of
/// between them. That of a private conversation has its messages and
/// [kept](crate::AppData::PERSIST) signals. The type of the events, `E`, is
/// [`Event`](crate::Event).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Playback<E> {
    /// The channel or the other user.
    pub target: Target,
    /// The messages and events, oldest first.
    pub items: Vec<PlaybackItem<E>>,
    /// True if there are more in the direction that was asked for.
    pub more: bool,
}

/// A message or an event.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum PlaybackItem<E> {
    /// A message.
    Message(Arc<Message>),
    /// An event.
    Event(Arc<PlaybackEvent<E>>),
}

/// An event that is kept for a while, as
/// [`Config::events_per_channel`](crate::Config::events_per_channel) says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PlaybackEvent<E> {
    /// The time of the event.
    pub at: Timestamp,
    /// The newest message of all channels at that time. The event follows it, and precedes all
    /// newer messages.
    pub after: MessageId,
    /// The event, as the members were told of it, without the key of the channel and, if a user
    /// quit, without the list of channels.
    pub event: E,
}

impl<E> PlaybackItem<E> {
    /// The time of the message or event.
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Message(message) => message.at,
            Self::Event(event) => event.at,
        }
    }

    /// The id by which items are sorted. An event has that of the message before it.
    pub(crate) fn place(&self) -> (MessageId, bool) {
        match self {
            Self::Message(message) => (message.id, false),
            Self::Event(event) => (event.after, true),
        }
    }
}
