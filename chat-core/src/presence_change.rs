//! Users who are watched, and the changes that their watchers are told of.

use crate::{Nickname, Text, UserInfo};
use alloc::sync::Arc;

/// A watched nickname.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Watched {
    /// The nickname: that of the user, if one has it.
    pub nickname: Nickname,
    /// The user who has the nickname.
    pub user: Option<Arc<UserInfo>>,
    /// The away text, if the user is away.
    pub away: Option<Text>,
}

/// The change of a watched user.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum PresenceChange {
    /// The user is online now, or has taken the nickname.
    Online,
    /// The user has quit, or has given up the nickname.
    Offline,
    /// The user is away, or back. Sessions that share a channel with it are sent
    /// [`AwayChanged`](crate::Event::AwayChanged) instead.
    Away(Option<Text>),
    /// The public identity of the user has changed; this is the one before. Sessions that share a
    /// channel with it are sent [`UserInfoChanged`](crate::Event::UserInfoChanged) instead.
    Info(Arc<UserInfo>),
}
