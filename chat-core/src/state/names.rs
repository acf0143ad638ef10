//! Names in use, and their look-alikes.

use crate::name::{Look, looks};
use crate::{Nickname, UserId};
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::{Bound, Deref, DerefMut};

/// The nicknames of users who are online, and those that no user may choose.
#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Names {
    /// The skeletons of the names that no user may choose.
    #[cfg_attr(feature = "serde", serde(skip))]
    reserved: BTreeSet<Box<str>>,
    users: NameIndex<UserId>,
}

/// Names, sorted, with their owners, and with their skeletons for look-alikes.
#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct NameIndex<O> {
    owners: BTreeMap<Nickname, O>,
    /// The names that lists leave out, with their owners. They are not in `owners`.
    hidden: BTreeMap<Nickname, O>,
    /// The names in use, by their skeletons.
    looks: BTreeMap<Box<str>, SameLook>,
}

/// The owners of names that have one skeleton. The names differ only in pairs of letters and digits
/// that do not make names look-alikes, so that all have the same spelling.
#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct SameLook {
    spelling: Option<Box<str>>,
    owners: usize,
}

impl Names {
    /// Creates an index without users. Reserved names that are not valid nicknames have no effect,
    /// because nobody can take them.
    pub(super) fn new(reserved: &[String]) -> Self {
        let reserved = reserved.iter().filter_map(|raw| Nickname::parse(raw).ok());
        let reserved = reserved.flat_map(|nickname| looks(&nickname).collect::<Vec<_>>());
        let reserved = reserved.map(|look| look.skeleton).collect();
        Self { reserved, users: NameIndex::default() }
    }

    /// Reserves the names of a configuration, after the others were read from a snapshot.
    #[cfg(feature = "serde")]
    pub(super) fn reserve(&mut self, reserved: &[String]) {
        self.reserved = Self::new(reserved).reserved;
    }

    /// Returns true if no user may choose this name, because it is reserved, or has the same
    /// skeleton as a name that is. No pair of letters is exempt here: users could be fooled.
    pub(crate) fn is_reserved(&self, nickname: &Nickname) -> bool {
        !self.reserved.is_empty()
            && looks(nickname).any(|look| self.reserved.contains(&look.skeleton))
    }
}

impl Deref for Names {
    type Target = NameIndex<UserId>;

    fn deref(&self) -> &NameIndex<UserId> {
        &self.users
    }
}

impl DerefMut for Names {
    fn deref_mut(&mut self) -> &mut NameIndex<UserId> {
        &mut self.users
    }
}

impl<O> Default for NameIndex<O> {
    fn default() -> Self {
        Self { owners: BTreeMap::new(), hidden: BTreeMap::new(), looks: BTreeMap::new() }
    }
}

impl<O> NameIndex<O> {
    pub(super) fn insert(&mut self, nickname: &Nickname, owner: O) {
        self.owners.insert(nickname.clone(), owner);
        for Look { skeleton, spelling } in looks(nickname) {
            self.looks.entry(skeleton).or_insert(SameLook { spelling, owners: 0 }).owners += 1;
        }
    }

    pub(super) fn remove(&mut self, nickname: &Nickname) {
        let removed = self.owners.remove(nickname).or_else(|| self.hidden.remove(nickname));
        if removed.is_none() {
            return;
        }
        for Look { skeleton, .. } in looks(nickname) {
            if let Some(same) = self.looks.get_mut(&skeleton) {
                same.owners = same.owners.saturating_sub(1);
                if same.owners == 0 {
                    self.looks.remove(&skeleton);
                }
            }
        }
    }

    /// Hides a name in lists, or shows it again.
    pub(super) fn set_hidden(&mut self, nickname: &Nickname, is_hidden: bool) {
        let (from, to) = match is_hidden {
            true => (&mut self.owners, &mut self.hidden),
            false => (&mut self.hidden, &mut self.owners),
        };
        if let Some((nickname, owner)) = from.remove_entry(nickname) {
            to.insert(nickname, owner);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.owners.len() + self.hidden.len()
    }

    /// Returns true if somebody has this name or a look-alike. The owner of the name `own`, which
    /// is in use, is not considered.
    pub(crate) fn is_taken(&self, nickname: &Nickname, own: Option<&Nickname>) -> bool {
        // Computing the looks of a name is expensive.
        if self.len() == 0 {
            return false;
        }
        if self.entry(nickname).is_some() && own != Some(nickname) {
            return true;
        }
        let is_others = |look: Look| {
            let same = self.looks.get(&look.skeleton);
            same.filter(|same| same.spelling != look.spelling).is_some_and(|same| {
                let is_own = |own| looks(own).any(|own| own.skeleton == look.skeleton);
                same.owners > usize::from(own.is_some_and(is_own))
            })
        };
        looks(nickname).any(is_others)
    }

    pub(crate) fn owner(&self, nickname: &Nickname) -> Option<O>
    where
        O: Clone,
    {
        self.entry(nickname).cloned()
    }

    /// Returns the names after one, or all of them, with their owners, sorted. Hidden names are
    /// left out.
    pub(crate) fn after(&self, after: Option<&Nickname>) -> impl Iterator<Item = (&Nickname, &O)> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.owners.range::<Nickname, _>((start, Bound::Unbounded))
    }

    /// Returns all names with their owners, sorted by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Nickname, &O)> {
        self.all_after(None)
    }

    /// Does the same as [`after`](Self::after), with hidden names.
    pub(crate) fn all_after(
        &self,
        after: Option<&Nickname>,
    ) -> impl Iterator<Item = (&Nickname, &O)> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let hidden = self.hidden.range::<Nickname, _>((start, Bound::Unbounded));
        let (mut shown, mut hidden) = (self.after(after).peekable(), hidden.peekable());
        core::iter::from_fn(move || match (shown.peek(), hidden.peek()) {
            (Some((one, _)), Some((other, _))) if other < one => hidden.next(),
            (None, _) => hidden.next(),
            (Some(_), _) => shown.next(),
        })
    }

    fn entry(&self, nickname: &Nickname) -> Option<&O> {
        self.owners.get(nickname).or_else(|| self.hidden.get(nickname))
    }
}
