//! A login to an account.

use crate::{AccountName, ChannelName, Secret, UserInfo};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// A session's login to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LoggedIn {
    /// The account.
    pub account: AccountName,
    /// True if the account was created in the same step.
    pub is_new: bool,
    /// The session token with which the client can log in again.
    pub token: Option<Secret>,
    /// The session's user now. `None` if it has none yet.
    pub user: Option<Arc<UserInfo>>,
    /// The channels that the session is in from now on, sorted, if the account had a user already,
    /// whom the session speaks for now. The roster of each follows. The user before has quit.
    pub channels: Option<Vec<ChannelName>>,
}
