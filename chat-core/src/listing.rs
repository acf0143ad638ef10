//! Topics, and the entries of lists of users and channels.

use crate::{Actor, ChannelName, Nickname, StatusSet, Text, Timestamp, UserInfo};
use alloc::sync::Arc;

/// A channel's topic.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Topic {
    /// The text; may be empty.
    pub text: Text,
    /// The user who set it.
    pub by: Actor,
    /// The time at which it was set.
    pub at: Timestamp,
}

/// A user in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct UserEntry {
    /// The user.
    pub user: Arc<UserInfo>,
    /// The away text, if the user is away.
    pub away: Option<Text>,
    /// Its statuses in the channel whose members are listed; none in a list of all users.
    pub statuses: StatusSet,
    /// True if the user is a server operator.
    pub operator: bool,
}

impl UserEntry {
    /// The user's nickname.
    pub fn nickname(&self) -> &Nickname {
        &self.user.nickname
    }
}

/// A channel in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct ChannelEntry {
    /// The channel's name.
    pub name: ChannelName,
    /// Its topic.
    pub topic: Option<Text>,
    /// The time at which the topic was set.
    pub topic_set: Option<Timestamp>,
    /// The time at which the channel was created.
    pub created: Timestamp,
    /// The number of members.
    pub members: usize,
}
