//! The bans, mutes and exceptions of a channel.

use super::User;
use crate::{ListEntry, Nickname, UserId};
use alloc::vec::Vec;

/// One of the lists of a channel: its bans, its mutes, or its exceptions.
#[derive(Debug, Default)]
pub(crate) struct AccessList(Vec<Item>);

#[derive(Debug)]
struct Item {
    entry: ListEntry,
    /// The user who had the name when the entry was made, so that a rename does not evade it.
    user: Option<UserId>,
}

impl AccessList {
    /// Returns true if an entry covers a user: by name, by account, or because the user had the
    /// name when the entry was made.
    pub(crate) fn covers(&self, id: UserId, user: &User) -> bool {
        self.0.iter().any(|Item { entry, user: at_the_time }| {
            *at_the_time == Some(id)
                || entry.nickname == *user.nickname()
                || (entry.account.is_some() && entry.account.as_ref() == user.account())
        })
    }

    /// Returns true if there is an entry for this name; if `user` has the name now, the entry must
    /// be for that user.
    pub(crate) fn names(&self, nickname: &Nickname, user: Option<UserId>) -> bool {
        let meant = |item: &Item| user.is_none() || item.user == user;
        self.0.iter().any(|item| item.entry.nickname == *nickname && meant(item))
    }

    pub(crate) fn insert(&mut self, entry: ListEntry, user: Option<UserId>) {
        self.0.push(Item { entry, user });
    }

    /// Removes the entries for a name, or for the user who has it now. Returns whether there were
    /// any.
    pub(crate) fn remove(&mut self, nickname: &Nickname, user: Option<UserId>) -> bool {
        let before = self.0.len();
        self.0.retain(|item| {
            item.entry.nickname != *nickname && (user.is_none() || item.user != user)
        });
        self.0.len() < before
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}
