//! The members of channels, and the messages that they have read.

use crate::{
    AppData, ChannelName, MessageId, Nickname, Refusal, Role, StatusSet, Text, Topic, UserInfo,
};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// The members of a channel, for a session that has just joined.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Roster {
    /// The channel.
    pub channel: ChannelName,
    /// Its topic.
    pub topic: Option<Topic>,
    /// Members sorted by name, at most [`Config::listing`](crate::Config::listing), always with the
    /// user that the roster is for.
    pub members: Vec<RosterEntry>,
    /// The number of members, listed or not.
    pub count: usize,
    /// True if the channel is secret.
    #[cfg_attr(feature = "serde", serde(default))]
    pub is_secret: bool,
    /// True if the user was a member before the command.
    pub was_member: bool,
    /// The messages that the user has read, if it has an account.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub read: Option<ReadState>,
    /// The channel's application data.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "AppData::is_empty"))]
    pub data: AppData,
}

/// The messages that an account has read, of a channel or of a private conversation, and those that
/// it has not. Its own messages are never unread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct ReadState {
    /// The last message that the user has read, if it has marked one.
    pub last: Option<MessageId>,
    /// The number of newer messages, counted up to
    /// [`Config::unread_counted`](crate::Config::unread_counted).
    pub unread: usize,
    /// The number of those that mention the user: all of a private conversation, and those of a
    /// channel that contain its nickname, or the name of its account, as a word.
    pub mentions: usize,
}

/// A private conversation of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Conversation {
    /// The nickname of the other user in the newest message.
    pub nickname: Nickname,
    /// The newest message.
    pub newest: MessageId,
    /// The messages that the account has read.
    pub read: ReadState,
}

/// One of several channels that could not be joined.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct JoinRefusal {
    /// The index of the channel in the command, from 0.
    pub index: usize,
    /// The name as the client wrote it, cleaned.
    pub channel: Text,
    /// The reason.
    pub refusal: Refusal,
}

/// A member in a roster.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct RosterEntry {
    /// The member.
    pub user: Arc<UserInfo>,
    /// Its statuses.
    pub statuses: StatusSet,
}

impl RosterEntry {
    /// The member's nickname.
    pub fn nickname(&self) -> &Nickname {
        &self.user.nickname
    }

    /// The member's highest status.
    pub fn role(&self) -> Role {
        self.statuses.role()
    }
}
