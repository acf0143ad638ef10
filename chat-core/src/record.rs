//! What happened and is worth keeping: everything a store needs to bring channels and histories back.

use crate::{ChannelName, Message, Modes, Nickname, StatusSet, Text, Timestamp, Topic};
use alloc::sync::Arc;

/// A change of what lasts longer than a session. Keys are in it: treat a store of records as secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Record {
    /// Somebody made a channel by joining it first, and owns it.
    ChannelCreated {
        /// The channel.
        channel: ChannelName,
        /// Its owner.
        by: Nickname,
        /// When.
        at: Timestamp,
    },
    /// The last member left a channel, and it is forgotten.
    ChannelForgotten {
        /// The channel.
        channel: ChannelName,
        /// When.
        at: Timestamp,
    },
    /// Somebody said something, in a channel or privately.
    Said(Arc<Message>),
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
        account: Option<Arc<str>>,
        /// All statuses now.
        statuses: StatusSet,
    },
    /// Somebody was put on one of a channel's lists.
    Listed {
        /// The channel.
        channel: ChannelName,
        /// Which list.
        list: List,
        /// The entry.
        entry: ListEntry,
    },
    /// Somebody was taken off one of a channel's lists.
    Unlisted {
        /// The channel.
        channel: ChannelName,
        /// Which list.
        list: List,
        /// Whom the entry was about.
        nickname: Nickname,
    },
}

/// The lists that a channel keeps about people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum List {
    /// Who may not join.
    Bans,
    /// Who may not speak.
    Mutes,
    /// Whom bans and mutes do not concern.
    Exceptions,
}

/// An entry of one of a channel's lists.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ListEntry {
    /// The name that it is about.
    pub nickname: Nickname,
    /// The account that had this name at that moment: it is meant too, under any name.
    pub account: Option<Arc<str>>,
    /// Who made the entry.
    pub by: Nickname,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: Option<Text>,
}
