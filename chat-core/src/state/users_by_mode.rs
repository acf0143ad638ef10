//! The users who have a mode, of each mode, so that a user without modes takes no memory for them.

use crate::{UserId, UserModes};
use alloc::collections::BTreeSet;

/// The users who have a mode, of each mode.
#[derive(Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct UsersByMode {
    invisible: BTreeSet<UserId>,
    announcements: BTreeSet<UserId>,
    /// The users who are server operators by their logins.
    operators: BTreeSet<UserId>,
}

impl UsersByMode {
    /// Replaces the modes of a user.
    pub(super) fn set(&mut self, id: UserId, modes: UserModes) {
        let Self { invisible, announcements, operators } = self;
        for (users, is_on) in [
            (invisible, modes.invisible),
            (announcements, modes.announcements),
            (operators, modes.operator),
        ] {
            if is_on {
                users.insert(id);
            } else {
                users.remove(&id);
            }
        }
    }

    /// Removes a user who quits.
    pub(super) fn forget(&mut self, id: UserId) {
        self.set(id, UserModes::default());
    }

    pub(super) fn is_invisible(&self, id: UserId) -> bool {
        self.invisible.contains(&id)
    }

    pub(super) fn invisible_count(&self) -> usize {
        self.invisible.len()
    }

    pub(super) fn wants_announcements(&self, id: UserId) -> bool {
        self.announcements.contains(&id)
    }

    pub(super) fn with_announcements(&self) -> impl Iterator<Item = UserId> {
        self.announcements.iter().copied()
    }

    pub(super) fn is_operator(&self, id: UserId) -> bool {
        self.operators.contains(&id)
    }

    pub(super) fn operators(&self) -> impl Iterator<Item = UserId> {
        self.operators.iter().copied()
    }
}
