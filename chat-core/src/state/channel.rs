//! A channel and its members.

use super::history::History;
use super::list::AccessList;
use super::user::User;
use crate::{
    List, Modes, Nickname, Role, RosterEntry, SessionId, StatusSet, Timestamp, Topic, UserId,
    UserInfo,
};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
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

#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) user: UserId,
    /// The public identity of the user, so that a roster needs no search for each member.
    pub(crate) info: Arc<UserInfo>,
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
        let info = user.info.clone();
        self.members.insert(info.nickname.clone(), Member { user: id, info, statuses });
        user.sessions.iter().for_each(|&session| self.add_session(session));
    }

    pub(super) fn remove_member(&mut self, user: &User) {
        self.members.remove(user.nickname());
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

    /// Replaces the identity of a member, who had the nickname `from`.
    pub(super) fn update_member(&mut self, from: &Nickname, info: &Arc<UserInfo>) {
        // Removed and inserted even if the nicknames are equal, because the shown form may differ.
        if let Some(mut member) = self.members.remove(from) {
            member.info = info.clone();
            self.members.insert(info.nickname.clone(), member);
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
        let entry =
            |member: &Member| RosterEntry { user: member.info.clone(), statuses: member.statuses };
        let mut entries: Vec<_> = self.members.values().take(limit).map(entry).collect();
        let cut_off = entries.last().is_some_and(|last| last.user.nickname < *reader);
        if cut_off && let Some(own) = self.members.get(reader) {
            entries.pop();
            entries.push(entry(own));
        }
        entries
    }
}
