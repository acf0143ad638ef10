//! The lists of a channel: bans, mutes and exceptions.

use crate::{AccountName, Actor, Nickname, Text, Timestamp, UserId};

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

impl List {
    /// The list's name, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bans => "bans",
            Self::Mutes => "mutes",
            Self::Exceptions => "exceptions",
        }
    }

    /// The list of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Bans, Self::Mutes, Self::Exceptions].into_iter().find(|list| list.name() == name)
    }
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
    /// The user who had this nickname at that moment, so that a rename does not evade the entry.
    pub user: Option<UserId>,
    /// The user who made the entry.
    pub by: Actor,
    /// The time at which it was made.
    pub at: Timestamp,
    /// The reason, if one was given.
    pub reason: Option<Text>,
}

impl ListEntry {
    /// Makes an entry for a nickname alone. The engine makes its own entries; this is for tests of
    /// dialects and stores.
    pub fn new(nickname: Nickname, by: Actor, at: Timestamp) -> Self {
        Self { nickname, account: None, user: None, by, at, reason: None }
    }
}
