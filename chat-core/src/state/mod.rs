//! The engine's state, and the changes that keep it consistent.
//!
//! Permissions are checked in [`commands`](crate::commands). This module makes sure that a user's
//! list of channels and a channel's list of members always agree.

mod bucket;
mod channel;
mod deadlines;
mod history;
mod list;
mod names;
mod nonces;
mod peers;
mod session;
mod sorted_set;
mod user;

pub(crate) use channel::{Channel, Member};
pub(crate) use nonces::{Acknowledgement, NonceLimits, NonceOwner, Nonces};
pub(crate) use session::{Due, NameRequest, Newcomer, Pending, Session, Standing};
pub(crate) use user::User;

use crate::{
    AccountName, ChannelName, Config, MessageId, Modes, Nickname, Peer, Profile, QuestionId,
    SessionId, StatusSet, Text, Timestamp, UserId, UserInfo,
};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use deadlines::Deadlines;
use names::Names;

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) config: Config,
    pub(crate) now: Timestamp,
    /// The time at which the engine was created.
    pub(crate) started: Timestamp,
    /// Boxed, like users and channels: sessions are inserted in the order of their ids, which
    /// leaves the map's nodes half empty.
    pub(crate) sessions: BTreeMap<SessionId, Box<Session>>,
    pub(crate) users: BTreeMap<UserId, Box<User>>,
    pub(crate) channels: BTreeMap<ChannelName, Box<Channel>>,
    pub(crate) names: Names,
    /// The users with an account, by the account; an account has at most one user.
    accounts: BTreeMap<AccountName, UserId>,
    pub(crate) deadlines: Deadlines<SessionId>,
    /// The times at which disconnected users quit.
    pub(crate) quits: Deadlines<UserId>,
    pub(crate) nonces: Nonces,
    last_user: u64,
    last_message: u64,
    last_question: u64,
    /// The number of the last guest name.
    pub(crate) last_guest: u64,
}

impl State {
    /// Returns the user of this id.
    pub(crate) fn user(&self, id: UserId) -> Option<&User> {
        self.users.get(&id).map(Box::as_ref)
    }

    pub(crate) fn new(config: Config, now: Timestamp) -> Self {
        let lobby = Channel::new(now, Modes::default());
        let names = Names::new(&config.reserved_names);
        Self {
            config,
            now,
            started: now,
            sessions: BTreeMap::new(),
            users: BTreeMap::new(),
            channels: BTreeMap::from([(ChannelName::lobby(), Box::new(lobby))]),
            names,
            accounts: BTreeMap::new(),
            deadlines: Deadlines::default(),
            quits: Deadlines::default(),
            nonces: Nonces::default(),
            last_user: 0,
            last_message: 0,
            last_question: 0,
            last_guest: 0,
        }
    }

    pub(crate) fn next_message_id(&mut self) -> MessageId {
        self.last_message += 1;
        MessageId(self.last_message)
    }

    pub(crate) fn next_question_id(&mut self) -> QuestionId {
        self.last_question += 1;
        QuestionId(self.last_question)
    }

    /// Opens a session, unless one of this id exists.
    pub(crate) fn open(&mut self, session: SessionId, peer: Peer) {
        if self.sessions.contains_key(&session) {
            return;
        }
        self.sessions.insert(session, Box::new(Session::new(peer, self.now)));
        self.arm(session);
    }

    /// Creates a user of this nickname, which must be free, for a session. The host may have
    /// decided the nickname.
    pub(crate) fn add_user(
        &mut self,
        session: SessionId,
        nickname: Nickname,
        named_by_host: bool,
        profile: Option<Profile<Text>>,
    ) -> UserId {
        self.last_user += 1;
        let id = UserId(self.last_user);
        if let Some(holder) = self.sessions.get_mut(&session) {
            let peer = holder.set_user(id, named_by_host, self.now);
            let user = User::new(
                id,
                session,
                nickname.clone(),
                (peer, profile.unwrap_or_default()),
                self.now,
            );
            if let Some(account) = user.account() {
                self.accounts.insert(account.clone(), id);
            }
            self.users.insert(id, Box::new(user));
            self.names.insert(&nickname, id);
        }
        self.arm(session);
        id
    }

    /// Attaches a session to an existing user, online or disconnected, and adds it to the audiences
    /// of the user's channels.
    pub(crate) fn attach(&mut self, session: SessionId, id: UserId) {
        let open = self.sessions.get(&session);
        let offered = open.and_then(|open| open.newcomer()).map(|newcomer| &newcomer.offered[..]);
        let is_users = |name: &Arc<str>| {
            let nickname = Nickname::parse(name).ok();
            nickname.is_some_and(|nickname| self.names.owner(&nickname) == Some(id))
        };
        let named_by_host = offered.unwrap_or_default().iter().any(is_users);
        let (Some(holder), Some(user)) = (self.sessions.get_mut(&session), self.users.get_mut(&id))
        else {
            return;
        };
        holder.set_user(id, named_by_host, self.now);
        user.sessions.insert(session);
        self.quits.replace(id, user.set_quits_at(None), None);
        for name in user.channels.iter() {
            if let Some(channel) = self.channels.get_mut(name) {
                channel.add_session(session);
            }
        }
        self.arm(session);
    }

    /// Removes a session of a user who stays.
    pub(crate) fn detach(&mut self, session: SessionId) {
        let id = self.forget_session(session);
        let Some(user) = id.and_then(|id| self.users.get_mut(&id)) else {
            return;
        };
        user.sessions.remove(&session);
        for name in user.channels.iter() {
            if let Some(channel) = self.channels.get_mut(name) {
                channel.remove_session(session);
            }
        }
    }

    /// Sets the time at which a user without a connection quits.
    pub(crate) fn await_return(&mut self, id: UserId, until: Timestamp) {
        if let Some(user) = self.users.get_mut(&id) {
            self.quits.replace(id, user.set_quits_at(Some(until)), Some(until));
        }
    }

    /// Returns the next user who has not reconnected in time; each is returned once.
    pub(crate) fn take_overdue(&mut self) -> Option<UserId> {
        let id = self.quits.take_due(self.now)?;
        if let Some(user) = self.users.get_mut(&id) {
            user.set_quits_at(None);
        }
        Some(id)
    }

    /// Returns the time at which the engine has to act without an input.
    pub(crate) fn next_deadline(&self) -> Option<Timestamp> {
        [self.deadlines.next(), self.quits.next()].into_iter().flatten().min()
    }

    /// Sets the deadline of a session.
    pub(crate) fn arm(&mut self, session: SessionId) {
        let Some(open) = self.sessions.get_mut(&session) else {
            return;
        };
        let deadline = open.deadline(&self.config).map(|(at, _)| at);
        let before = core::mem::replace(&mut open.armed, deadline);
        self.deadlines.replace(session, before, deadline);
    }

    /// Removes the earliest deadline that has passed, if any, and returns its session.
    pub(crate) fn take_due(&mut self) -> Option<SessionId> {
        let session = self.deadlines.take_due(self.now)?;
        if let Some(open) = self.sessions.get_mut(&session) {
            open.armed = None;
        }
        Some(session)
    }

    /// Replaces the identity of a user in all channels and indexes. Its nickname must be free.
    pub(crate) fn update_user(&mut self, id: UserId, info: Arc<UserInfo>) {
        let Some(user) = self.users.get_mut(&id) else {
            return;
        };
        let before = core::mem::replace(&mut user.info, info);
        let after = &user.info;
        if before.nickname.shown() != after.nickname.shown() {
            self.names.remove(&before.nickname);
            self.names.insert(&after.nickname, id);
        }
        if before.account != after.account {
            if let Some(account) = &before.account {
                self.accounts.remove(account);
            }
            if let Some(account) = &after.account {
                self.accounts.insert(account.clone(), id);
            }
        }
        for name in user.channels.iter() {
            if let Some(channel) = self.channels.get_mut(name) {
                channel.update_member(&before.nickname, after);
            }
        }
    }

    /// Adds a user to a channel, and removes its invitation.
    pub(crate) fn add_member(&mut self, name: &ChannelName, id: UserId, statuses: StatusSet) {
        let (Some(user), Some(channel)) = (self.users.get_mut(&id), self.channels.get_mut(name))
        else {
            return;
        };
        user.channels.insert(name.clone());
        user.forget_invitation(name);
        channel.invited.remove(&id);
        channel.add_member(user, id, statuses);
    }

    /// Removes a user from a channel. Returns whether the channel was removed because it became
    /// empty.
    pub(crate) fn remove_member(&mut self, name: &ChannelName, id: UserId) -> bool {
        if let (Some(user), Some(channel)) = (self.users.get_mut(&id), self.channels.get_mut(name))
        {
            user.channels.remove(name);
            channel.remove_member(user);
        }
        let empty = self.channels.get(name).is_some_and(|channel| channel.members.is_empty());
        if !empty || name.is_lobby() {
            return false;
        }
        if let Some(channel) = self.channels.remove(name) {
            for id in &channel.invited {
                if let Some(user) = self.users.get_mut(id) {
                    user.forget_invitation(name);
                }
            }
        }
        true
    }

    /// Stores an invitation, which admits a user once to an invite-only channel.
    pub(crate) fn invite(&mut self, name: &ChannelName, id: UserId) {
        if let (Some(user), Some(channel)) = (self.users.get_mut(&id), self.channels.get_mut(name))
        {
            user.invite(name.clone());
            channel.invited.insert(id);
        }
    }

    /// Removes a user, who must have left every channel.
    pub(crate) fn remove_user(&mut self, id: UserId) {
        let Some(mut user) = self.users.remove(&id) else {
            return;
        };
        self.quits.replace(id, user.set_quits_at(None), None);
        self.nonces.forget(&NonceOwner::Guest(id));
        self.names.remove(user.nickname());
        if let Some(account) = user.account() {
            self.accounts.remove(account);
        }
        for name in user.invitations() {
            if let Some(channel) = self.channels.get_mut(name) {
                channel.invited.remove(&id);
            }
        }
    }

    /// Removes a session. Returns its user.
    pub(crate) fn forget_session(&mut self, session: SessionId) -> Option<UserId> {
        let open = self.sessions.remove(&session)?;
        self.deadlines.replace(session, open.armed, None);
        open.user()
    }

    /// Returns the user of this account.
    pub(crate) fn user_of_account(&self, account: &AccountName) -> Option<UserId> {
        self.accounts.get(account).copied()
    }

    /// Returns the limits of nonces.
    pub(crate) fn nonce_limits(&self) -> NonceLimits {
        let Config { nonce_window: window, nonces_per_user: per_sender, .. } = self.config;
        NonceLimits { window, per_sender }
    }

    /// Returns the owner of the nonces of a user.
    pub(crate) fn nonce_owner(&self, id: UserId) -> NonceOwner {
        match self.user(id).and_then(User::account).cloned() {
            Some(account) => NonceOwner::Account(account),
            None => NonceOwner::Guest(id),
        }
    }

    /// Removes nonces that have expired, a few at once.
    pub(crate) fn prune_nonces(&mut self) {
        let limits = self.nonce_limits();
        self.nonces.prune(self.now, limits);
    }

    /// Returns the sessions of a user, sorted.
    pub(crate) fn sessions_of(&self, id: UserId) -> &[SessionId] {
        self.users.get(&id).map_or(&[], |user| &user.sessions)
    }

    /// Returns the user of this nickname.
    pub(crate) fn user_named(&self, nickname: &Nickname) -> Option<(UserId, &User)> {
        let id = self.names.owner(nickname)?;
        Some((id, self.users.get(&id)?))
    }
}
