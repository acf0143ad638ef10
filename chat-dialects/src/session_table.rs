//! Session state, indexed by session id.

use chat_core::SessionId;
use rustc_hash::FxHashMap;
use slab::Slab;

/// A map from session ids to values. The index is a hash map of small entries, because a lookup
/// among many sessions costs mainly cache misses. The values are boxed, so that growth does not
/// move all of them at once.
pub(crate) struct SessionTable<T: EncodingGroup> {
    slots: FxHashMap<SessionId, u32>,
    values: Slab<Box<T>>,
    cached: CachedRecipients<T::Group>,
}

/// A value that belongs to an encoding group, which never changes.
pub(crate) trait EncodingGroup {
    type Group: PartialEq;

    fn group(&self) -> Self::Group;
}

/// The sessions of the last [`for_each`](SessionTable::for_each) with their slots, valid until a
/// session is added or removed. Successive messages mostly go to the same channel, so that the next
/// call has the same recipients.
struct CachedRecipients<G> {
    sessions: Vec<SessionId>,
    members: Vec<Member>,
    groups: Vec<G>,
}

struct Member {
    slot: u32,
    /// Index of the member's group.
    group: u32,
}

impl<T: EncodingGroup> SessionTable<T> {
    /// Adds a value, which `make` returns for the number of its slot.
    pub(crate) fn insert(&mut self, session: SessionId, make: impl FnOnce(u32) -> T) {
        self.cached.clear();
        let entry = self.values.vacant_entry();
        let slot = u32::try_from(entry.key()).expect("memory holds fewer than 2^32 sessions");
        entry.insert(Box::new(make(slot)));
        if let Some(old) = self.slots.insert(session, slot) {
            self.values.remove(old as usize);
        }
    }

    pub(crate) fn get_mut(&mut self, session: SessionId) -> Option<&mut T> {
        self.at(*self.slots.get(&session)?)
    }

    /// Calls `each` with every given session that has a value, in this order, with the number of
    /// its group, and with its value. Members of the same group have the same number.
    pub(crate) fn for_each(
        &mut self,
        sessions: &[SessionId],
        mut each: impl FnMut(SessionId, u32, &mut T),
    ) {
        let Self { slots, values, cached } = self;
        if !cached.matches(sessions) {
            cached.clear();
            for &session in sessions {
                if let Some(&slot) = slots.get(&session)
                    && let Some(value) = values.get(slot as usize)
                {
                    cached.add(session, slot, value.group());
                }
            }
        }
        for (&session, member) in cached.sessions.iter().zip(&cached.members) {
            if let Some(value) = values.get_mut(member.slot as usize) {
                each(session, member.group, value);
            }
        }
    }

    /// Returns the current value in a slot.
    pub(crate) fn at(&mut self, slot: u32) -> Option<&mut T> {
        self.values.get_mut(slot as usize).map(Box::as_mut)
    }

    pub(crate) fn remove(&mut self, session: SessionId) -> Option<T> {
        self.cached.clear();
        self.values.try_remove(self.slots.remove(&session)? as usize).map(|value| *value)
    }

    pub(crate) fn sessions(&self) -> impl Iterator<Item = SessionId> {
        self.slots.keys().copied()
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &T> {
        self.values.iter().map(|(_, value)| value.as_ref())
    }
}

impl<T: EncodingGroup> Default for SessionTable<T> {
    fn default() -> Self {
        Self {
            slots: FxHashMap::default(),
            values: Slab::new(),
            cached: CachedRecipients::default(),
        }
    }
}

impl<G: PartialEq> CachedRecipients<G> {
    fn add(&mut self, session: SessionId, slot: u32, group: G) {
        let place = self.groups.iter().position(|known| *known == group);
        let group = place.unwrap_or_else(|| {
            self.groups.push(group);
            self.groups.len() - 1
        });
        self.sessions.push(session);
        self.members.push(Member { slot, group: group as u32 });
    }

    fn clear(&mut self) {
        self.sessions.clear();
        self.members.clear();
        self.groups.clear();
    }

    /// Returns true if these are the cached recipients. It compares all of them without an early
    /// exit, because they are usually equal, and the compiler can compare many at once.
    fn matches(&self, sessions: &[SessionId]) -> bool {
        let pairs = self.sessions.iter().zip(sessions);
        self.sessions.len() == sessions.len() && pairs.fold(true, |same, (a, b)| same & (a == b))
    }
}

impl<G> Default for CachedRecipients<G> {
    fn default() -> Self {
        Self { sessions: Vec::new(), members: Vec::new(), groups: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names are grouped by their length.
    impl EncodingGroup for &'static str {
        type Group = usize;

        fn group(&self) -> usize {
            self.len()
        }
    }

    #[test]
    fn members_of_a_group_have_the_same_number() {
        let mut session_table = SessionTable::default();
        for (number, name) in (1..).zip(["one", "two", "three", "four", "five"]) {
            session_table.insert(SessionId(number), |_| name);
        }
        let mut numbers = Vec::new();
        session_table.for_each(&[1, 5, 3, 2, 4].map(SessionId), |_, group, _| numbers.push(group));
        assert_eq!(numbers, [0, 1, 2, 0, 1]);
    }

    #[test]
    fn cached_recipients_are_updated_after_changes() {
        let mut session_table = SessionTable::default();
        let room = [1, 2, 3].map(SessionId);
        let found = |session_table: &mut SessionTable<&'static str>| {
            let mut found = Vec::new();
            session_table.for_each(&room, |session, _, name| found.push((session.0, *name)));
            found
        };
        session_table.insert(SessionId(1), |_| "one");
        session_table.insert(SessionId(2), |_| "two");
        assert_eq!(found(&mut session_table), [(1, "one"), (2, "two")]);
        session_table.insert(SessionId(3), |_| "three");
        assert_eq!(found(&mut session_table), [(1, "one"), (2, "two"), (3, "three")]);
        assert_eq!(
            found(&mut session_table),
            [(1, "one"), (2, "two"), (3, "three")],
            "from the cache"
        );
        // The removed value's slot is used again.
        session_table.remove(SessionId(2));
        session_table.insert(SessionId(4), |_| "four");
        assert_eq!(found(&mut session_table), [(1, "one"), (3, "three")]);
        session_table.insert(SessionId(2), |_| "two again");
        assert_eq!(found(&mut session_table), [(1, "one"), (2, "two again"), (3, "three")]);
    }
}
