//! The bans, mutes and exceptions of a channel.

use crate::{ListEntry, Nickname, UserId, UserInfo};
use alloc::vec::Vec;

/// One of the lists of a channel: its bans, its mutes, or its exceptions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct AccessList(Vec<ListEntry>);

impl AccessList {
    /// Returns true if an entry covers a user: by name, by account, or because the user had the
    /// name when the entry was made.
    pub(crate) fn covers(&self, id: UserId, info: &UserInfo) -> bool {
        self.0.iter().any(|entry| {
            entry.user == Some(id)
                || entry.nickname == info.nickname
                || (entry.account.is_some() && entry.account == info.account)
        })
    }

    /// Returns true if there is an entry for this name; if `user` has the name now, the entry must
    /// be for that user.
    pub(crate) fn names(&self, nickname: &Nickname, user: Option<UserId>) -> bool {
        let meant = |entry: &ListEntry| user.is_none() || entry.user == user;
        self.0.iter().any(|entry| entry.nickname == *nickname && meant(entry))
    }

    pub(super) fn insert(&mut self, entry: ListEntry) {
        self.0.push(entry);
    }

    /// Removes the entries for a name, or for the user who has it now.
    pub(super) fn remove(&mut self, nickname: &Nickname, user: Option<UserId>) {
        self.0.retain(|entry| !is_for(entry, nickname, user));
    }

    /// Returns true if there are entries for a name, or for the user who has it now.
    pub(crate) fn has(&self, nickname: &Nickname, user: Option<UserId>) -> bool {
        self.0.iter().any(|entry| is_for(entry, nickname, user))
    }

    /// Returns the entries, oldest first.
    pub(crate) fn entries(&self) -> &[ListEntry] {
        &self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

fn is_for(entry: &ListEntry, nickname: &Nickname, user: Option<UserId>) -> bool {
    entry.nickname == *nickname || (user.is_some() && entry.user == user)
}
