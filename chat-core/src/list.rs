//! The lists of a channel: bans, mutes, and exceptions from both and from invitations.

use crate::{
    AccountName, Actor, ChannelName, Nickname, Text, Timestamp, UserId, UserInfo, UserMask,
};
use core::fmt;

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
    /// Users to whom mutes do not apply, but bans do. All of its entries are masks.
    MuteExceptions,
    /// Users who may join without an invitation. All of its entries are masks.
    InviteExceptions,
}

impl List {
    /// All lists.
    pub const ALL: [Self; 5] =
        [Self::Bans, Self::Mutes, Self::Exceptions, Self::MuteExceptions, Self::InviteExceptions];

    /// The list's name, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bans => "bans",
            Self::Mutes => "mutes",
            Self::Exceptions => "exceptions",
            Self::MuteExceptions => "mute_exceptions",
            Self::InviteExceptions => "invite_exceptions",
        }
    }

    /// The list of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.name() == name)
    }
}

/// An entry of one of a channel's lists.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct ListEntry {
    /// The users that the entry applies to.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub subject: ListSubject,
    /// The user who made the entry.
    pub by: Actor,
    /// The time at which it was made.
    pub at: Timestamp,
    /// The reason, if one was given.
    pub reason: Option<Text>,
}

/// The users that an entry of a list applies to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(untagged))]
#[non_exhaustive]
pub enum ListSubject {
    /// One user.
    User {
        /// The nickname that the entry applies to.
        nickname: Nickname,
        /// The account that had this nickname when the entry was made. The entry applies to it
        /// under any nickname.
        account: Option<AccountName>,
        /// The user who had this nickname when the entry was made, so that a rename does not evade
        /// the entry.
        user: Option<UserId>,
    },
    /// All users whom a mask matches, now or later.
    Mask {
        /// The mask.
        mask: UserMask,
    },
}

/// A mask was added to a list of a channel, or removed from it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct MaskChange {
    /// The channel.
    pub channel: ChannelName,
    /// The list.
    pub list: List,
    /// The mask.
    pub mask: UserMask,
    /// True if the mask is on the list now.
    pub listed: bool,
    /// False if the mask was on the list before the command, so that nobody else is told.
    pub changed: bool,
    /// The user who gave the command.
    pub by: Actor,
    /// The reason, if one was given.
    pub reason: Option<Text>,
}

impl ListEntry {
    /// Makes an entry for a nickname alone. The engine makes its own entries; this is for tests of
    /// dialects and stores.
    pub fn new(nickname: Nickname, by: Actor, at: Timestamp) -> Self {
        let subject = ListSubject::User { nickname, account: None, user: None };
        Self { subject, by, at, reason: None }
    }

    /// Makes an entry for a mask, for the same tests.
    pub fn of_mask(mask: UserMask, by: Actor, at: Timestamp) -> Self {
        Self { subject: ListSubject::Mask { mask }, by, at, reason: None }
    }

    /// Returns the account that the entry names beside a nickname.
    pub fn account(&self) -> Option<&AccountName> {
        match &self.subject {
            ListSubject::User { account, .. } => account.as_ref(),
            ListSubject::Mask { .. } => None,
        }
    }
}

impl ListSubject {
    /// Returns true if the entry applies to a user: by name, by account, because the user had the
    /// name when the entry was made, or by mask.
    pub(crate) fn covers(&self, id: UserId, info: &UserInfo) -> bool {
        match self {
            Self::User { nickname, account, user } => {
                *user == Some(id)
                    || *nickname == info.nickname
                    || (account.is_some() && *account == info.account)
            }
            Self::Mask { mask } => mask.matches(info),
        }
    }

    /// Returns true if the entry is for a nickname, or for the user who has it now.
    pub fn is_for(&self, wanted: &Nickname, holder: Option<UserId>) -> bool {
        match self {
            Self::User { nickname, user, .. } => {
                nickname == wanted || (holder.is_some() && *user == holder)
            }
            Self::Mask { .. } => false,
        }
    }

    /// Returns true if the entry is for this mask.
    pub fn is_mask(&self, wanted: &UserMask) -> bool {
        match self {
            Self::User { .. } => false,
            Self::Mask { mask } => mask == wanted,
        }
    }
}

/// Shows the nickname or the mask.
impl fmt::Display for ListSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User { nickname, .. } => nickname.fmt(f),
            Self::Mask { mask } => mask.fmt(f),
        }
    }
}
