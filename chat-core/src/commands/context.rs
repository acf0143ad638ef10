//! The context of a command: its session and user, the state, and the buffer for its effects.

use crate::durable::Channel;
use crate::effect::EffectBuffer;
use crate::state::{State, User};
use crate::{
    Actor, ChannelName, Event, List, ListEntry, Nickname, Record, Refusal, Role, SessionId, Text,
    Timestamp, UserId, UserInfo,
};
use alloc::sync::Arc;

/// The context in which one command of one user is carried out.
pub(super) struct CommandContext<'a> {
    pub(super) state: &'a mut State,
    pub(super) out: &'a mut EffectBuffer,
    pub(super) session: SessionId,
    pub(super) user: UserId,
    /// The user's identity.
    pub(super) info: Arc<UserInfo>,
}

impl<'a> CommandContext<'a> {
    /// Creates the context of a command of `session`, whose user is `user`.
    pub(super) fn of(
        state: &'a mut State,
        out: &'a mut EffectBuffer,
        session: SessionId,
        user: UserId,
    ) -> Result<Self, Refusal> {
        let Some(known) = state.user(user) else {
            return Err(Refusal::NotIdentified);
        };
        let info = known.info.clone();
        Ok(Self { state, out, session, user, info })
    }

    /// Returns the user as the cause of an event.
    pub(super) fn actor(&self) -> Actor {
        Actor::User(self.info.clone())
    }

    /// Applies a record to the durable state, and emits it.
    pub(super) fn record(&mut self, record: Record) {
        self.state.record(self.out, record);
    }

    pub(super) fn now(&self) -> Timestamp {
        self.state.now
    }

    pub(super) fn user(&self) -> Option<&User> {
        self.state.user(self.user)
    }

    /// Returns a channel that the user may see: see [`visible_channel`](State::visible_channel).
    pub(super) fn channel(&self, name: &ChannelName) -> Result<(ChannelName, &Channel), Refusal> {
        self.state.visible_channel(name, &self.info.nickname)
    }

    /// Returns a channel for commands of members only: see
    /// [`joined_channel`](State::joined_channel).
    pub(super) fn joined_channel(
        &self,
        name: &ChannelName,
    ) -> Result<(ChannelName, &Channel, Role), Refusal> {
        self.state.joined_channel(name, &self.info.nickname)
    }

    /// Returns a channel for commands of operators and owners only: see
    /// [`governed_channel`](State::governed_channel).
    pub(super) fn governed_channel(
        &self,
        name: &ChannelName,
    ) -> Result<(ChannelName, &Channel, Role), Refusal> {
        self.state.governed_channel(name, &self.info.nickname)
    }

    pub(super) fn is_in(&self, channel: &Channel) -> bool {
        channel.presence.members.contains_key(&self.info.nickname)
    }

    /// Returns the user of this name, if it is online and not disconnected.
    pub(super) fn online(&self, nickname: &Nickname) -> Result<(UserId, &User), Refusal> {
        let found = self.state.user_named(nickname);
        let (id, user) = found.ok_or_else(|| Refusal::NoSuchUser(nickname.clone()))?;
        if user.is_disconnected() {
            return Err(Refusal::UserDisconnected(user.nickname().clone()));
        }
        Ok((id, user))
    }

    /// Delivers an event to every session in a channel, except the one that gave the command.
    pub(super) fn tell_channel(&mut self, channel: &ChannelName, event: impl FnOnce() -> Event) {
        if let Some(channel) = self.state.durable.channels.get(channel) {
            self.out.deliver(&channel.presence.audience, &[self.session], event);
        }
    }

    /// Delivers an event to every session in a channel, except those of the user who gave the
    /// command, if the channel has at most
    /// [`Config::announce_up_to`](crate::Config::announce_up_to) members.
    pub(super) fn announce(&mut self, channel: &ChannelName, event: impl FnOnce() -> Event) {
        if let Some(channel) = self.state.durable.channels.get(channel)
            && channel.presence.members.len() <= self.state.config.announce_up_to
        {
            self.out.deliver(&channel.presence.audience, self.state.sessions_of(self.user), event);
        }
    }

    /// Delivers an event to the other sessions of the user who gave the command.
    pub(super) fn tell_own(&mut self, event: impl FnOnce() -> Event) {
        self.out.deliver(self.state.sessions_of(self.user), &[self.session], event);
    }

    /// Delivers an event about the user once to each session that shares a channel of at most
    /// [`Config::announce_up_to`](crate::Config::announce_up_to) members with it, and to the user's
    /// own sessions, except the one that gave the command.
    pub(super) fn tell_peers(&mut self, event: impl FnOnce() -> Event) {
        let largest = self.state.config.announce_up_to;
        let own = self.state.sessions_of(self.user);
        let audiences = self.state.audiences(self.user, largest).chain([own]);
        self.out.deliver_once(audiences, self.session, event);
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
        let limit = self.state.config.bans_per_channel;
        let list = channel.list(list);
        let user = self.state.user_named(nickname).map(|(id, _)| id);
        if list.names(nickname, user) {
            return Ok(true);
        }
        if list.len() >= limit {
            return Err(Refusal::ListFull { channel: name.clone(), limit });
        }
        Ok(false)
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
        let (by, at) = (self.actor(), self.state.now);
        let entry = ListEntry { nickname, account, user, by, at, reason };
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
