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
    audience: Audience,
}

/// Those who have been looked up [together](Slots::for_each) last, and their slots, as long as nobody comes or goes. Mostly they
/// are a room, where one message follows another, and are looked up again.
#[derive(Default)]
struct Audience {
    sessions: Vec<SessionId>,
    slots: Vec<u32>,
}

impl<T> Slots<T> {
    /// Adds a value, which is made with the number of its slot.
    pub(crate) fn insert(&mut self, session: SessionId, make: impl FnOnce(u32) -> T) {
        self.audience.clear();
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

    /// Calls `each` with the values of all sessions that have one, in this order.
    pub(crate) fn for_each(
        &mut self,
        sessions: &[SessionId],
        mut each: impl FnMut(SessionId, &mut T),
    ) {
        let Self { slots, values, audience } = self;
        if audience.sessions != sessions {
            audience.clear();
            for &session in sessions {
                if let Some(&slot) = slots.get(&session) {
                    audience.sessions.push(session);
                    audience.slots.push(slot);
                }
            }
        }
        for (&session, &slot) in audience.sessions.iter().zip(&audience.slots) {
            if let Some(value) = values.get_mut(slot as usize) {
                each(session, value);
            }
        }
    }

    /// What is in a slot now.
    pub(crate) fn at(&mut self, slot: u32) -> Option<&mut T> {
        self.values.get_mut(slot as usize).map(Box::as_mut)
    }

    pub(crate) fn remove(&mut self, session: SessionId) -> Option<T> {
        self.audience.clear();
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
        Self { slots: FxHashMap::default(), values: Slab::new(), audience: Audience::default() }
    }
}

impl Audience {
    fn clear(&mut self) {
        self.sessions.clear();
        self.slots.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audience_is_looked_up_again_when_somebody_has_come_or_gone() {
        let mut slots = Slots::default();
        let room = [1, 2, 3].map(SessionId);
        let found = |slots: &mut Slots<&'static str>| {
            let mut found = Vec::new();
            slots.for_each(&room, |session, name| found.push((session.0, *name)));
            found
        };
        slots.insert(SessionId(1), |_| "one");
        slots.insert(SessionId(2), |_| "two");
        assert_eq!(found(&mut slots), [(1, "one"), (2, "two")]);
        slots.insert(SessionId(3), |_| "three");
        assert_eq!(found(&mut slots), [(1, "one"), (2, "two"), (3, "three")]);
        assert_eq!(found(&mut slots), [(1, "one"), (2, "two"), (3, "three")], "remembered");
        // Somebody else is where they were.
        slots.remove(SessionId(2));
        slots.insert(SessionId(4), |_| "four");
        assert_eq!(found(&mut slots), [(1, "one"), (3, "three")]);
        slots.insert(SessionId(2), |_| "two again");
        assert_eq!(found(&mut slots), [(1, "one"), (2, "two again"), (3, "three")]);
    }
}
