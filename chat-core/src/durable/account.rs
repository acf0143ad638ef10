//! The durable state of an account.

use super::history::History;
use crate::{AppData, ChannelName, Timestamp};
use alloc::collections::BTreeSet;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Account {
    /// The time of its last login or quit.
    pub(crate) last_seen: Timestamp,
    /// The channels in which it has statuses.
    pub(crate) channels: BTreeSet<ChannelName>,
    /// The channels that it owns, a part of `channels`.
    pub(crate) owned: BTreeSet<ChannelName>,
    /// The channels that it is invited into.
    pub(crate) invitations: BTreeSet<ChannelName>,
    /// The newest private messages that it has sent or received.
    pub(crate) mailbox: History,
    /// The application data of its user.
    #[cfg_attr(feature = "serde", serde(default))]
    pub(crate) data: AppData,
}
