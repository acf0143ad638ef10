//! The durable state of an account.

use super::history::History;
use crate::{
    AppData, ChannelId, ChannelName, MessageId, Nickname, Secret, Text, Timestamp, TokenDigest,
    TokenId,
};
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};

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
    /// The channels that it is in, also while its user is offline.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "BTreeMap::is_empty"))]
    pub(crate) memberships: BTreeMap<ChannelName, Membership>,
    /// The last private message that it has read, by the nickname of the other user.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "BTreeMap::is_empty"))]
    pub(crate) read: BTreeMap<Nickname, MessageId>,
    /// The application data of its user.
    #[cfg_attr(feature = "serde", serde(default))]
    pub(crate) data: AppData,
    /// The password and the logins, if a client has registered the account.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub(crate) registration: Option<Box<Registration>>,
}

/// The membership of an account in a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Membership {
    /// The id of the channel. Another channel of the same name has other members.
    pub(crate) channel: ChannelId,
    /// The newest message when it joined.
    pub(crate) since: MessageId,
    /// The last message that it has read; that of id 0 if it has read none.
    pub(crate) read: MessageId,
}

/// The password and the logins of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Registration {
    pub(crate) since: Timestamp,
    /// The host's own text for checking the password.
    pub(crate) credentials: Secret,
    pub(crate) tokens: BTreeMap<TokenId, Token>,
}

/// A session token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Token {
    pub(crate) digest: TokenDigest,
    pub(crate) since: Timestamp,
    pub(crate) used: Timestamp,
    pub(crate) device: Option<Text>,
}
