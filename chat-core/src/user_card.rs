//! The answers to questions about users.

use crate::{ChannelName, StatusSet, Text, Timestamp, UserInfo};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;

/// The properties of a user that another user may see.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct UserCard {
    /// The user.
    pub user: Arc<UserInfo>,
    /// The away text, if the user is away.
    pub away: Option<Text>,
    /// The channels that the user is in, sorted by name, with its statuses. Secret channels are
    /// among them only if the asking user is a member too.
    pub channels: Vec<(ChannelName, StatusSet)>,
    /// The time at which the user took a nickname for the first time.
    pub signed_on: Timestamp,
    /// The time since the user's last message, or since it signed on if it has sent none.
    pub idle: Duration,
    /// True if the user is a server operator.
    pub operator: bool,
}

/// A user who had a nickname and has given it up, by quitting or by a rename.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct WasHere {
    /// The user, as it was then.
    pub user: Arc<UserInfo>,
    /// The time at which it gave up the nickname.
    pub until: Timestamp,
}
