//! What is kept of each session, where it is found quickly.

use chat_core::SessionId;
use rustc_hash::FxHashMap;
use slab::Slab;

/// Values by session. The tables that find them are small: with many sessions, looking somebody up costs what comes from
/// memory and not from a cache. The values are in boxes, so that nobody waits while all of them are moved to where there is
/// more room, and the room where they were is not kept.
pub(crate) struct Slots<T> {
    slots: FxHashMap<SessionId, u32>,
    values: Slab<Box<T>>,
}

impl<T> Slots<T> {
    /// Adds a value, which is made with the number of its slot.
    pub(crate) fn insert(&mut self, session: SessionId, make: impl FnOnce(u32) -> T) {
        let entry = self.values.vacant_entry();
        let slot = u32::try_from(entry.key()).expect("there is no memory for so many sessions");
        entry.insert(Box::new(make(slot)));
        if let Some(old) = self.slots.insert(session, slot) {
            self.values.remove(old as usize);
        }
    }

    pub(crate) fn get_mut(&mut self, session: SessionId) -> Option<&mut T> {
        self.at(*self.slots.get(&session)?)
    }

    /// What is in a slot now.
    pub(crate) fn at(&mut self, slot: u32) -> Option<&mut T> {
        self.values.get_mut(slot as usize).map(Box::as_mut)
    }

    pub(crate) fn remove(&mut self, session: SessionId) -> Option<T> {
        self.values.try_remove(self.slots.remove(&session)? as usize).map(|value| *value)
    }

    pub(crate) fn sessions(&self) -> impl Iterator<Item = SessionId> {
        self.slots.keys().copied()
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &T> {
        self.values.iter().map(|(_, value)| value.as_ref())
    }
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self { slots: FxHashMap::default(), values: Slab::new() }
    }
}
