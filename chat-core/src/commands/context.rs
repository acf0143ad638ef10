//! The context of a command: its session and user, the state, and the buffer for its effects.

use super::authority::Authority;
use crate::durable::Channel;
use crate::effect::EffectBuffer;
use crate::state::{State, User};
use crate::{
    Actor, ChannelName, Event, Nickname, PresenceChange, Record, Refusal, Role, SessionId,
    Timestamp, UserId, UserInfo,
};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// The context in which one command of one user is carried out.
pub(super) struct CommandContext<'a> {
    pub(super) state: &'a mut State,
    pub(super) out: &'a mut EffectBuffer,
    /// The session that gave the command; none if the host acts for the user.
    pub(super) session: Option<SessionId>,
    pub(super) user: UserId,
    /// The user's identity.
    pub(super) info: Arc<UserInfo>,
}

impl<'a> CommandContext<'a> {
    /// Creates the context of a command of `session`, whose user is `user`. Without a session the
    /// host acts for the user.
    pub(super) fn of(
        state: &'a mut State,
        out: &'a mut EffectBuffer,
        session: Option<SessionId>,
        user: UserId,
    ) -> Result<Self, Refusal> {
        let Some(known) = state.user(user) else {
            return Err(Refusal::NotIdentified);
        };
        let info = known.info.clone();
        Ok(Self { state, out, session, user, info })
    }

    /// Reads the user's identity anew, after a change.
    pub(super) fn refresh(&mut self) {
        if let Some(user) = self.state.user(self.user) {
            self.info = user.info.clone();
        }
    }

    /// Returns the user's authority over channels.
    pub(super) fn authority(&mut self) -> Authority<'_> {
        Authority::of_user(self.state, self.out, self.info.clone(), self.session)
    }

    /// Returns the authority over the whole server, if the user has it.
    pub(super) fn server_authority(&mut self) -> Result<Authority<'_>, Refusal> {
        if !self.state.is_operator(self.user) {
            return Err(Refusal::NotServerOperator);
        }
        let (user, session) = (self.info.clone(), self.session);
        Ok(Authority::of_server_operator(self.state, self.out, user, session))
    }

    /// Returns the user as the cause of an event.
    pub(super) fn actor(&self) -> Actor {
        Actor::User(self.info.without_data())
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

    /// Returns the channels that the user is in, sorted.
    pub(super) fn channels(&self) -> Vec<ChannelName> {
        self.user().map(|user| user.channels.to_vec()).unwrap_or_default()
    }

    /// Returns a channel that the user may see: see [`visible_channel`](State::visible_channel).
    pub(super) fn channel(&self, name: &ChannelName) -> Result<(ChannelName, &Channel), Refusal> {
        self.state.visible_channel(name, Some(&self.info.nickname))
    }

    /// Returns a channel for commands of members only: see
    /// [`joined_channel`](State::joined_channel).
    pub(super) fn joined_channel(
        &self,
        name: &ChannelName,
    ) -> Result<(ChannelName, &Channel, Role), Refusal> {
        self.state.joined_channel(name, &self.info.nickname)
    }

    pub(super) fn is_in(&self, channel: &Channel) -> bool {
        channel.presence.members.contains_key(&self.info.nickname)
    }

    /// Returns the user of this name, if it is online and not disconnected.
    pub(super) fn online(&self, nickname: &Nickname) -> Result<(UserId, &User), Refusal> {
        self.state.online(nickname)
    }

    /// Delivers an event to every session in a channel, except those of the user who gave the
    /// command, if the channel has at most
    /// [`Config::announce_up_to`](crate::Config::announce_up_to) members.
    ///
    /// The event is kept with the messages of the channel.
    pub(super) fn announce(&mut self, channel: &ChannelName, event: impl Fn() -> Event) {
        self.state.keep_announcement(channel, &event);
        if let Some(channel) = self.state.durable.channels.get(channel)
            && channel.presence.members.len() <= self.state.config.announce_up_to
        {
            self.out.deliver(&channel.presence.audience, self.state.sessions_of(self.user), event);
        }
    }

    /// Delivers an event to every session in a channel, except the one that gave the command.
    pub(super) fn tell_channel(&mut self, channel: &ChannelName, event: impl FnOnce() -> Event) {
        if let Some(channel) = self.state.durable.channels.get(channel) {
            self.out.deliver(&channel.presence.audience, self.session.as_slice(), event);
        }
    }

    /// Delivers an event to the sessions of the members of a channel who have at least this role,
    /// and to those of the user who gave the command, except the one that gave it.
    pub(super) fn tell_members(
        &mut self,
        channel: &ChannelName,
        least: Role,
        event: impl FnOnce() -> Event,
    ) {
        let own = self.state.sessions_of(self.user);
        let audiences = self.state.sessions_of_members(channel, least).chain([own]);
        self.out.deliver_once(audiences, self.session, event);
    }

    /// Delivers an event to the other sessions of the user who gave the command.
    pub(super) fn tell_own(&mut self, event: impl FnOnce() -> Event) {
        let own = self.state.sessions_of(self.user);
        self.out.deliver(own, self.session.as_slice(), event);
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

    /// Tells the sessions that watch the user, and are told by no channel, of a change.
    pub(super) fn tell_watchers(&mut self, user: &Arc<UserInfo>, change: PresenceChange) {
        self.state.tell_other_watchers(self.out, (self.user, user), change);
    }

    /// Removes a member from a channel, and the channel itself if it is empty then.
    pub(super) fn remove_member(&mut self, channel: &ChannelName, user: UserId) {
        self.state.remove_member(self.out, channel, user);
    }
}
