//! Everything that the engine knows, and the changes that keep it consistent.
//!
//! No rule about who may do what is in here (those are in [`commands`](crate::commands)); what is in here makes sure that a
//! user's list of channels and a channel's list of members always agree.

mod bucket;
mod channel;
mod deadlines;
mod history;
mod list;
mod names;
mod peers;
mod session;
mod user;

pub(crate) use channel::Channel;
pub(crate) use session::Session;
pub(crate) use user::User;

use crate::{
    ChannelName, Config, MessageId, Modes, Nickname, Peer, SessionId, StatusSet, Timestamp, UserId,
};
use alloc::collections::BTreeMap;
use deadlines::Deadlines;
use names::Names;

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) config: Config,
    pub(crate) now: Timestamp,
    pub(crate) sessions: BTreeMap<SessionId, Session>,
    pub(crate) users: BTreeMap<UserId, User>,
    pub(crate) channels: BTreeMap<ChannelName, Channel>,
    pub(crate) names: Names,
    pub(crate) deadlines: Deadlines,
    last_user: u64,
    last_message: u64,
    /// The number in the last name that was given.
    pub(crate) last_guest: u64,
}

impl State {
    pub(crate) fn new(config: Config, now: Timestamp) -> Self {
        let lobby = Channel::new(now, Modes::default());
        Self {
            config,
            now,
            sessions: BTreeMap::new(),
            users: BTreeMap::new(),
            channels: BTreeMap::from([(ChannelName::lobby(), lobby)]),
            names: Names::default(),
            deadlines: Deadlines::default(),
            last_user: 0,
            last_message: 0,
            last_guest: 0,
        }
    }

    pub(crate) fn next_message_id(&mut self) -> MessageId {
        self.last_message += 1;
        MessageId(self.last_message)
    }

    /// Begins a session, unless there is one of this number.
    pub(crate) fn open(&mut self, session: SessionId, peer: Peer) {
        if self.sessions.contains_key(&session) {
            return;
        }
        let opened = Session::new(peer, self.now);
        if let Some(deadline) = opened.deadline(&self.config) {
            self.deadlines.arm(session, deadline);
        }
        self.sessions.insert(session, opened);
    }

    /// Makes a session speak for a new user of this name, which must be free.
    pub(crate) fn add_user(&mut self, session: SessionId, nickname: Nickname) -> UserId {
        self.last_user += 1;
        let id = UserId(self.last_user);
        if let Some(holder) = self.sessions.get_mut(&session) {
            holder.name(id, self.now);
            self.users.insert(id, User::new(session, nickname.clone(), &holder.peer, self.now));
            self.names.insert(&nickname, id);
        }
        if let Some(timeout) = self.config.idle_timeout {
            self.deadlines.arm(session, self.now + timeout);
        }
        id
    }

    /// Gives a user another name, everywhere.
    pub(crate) fn rename(&mut self, id: UserId, to: &Nickname) {
        let Some(user) = self.users.get_mut(&id) else {
            return;
        };
        let from = core::mem::replace(&mut user.nickname, to.clone());
        self.names.remove(&from);
        self.names.insert(to, id);
        for name in &user.channels {
            if let Some(channel) = self.channels.get_mut(name) {
                channel.rename_member(&from, to);
            }
        }
    }

    /// Puts a user into a channel; an invitation is used up.
    pub(crate) fn add_member(&mut self, name: &ChannelName, id: UserId, statuses: StatusSet) {
        let (Some(user), Some(channel)) = (self.users.get_mut(&id), self.channels.get_mut(name))
        else {
            return;
        };
        user.channels.insert(name.clone());
        user.invitations.remove(name);
        channel.invited.remove(&id);
        channel.add_member(user, id, statuses);
    }

    /// Takes a user out of a channel. Returns whether the channel is forgotten, having become empty.
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
                    user.invitations.remove(name);
                }
            }
        }
        true
    }

    /// Lets a user into a channel that is by invitation only, once.
    pub(crate) fn invite(&mut self, name: &ChannelName, id: UserId) {
        if let (Some(user), Some(channel)) = (self.users.get_mut(&id), self.channels.get_mut(name))
        {
            user.invitations.insert(name.clone());
            channel.invited.insert(id);
        }
    }

    /// Forgets a session, and the user it speaks for, who must have left every channel.
    pub(crate) fn remove_session(&mut self, session: SessionId) {
        self.deadlines.disarm(session);
        let Some(id) = self.sessions.remove(&session).and_then(|session| session.user) else {
            return;
        };
        let Some(user) = self.users.remove(&id) else {
            return;
        };
        self.names.remove(&user.nickname);
        for name in &user.invitations {
            if let Some(channel) = self.channels.get_mut(name) {
                channel.invited.remove(&id);
            }
        }
    }

    /// The user of this name who is online.
    pub(crate) fn user_named(&self, nickname: &Nickname) -> Option<(UserId, &User)> {
        let id = self.names.owner(nickname)?;
        Some((id, self.users.get(&id)?))
    }
}
