//! The nicknames in use, and their look-alikes.

use crate::name::skeletons;
use crate::{Nickname, UserId};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;

/// The nicknames of users who are online, sorted, with their skeletons for look-alikes.
#[derive(Debug, Default)]
pub(crate) struct Names {
    owners: BTreeMap<Nickname, UserId>,
    /// No two users share a skeleton, so each has one owner.
    skeletons: BTreeMap<Box<str>, UserId>,
}

impl Names {
    pub(super) fn insert(&mut self, nickname: &Nickname, user: UserId) {
        self.owners.insert(nickname.clone(), user);
        self.skeletons.extend(skeletons(nickname).map(|skeleton| (skeleton, user)));
    }

    pub(super) fn remove(&mut self, nickname: &Nickname) {
        self.owners.remove(nickname);
        for skeleton in skeletons(nickname) {
            self.skeletons.remove(&skeleton);
        }
    }

    /// Returns true if a user other than `except` has this name or a look-alike.
    pub(crate) fn is_taken(&self, nickname: &Nickname, except: Option<UserId>) -> bool {
        let others = |owner: Option<&UserId>| owner.is_some_and(|owner| Some(*owner) != except);
        others(self.owners.get(nickname))
            || skeletons(nickname).any(|skeleton| others(self.skeletons.get(&skeleton)))
    }

    pub(crate) fn owner(&self, nickname: &Nickname) -> Option<UserId> {
        self.owners.get(nickname).copied()
    }

    /// Returns all users, sorted by name.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (&Nickname, UserId)> {
        self.owners.iter().map(|(nickname, user)| (nickname, *user))
    }
}
