//! The nicknames that sessions watch.

use crate::{Nickname, SessionId};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

/// The nicknames that sessions watch. Sessions that watch none take no room.
#[derive(Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Watches {
    by_nickname: BTreeMap<Nickname, BTreeSet<SessionId>>,
    by_session: BTreeMap<SessionId, BTreeSet<Nickname>>,
}

impl Watches {
    pub(crate) fn insert(&mut self, session: SessionId, nickname: Nickname) {
        self.by_session.entry(session).or_default().insert(nickname.clone());
        self.by_nickname.entry(nickname).or_default().insert(session);
    }

    pub(crate) fn remove(&mut self, session: SessionId, nickname: &Nickname) {
        if let Some(nicknames) = self.by_session.get_mut(&session) {
            nicknames.remove(nickname);
            if nicknames.is_empty() {
                self.by_session.remove(&session);
            }
        }
        self.remove_session(session, nickname);
    }

    /// Removes all watches of a session.
    pub(crate) fn forget(&mut self, session: SessionId) {
        for nickname in self.by_session.remove(&session).unwrap_or_default() {
            self.remove_session(session, &nickname);
        }
    }

    /// Returns the nicknames that a session watches, sorted.
    pub(crate) fn of(&self, session: SessionId) -> impl Iterator<Item = &Nickname> {
        self.by_session.get(&session).into_iter().flatten()
    }

    /// Returns true if a session watches a nickname.
    pub(crate) fn has(&self, session: SessionId, nickname: &Nickname) -> bool {
        self.by_session.get(&session).is_some_and(|nicknames| nicknames.contains(nickname))
    }

    /// Returns the sessions that watch a nickname, sorted.
    pub(super) fn sessions(&self, nickname: &Nickname) -> Vec<SessionId> {
        self.by_nickname.get(nickname).into_iter().flatten().copied().collect()
    }

    fn remove_session(&mut self, session: SessionId, nickname: &Nickname) {
        if let Some(sessions) = self.by_nickname.get_mut(nickname) {
            sessions.remove(&session);
            if sessions.is_empty() {
                self.by_nickname.remove(nickname);
            }
        }
    }
}
