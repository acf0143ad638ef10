//! The authority with which a channel is changed: that of a user, by its role, or that of the host.

use crate::durable::Channel;
use crate::effect::EffectBuffer;
use crate::state::{State, User};
use crate::{
    Actor, ChannelName, Event, List, ListEntry, ListSubject, Nickname, Record, Refusal, Role,
    SessionId, Text, Timestamp, UserId, UserInfo,
};
use alloc::sync::Arc;

/// The context of a command that changes a channel or its members, from a user or from the host.
///
/// The host and server operators see every channel, act in it without being members, and outrank
/// everybody.
pub(super) struct Authority<'a> {
    pub(super) state: &'a mut State,
    pub(super) out: &'a mut EffectBuffer,
    /// The cause of the events.
    by: Actor,
    /// True if the caller's role in a channel is not asked for.
    is_above_roles: bool,
    /// The session that gave the command and gets the reply instead of the event.
    session: Option<SessionId>,
}

impl<'a> Authority<'a> {
    /// Creates the authority of a user, who gives a command in a session.
    pub(super) fn of_user(
        state: &'a mut State,
        out: &'a mut EffectBuffer,
        user: Arc<UserInfo>,
        session: Option<SessionId>,
    ) -> Self {
        Self { state, out, by: Actor::User(user), is_above_roles: false, session }
    }

    /// Creates the authority of a server operator, who gives a command of
    /// [that kind](crate::OperatorCommand) in a session.
    pub(super) fn of_server_operator(
        state: &'a mut State,
        out: &'a mut EffectBuffer,
        user: Arc<UserInfo>,
        session: Option<SessionId>,
    ) -> Self {
        Self { is_above_roles: true, ..Self::of_user(state, out, user, session) }
    }

    /// Creates the authority of the host.
    pub(super) fn of_host(state: &'a mut State, out: &'a mut EffectBuffer) -> Self {
        Self { state, out, by: Actor::Server, is_above_roles: true, session: None }
    }

    /// Returns the user whose role decides; none for the host and for a server operator.
    fn ranked_user(&self) -> Option<&Arc<UserInfo>> {
        self.by.user().filter(|_| !self.is_above_roles)
    }

    /// Returns true if the caller is the host.
    pub(super) fn is_host(&self) -> bool {
        self.by == Actor::Server
    }

    /// Returns the cause of the events.
    pub(super) fn actor(&self) -> Actor {
        match &self.by {
            Actor::User(user) => Actor::User(user.without_data()),
            Actor::Server => Actor::Server,
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.state.now
    }

    /// Applies a record to the durable state, and emits it.
    pub(super) fn record(&mut self, record: Record) {
        self.state.record(self.out, record);
    }

    /// Returns the channel of this name with its name as it was first written, and the role of the
    /// caller, who has to be a member. The host and server operators have the rights of an owner
    /// everywhere.
    pub(super) fn joined_channel(
        &self,
        name: &ChannelName,
    ) -> Result<(ChannelName, &Channel, Role), Refusal> {
        let Some(user) = self.ranked_user() else {
            let (name, channel) = self.state.visible_channel(name, None)?;
            return Ok((name, channel, Role::Owner));
        };
        self.state.joined_channel(name, &user.nickname)
    }

    /// Does the same as [`joined_channel`](Self::joined_channel), for commands of operators and
    /// owners only.
    pub(super) fn governed_channel(
        &self,
        name: &ChannelName,
    ) -> Result<(ChannelName, &Channel, Role), Refusal> {
        let Some(user) = self.ranked_user() else {
            return self.joined_channel(name);
        };
        self.state.governed_channel(name, &user.nickname)
    }

    /// Returns true if the caller is on a list of a channel, and not exempted from it.
    pub(super) fn is_restricted(&self, channel: &Channel, list: List) -> bool {
        let user = self.ranked_user().and_then(|user| self.state.user_named(&user.nickname));
        user.is_some_and(|(id, user)| channel.restricts(list, id, &user.info))
    }

    /// Returns the user of this name, if it is online and not disconnected.
    pub(super) fn online(&self, nickname: &Nickname) -> Result<(UserId, &User), Refusal> {
        self.state.online(nickname)
    }

    /// Delivers an event to every session in a channel, except the one that gave the command.
    pub(super) fn tell_channel(&mut self, channel: &ChannelName, event: impl FnOnce() -> Event) {
        if let Some(channel) = self.state.durable.channels.get(channel) {
            self.out.deliver(&channel.presence.audience, self.session.as_slice(), event);
        }
    }

    /// Delivers an event to these sessions, which are sorted, except the one that gave the command.
    pub(super) fn tell_sessions(&mut self, to: &[SessionId], event: impl FnOnce() -> Event) {
        self.out.deliver(to, self.session.as_slice(), event);
    }

    /// Does the same with an event that is kept with the messages of the channel.
    pub(super) fn tell_channel_of_change(&mut self, channel: &ChannelName, event: &Event) {
        self.state.keep_event(channel, || event.clone());
        self.tell_channel(channel, || event.clone());
    }

    /// Delivers an event that is not the one in the reply to every session in a channel.
    pub(super) fn tell_whole_channel(
        &mut self,
        channel: &ChannelName,
        event: impl FnOnce() -> Event,
    ) {
        if let Some(channel) = self.state.durable.channels.get(channel) {
            self.out.deliver(&channel.presence.audience, &[], event);
        }
    }

    /// Removes a member from a channel, and the channel itself if it is empty then.
    pub(super) fn remove_member(&mut self, channel: &ChannelName, user: UserId) {
        self.state.remove_member(self.out, channel, user);
    }

    /// Returns the identity of the user who has a nickname now, if there is one.
    pub(super) fn holder(&self, nickname: &Nickname) -> Option<Arc<UserInfo>> {
        self.state.user_named(nickname).map(|(_, user)| user.info.clone())
    }

    /// Returns whether a user is on a list of a channel; refuses if not and the list is full.
    pub(super) fn is_listed(
        &self,
        (name, channel): (&ChannelName, &Channel),
        list: List,
        nickname: &Nickname,
    ) -> Result<bool, Refusal> {
        let user = self.state.user_named(nickname).map(|(id, _)| id);
        if channel.list(list).names(nickname, user) {
            return Ok(true);
        }
        self.check_list_limit((name, channel), list)?;
        Ok(false)
    }

    /// Refuses a further entry of a list that is full.
    pub(super) fn check_list_limit(
        &self,
        (name, channel): (&ChannelName, &Channel),
        list: List,
    ) -> Result<(), Refusal> {
        let limit = self.state.config.bans_per_channel;
        if channel.list(list).len() >= limit {
            return Err(Refusal::ListFull { channel: name.clone(), limit });
        }
        Ok(())
    }

    /// Adds a user to a list of a channel; the entry has the account too if the user is online.
    pub(super) fn enlist(
        &mut self,
        name: &ChannelName,
        list: List,
        nickname: Nickname,
        reason: Option<Text>,
    ) {
        let online = self.state.user_named(&nickname);
        let user = online.map(|(id, _)| id);
        let account = online.and_then(|(_, user)| user.account().cloned());
        self.add_entry(name, list, ListSubject::User { nickname, account, user }, reason);
    }

    /// Adds an entry to a list of a channel.
    pub(super) fn add_entry(
        &mut self,
        name: &ChannelName,
        list: List,
        subject: ListSubject,
        reason: Option<Text>,
    ) {
        let (by, at) = (self.actor(), self.state.now);
        let entry = ListEntry { subject, by, at, reason };
        self.record(Record::Listed { channel: name.clone(), list, entry });
    }

    /// Removes a user from a list of a channel; the caller must be an operator or owner.
    pub(super) fn delist(
        &mut self,
        channel: &ChannelName,
        list: List,
        nickname: &Nickname,
    ) -> Result<(ChannelName, Nickname), Refusal> {
        let (name, channel, _) = self.governed_channel(channel)?;
        let nickname = nickname.clone();
        let user = self.state.user_named(&nickname).map(|(id, _)| id);
        if !channel.list(list).has(&nickname, user) {
            return Err(Refusal::NotListed { channel: name, nickname });
        }
        let (channel, shown) = (name.clone(), nickname.clone());
        self.record(Record::Unlisted { channel, list, nickname: shown, user });
        Ok((name, nickname))
    }
}
