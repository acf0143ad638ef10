//! The modes of users, and what follows from them.

use super::State;
use crate::{AccountName, Nickname, SessionId, UserId, UserModes};
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

impl State {
    /// Returns the modes of a user.
    pub(crate) fn user_modes(&self, id: UserId) -> UserModes {
        UserModes {
            invisible: self.users_by_mode.is_invisible(id),
            announcements: self.users_by_mode.wants_announcements(id),
            operator: self.is_operator(id),
        }
    }

    /// Replaces the modes of a user.
    pub(crate) fn set_user_modes(&mut self, id: UserId, modes: UserModes) {
        let Some(user) = self.users.get(&id) else { return };
        self.users_by_mode.set(id, modes);
        self.names.set_hidden(user.nickname(), modes.invisible);
    }

    /// Returns true if a user is a server operator, by its account or by its login.
    pub(crate) fn is_operator(&self, id: UserId) -> bool {
        let account = || self.user(id).and_then(|user| user.account());
        self.users_by_mode.is_operator(id)
            || account().is_some_and(|account| self.is_server_operator(account))
    }

    /// Returns the name of a server operator: its account, or its nickname if it has none.
    pub(crate) fn operator_name(&self, id: UserId) -> Option<AccountName> {
        let user = self.user(id).filter(|_| self.is_operator(id))?;
        Some(user.account().cloned().unwrap_or_else(|| user.nickname().shown().into()))
    }

    /// Returns the server operators who are online.
    pub(crate) fn operators(&self) -> BTreeSet<UserId> {
        let accounts = self.config.server_operators.iter();
        let by_account = accounts.filter_map(|account| self.user_of_account(account));
        by_account.chain(self.users_by_mode.operators()).collect()
    }

    /// Returns the sessions of the server operators who are online, sorted.
    pub(crate) fn operator_sessions(&self) -> Vec<SessionId> {
        self.sessions_of_all(&self.operators())
    }

    /// Returns the sessions of the users who are sent announcements, sorted.
    pub(crate) fn announcement_sessions(&self) -> Vec<SessionId> {
        let mut users = self.operators();
        users.extend(self.users_by_mode.with_announcements());
        self.sessions_of_all(&users)
    }

    pub(crate) fn invisible_count(&self) -> usize {
        self.users_by_mode.invisible_count()
    }

    /// Returns true if lists show a user to another one only if they share a channel.
    pub(crate) fn is_hidden_from(&self, id: UserId, asker: UserId, asker_is_member: bool) -> bool {
        self.users_by_mode.is_invisible(id)
            && id != asker
            && !asker_is_member
            && !self.share_channel(id, asker)
            && !self.is_operator(asker)
    }

    /// Hides the new nickname of a user who is invisible.
    pub(super) fn hide_renamed(&mut self, id: UserId, nickname: &Nickname) {
        if self.users_by_mode.is_invisible(id) {
            self.names.set_hidden(nickname, true);
        }
    }

    fn share_channel(&self, one: UserId, other: UserId) -> bool {
        let (Some(one), Some(other)) = (self.user(one), self.user(other)) else { return false };
        one.channels.iter().any(|name| other.channels.contains(name))
    }

    fn sessions_of_all(&self, users: &BTreeSet<UserId>) -> Vec<SessionId> {
        let sessions = users.iter().flat_map(|id| self.sessions_of(*id).iter().copied());
        let mut sessions: Vec<_> = sessions.collect();
        sessions.sort_unstable();
        sessions
    }
}
