//! The lists of users that a channel has.

use crate::{ListEntry, ListSubject, Nickname, UserId, UserInfo, UserMask};
use alloc::vec::Vec;

/// One of the lists of a channel, such as its bans.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct AccessList(Vec<ListEntry>);

impl AccessList {
    /// Returns true if an entry applies to a user. Masks are matched with the user's identity of
    /// this moment, so that a rename counts at once.
    pub(crate) fn covers(&self, id: UserId, info: &UserInfo) -> bool {
        self.0.iter().any(|entry| entry.subject.covers(id, info))
    }

    /// Returns true if an entry that is no mask applies to a user.
    pub(super) fn covers_as_user(&self, id: UserId, info: &UserInfo) -> bool {
        self.0.iter().any(|entry| match &entry.subject {
            subject @ ListSubject::User { .. } => subject.covers(id, info),
            ListSubject::Mask { .. } => false,
        })
    }

    /// Returns true if a mask applies to a user.
    pub(super) fn covers_by_mask(&self, info: &UserInfo) -> bool {
        self.0.iter().any(|entry| match &entry.subject {
            ListSubject::User { .. } => false,
            ListSubject::Mask { mask } => mask.matches(info),
        })
    }

    /// Returns true if there is an entry for this name; if `holder` has the name now, the entry
    /// must be for that user.
    pub(crate) fn names(&self, wanted: &Nickname, holder: Option<UserId>) -> bool {
        self.0.iter().any(|entry| match &entry.subject {
            ListSubject::User { nickname, user, .. } => {
                nickname == wanted && (holder.is_none() || *user == holder)
            }
            ListSubject::Mask { .. } => false,
        })
    }

    pub(super) fn insert(&mut self, entry: ListEntry) {
        self.0.push(entry);
    }

    /// Removes the entries for a name, or for the user who has it now.
    pub(super) fn remove(&mut self, nickname: &Nickname, holder: Option<UserId>) {
        self.0.retain(|entry| !entry.subject.is_for(nickname, holder));
    }

    /// Removes a mask.
    pub(super) fn remove_mask(&mut self, mask: &UserMask) {
        self.0.retain(|entry| !entry.subject.is_mask(mask));
    }

    /// Returns true if there are entries for a name, or for the user who has it now.
    pub(crate) fn has(&self, nickname: &Nickname, holder: Option<UserId>) -> bool {
        self.0.iter().any(|entry| entry.subject.is_for(nickname, holder))
    }

    /// Returns true if there is an entry for this mask.
    pub(crate) fn has_mask(&self, mask: &UserMask) -> bool {
        self.0.iter().any(|entry| entry.subject.is_mask(mask))
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
