//! A channel and its members.

use super::history::History;
use super::list::AccessList;
use super::user::User;
use crate::{
    List, Modes, Nickname, Role, RosterEntry, SessionId, StatusSet, Timestamp, Topic, UserId,
};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

#[derive(Debug)]
pub(crate) struct Channel {
    pub(crate) created: Timestamp,
    pub(crate) topic: Option<Topic>,
    pub(crate) modes: Modes,
    /// Sorted by name, so that the cost of a cut roster does not grow with the channel.
    pub(crate) members: BTreeMap<Nickname, Member>,
    /// The sessions of the members, sorted: the recipients of a message to the channel.
    pub(crate) audience: Vec<SessionId>,
    pub(crate) invited: BTreeSet<UserId>,
    pub(crate) history: History,
    bans: AccessList,
    mutes: AccessList,
    exceptions: AccessList,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    pub(crate) user: UserId,
    pub(crate) statuses: StatusSet,
}

impl Channel {
    pub(crate) fn new(created: Timestamp, modes: Modes) -> Self {
        Self {
            created,
            topic: None,
            modes,
            members: BTreeMap::new(),
            audience: Vec::new(),
            invited: BTreeSet::new(),
            history: History::default(),
            bans: AccessList::default(),
            mutes: AccessList::default(),
            exceptions: AccessList::default(),
        }
    }

    pub(super) fn add_member(&mut self, user: &User, id: UserId, statuses: StatusSet) {
        self.members.insert(user.nickname.clone(), Member { user: id, statuses });
        user.sessions.iter().for_each(|&session| self.add_session(session));
    }

    pub(super) fn remove_member(&mut self, user: &User) {
        self.members.remove(&user.nickname);
        user.sessions.iter().for_each(|&session| self.remove_session(session));
    }

    pub(super) fn add_session(&mut self, session: SessionId) {
        if let Err(place) = self.audience.binary_search(&session) {
            self.audience.insert(place, session);
        }
    }

    pub(super) fn remove_session(&mut self, session: SessionId) {
        if let Ok(place) = self.audience.binary_search(&session) {
            self.audience.remove(place);
        }
    }

    pub(super) fn rename_member(&mut self, from: &Nickname, to: &Nickname) {
        // Removed and inserted even if the two are equal, because the shown form may differ.
        if let Some(member) = self.members.remove(from) {
            self.members.insert(to.clone(), member);
        }
    }

    pub(crate) fn list(&self, list: List) -> &AccessList {
        match list {
            List::Bans => &self.bans,
            List::Mutes => &self.mutes,
            List::Exceptions => &self.exceptions,
        }
    }

    pub(crate) fn list_mut(&mut self, list: List) -> &mut AccessList {
        match list {
            List::Bans => &mut self.bans,
            List::Mutes => &mut self.mutes,
            List::Exceptions => &mut self.exceptions,
        }
    }

    /// Returns true if a list of bans or mutes applies to a user, considering exceptions.
    pub(crate) fn restricts(&self, list: List, id: UserId, user: &User) -> bool {
        self.list(list).covers(id, user) && !self.exceptions.covers(id, user)
    }

    /// Returns the role of a member; `None` for a user who is not in the channel.
    pub(crate) fn role(&self, nickname: &Nickname) -> Option<Role> {
        self.members.get(nickname).map(|member| member.statuses.role())
    }

    /// Returns the first `limit` members by name; `reader` is always among them.
    pub(crate) fn roster(&self, limit: usize, reader: &Nickname) -> Vec<RosterEntry> {
        let entry = |(nickname, member): (&Nickname, &Member)| RosterEntry {
            nickname: nickname.clone(),
            role: member.statuses.role(),
        };
        let mut entries: Vec<_> = self.members.iter().take(limit).map(entry).collect();
        let cut_off = entries.last().is_some_and(|last| last.nickname < *reader);
        if cut_off && let Some(own) = self.members.get_key_value(reader) {
            entries.pop();
            entries.push(entry(own));
        }
        entries
    }
}
