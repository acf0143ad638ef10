//! Deadlines, at which the engine has to act without an input.

use crate::Timestamp;
use alloc::collections::BTreeSet;

/// At most one deadline for each session, or each user, which stores it too. Activity does not move
/// a deadline: when one is due, the engine compares the time of the last activity, and sets a new
/// deadline if there was any meanwhile.
#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(bound(deserialize = "Id: Ord + serde::Deserialize<'de>")))]
pub(crate) struct Deadlines<Id>(BTreeSet<(Timestamp, Id)>);

impl<Id: Copy + Ord> Deadlines<Id> {
    /// Replaces the deadline of a session or user, or removes it.
    pub(super) fn replace(&mut self, id: Id, old: Option<Timestamp>, new: Option<Timestamp>) {
        if let Some(at) = old {
            self.0.remove(&(at, id));
        }
        if let Some(at) = new {
            self.0.insert((at, id));
        }
    }

    /// Removes the earliest deadline if it has passed, and returns its id.
    pub(super) fn take_due(&mut self, now: Timestamp) -> Option<Id> {
        if self.next()? > now {
            return None;
        }
        self.0.pop_first().map(|(_, id)| id)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.0.first().map(|&(at, _)| at)
    }
}

impl<Id> Default for Deadlines<Id> {
    fn default() -> Self {
        Self(BTreeSet::new())
    }
}
