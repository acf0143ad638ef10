//! The nicknames in use, and their look-alikes.

use crate::name::skeletons;
use crate::{Nickname, UserId};
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

/// The nicknames of users who are online, sorted, with their skeletons for look-alikes.
#[derive(Debug)]
pub(crate) struct Names {
    /// The skeletons of the names that no user may choose.
    reserved: BTreeSet<Box<str>>,
    owners: BTreeMap<Nickname, UserId>,
    /// No two users share a skeleton, so each has one owner.
    skeletons: BTreeMap<Box<str>, UserId>,
}

impl Names {
    /// Creates an index without users. Reserved names that are not valid nicknames have no effect,
    /// because nobody can take them.
    pub(super) fn new(reserved: &[String]) -> Self {
        let reserved = reserved.iter().filter_map(|raw| Nickname::parse(raw).ok());
        let reserved = reserved.flat_map(|nickname| skeletons(&nickname).collect::<Vec<_>>());
        Self { reserved: reserved.collect(), owners: BTreeMap::new(), skeletons: BTreeMap::new() }
    }

    /// Returns true if no user may choose this name, because it is reserved or looks like a name
    /// that is.
    pub(crate) fn is_reserved(&self, nickname: &Nickname) -> bool {
        !self.reserved.is_empty()
            && skeletons(nickname).any(|skeleton| self.reserved.contains(&skeleton))
    }

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
