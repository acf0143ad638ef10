//! Records: changes of channels and messages, for a log or a store.
//!
//! They are not complete yet: renames, departures and the members of channels are not recorded, so
//! that a store cannot restore an engine from them.

use crate::{
    AccountName, Actor, ChannelName, Message, Modes, Nickname, Nonce, StatusSet, Text, Timestamp,
    Topic,
};
use alloc::sync::Arc;

/// A change of state that outlasts a session. Records contain the keys of channels: keep them
/// secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Record {
    /// A user created a channel by joining it, and owns it.
    ChannelCreated {
        /// The channel.
        channel: ChannelName,
        /// Its creator.
        by: Actor,
        /// The time.
        at: Timestamp,
    },
    /// The last member left a channel, and the engine forgot it.
    ChannelForgotten {
        /// The channel.
        channel: ChannelName,
        /// The time.
        at: Timestamp,
    },
    /// A user said something, in a channel or privately.
    Said {
        /// The message.
        message: Arc<Message>,
        /// The client's own name for the message, with which it may send it again.
        nonce: Option<Nonce>,
        /// The away text in the acknowledgement of the message, which the client gets again then.
        /// It is recorded with a nonce only.
        away: Option<Text>,
    },
    /// A channel's topic was set or removed.
    TopicChanged {
        /// The channel.
        channel: ChannelName,
        /// The topic now.
        topic: Option<Topic>,
    },
    /// A channel's modes were changed.
    ModesChanged {
        /// The channel.
        channel: ChannelName,
        /// The modes now.
        modes: Modes,
    },
    /// A member's statuses were changed.
    RoleChanged {
        /// The channel.
        channel: ChannelName,
        /// The member.
        nickname: Nickname,
        /// The member's account.
        account: Option<AccountName>,
        /// All statuses now.
        statuses: StatusSet,
    },
    /// An entry was added to one of a channel's lists.
    Listed {
        /// The channel.
        channel: ChannelName,
        /// The list.
        list: List,
        /// The entry.
        entry: ListEntry,
    },
    /// An entry was removed from one of a channel's lists.
    Unlisted {
        /// The channel.
        channel: ChannelName,
        /// The list.
        list: List,
        /// The user that the entry was about.
        nickname: Nickname,
    },
}

/// The lists of users that a channel has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum List {
    /// Users who may not join.
    Bans,
    /// Users who may not speak.
    Mutes,
    /// Users to whom bans and mutes do not apply.
    Exceptions,
}

/// An entry of one of a channel's lists.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct ListEntry {
    /// The nickname that the entry applies to.
    pub nickname: Nickname,
    /// The account that had this nickname at that moment. The entry applies to it under any
    /// nickname.
    pub account: Option<AccountName>,
    /// The user who made the entry.
    pub by: Actor,
    /// The time at which it was made.
    pub at: Timestamp,
    /// The reason, if one was given.
    pub reason: Option<Text>,
}
