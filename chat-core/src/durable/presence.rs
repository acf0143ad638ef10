//! The members of a channel who are online.

use super::recent_events::RecentEvents;
use crate::{MessageId, Nickname, Role, RosterEntry, SessionId, StatusSet, UserId, UserInfo};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Bound;

/// The transient part of a channel: its members, their sessions, the invitations of guests, and
/// the last events. No record changes it, and a restored channel has none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Presence {
    /// Sorted by name, so that the cost of a cut roster does not grow with the channel.
    pub(crate) members: BTreeMap<Nickname, Member>,
    /// The sessions of the members, sorted: the recipients of a message to the channel.
    pub(crate) audience: Vec<SessionId>,
    /// Users without an account who are invited.
    pub(crate) invited: BTreeSet<UserId>,
    /// The last events, which clients read with the messages.
    pub(crate) events: RecentEvents,
}

#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) user: UserId,
    /// The public identity of the user, so that a roster needs no search for each member.
    pub(crate) info: Arc<UserInfo>,
    pub(crate) statuses: StatusSet,
    /// The newest message when the user, or its account, joined.
    pub(crate) since: MessageId,
}

impl Presence {
    pub(crate) fn add_member(&mut self, member: Member, sessions: &[SessionId]) {
        self.members.insert(member.info.nickname.clone(), member);
        sessions.iter().for_each(|&session| self.add_session(session));
    }

    pub(crate) fn remove_member(&mut self, nickname: &Nickname, sessions: &[SessionId]) {
        self.members.remove(nickname);
        sessions.iter().for_each(|&session| self.remove_session(session));
    }

    pub(crate) fn add_session(&mut self, session: SessionId) {
        if let Err(place) = self.audience.binary_search(&session) {
            self.audience.insert(place, session);
        }
    }

    pub(crate) fn remove_session(&mut self, session: SessionId) {
        if let Ok(place) = self.audience.binary_search(&session) {
            self.audience.remove(place);
        }
    }

    /// Replaces the identity of a member, who had the nickname `from`.
    pub(crate) fn update_member(&mut self, from: &Nickname, info: &Arc<UserInfo>) {
        // Removed and inserted even if the nicknames are equal, because the shown form may differ.
        if let Some(mut member) = self.members.remove(from) {
            member.info = info.clone();
            self.members.insert(info.nickname.clone(), member);
        }
    }

    /// Returns the members after a nickname, or all of them, sorted by name.
    pub(crate) fn members_after(&self, after: Option<&Nickname>) -> impl Iterator<Item = &Member> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.members.range::<Nickname, _>((start, Bound::Unbounded)).map(|(_, member)| member)
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
