//! Identifiers. The engine uses none of its own a second time.

use alloc::boxed::Box;

/// One live connection. The host numbers sessions from a counter of its own, so that a connection
/// can send [`Open`](crate::Input::Open) and commands without waiting for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SessionId(pub u64);

/// A user, from taking a nickname until quitting. The engine numbers users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct UserId(pub u64);

/// A channel. A channel that is created again under the name of an earlier one has another id, so
/// that it does not inherit the history. The lobby is number 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ChannelId(pub u64);

/// A message. Ids only grow, across all channels, and are the same for all recipients of the
/// message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct MessageId(pub u64);

/// The [key](crate::Event::key) of an event that is kept with the messages of a channel. Together
/// with its time it names the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct EventKey(pub u64);

/// A client's own name for one of its commands, by which it recognises the answer. The engine
/// returns it unread; a dialect bounds its length.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RequestId(pub Box<str>);
