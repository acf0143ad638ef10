//! Read-only views of the engine's state, for policies, an HTTP API and tests.

use crate::durable::{Channel, Readable, Stored};
use crate::queries;
use crate::state::{Bucket, State, User};
use crate::{
    AccountName, AppData, ChannelId, ChannelName, Command, Config, HistoryRange, Message, Modes,
    Nickname, Query, QueryResult, Question, Role, Secret, ServerBan, SessionId, StatusSet, Target,
    Text, Timestamp, Topic, UserId, UserInfo,
};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;

/// A read-only look at an engine's state. Everything that can be listed is sorted.
#[derive(Clone, Copy, Debug)]
pub struct View<'a>(pub(crate) &'a State);

/// A look at a user.
#[derive(Clone, Copy, Debug)]
pub struct UserView<'a>(&'a User);

/// A look at a channel.
#[derive(Clone, Copy, Debug)]
pub struct ChannelView<'a> {
    state: &'a State,
    name: &'a ChannelName,
    channel: &'a Channel,
}

/// A look at a member of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemberView<'a> {
    /// The member.
    pub user: &'a Arc<UserInfo>,
    /// Its statuses.
    pub statuses: StatusSet,
}

impl<'a> View<'a> {
    /// The limits and rules of the engine.
    pub fn config(self) -> &'a Config {
        &self.0.config
    }

    /// The time of the last input.
    pub fn now(self) -> Timestamp {
        self.0.now
    }

    /// Returns the time after `now` at which the [rate limit](crate::Config::commands_per_second)
    /// allows a command of a session: zero if it does already. A host that delays commands instead
    /// of letting the engine refuse them gives the command then.
    pub fn command_delay(self, now: Timestamp, session: SessionId, command: &Command) -> Duration {
        let State { sessions, config, .. } = self.0;
        let Some(open) = sessions.get(&session) else { return Duration::ZERO };
        open.wait(now, config, Bucket::cost(command))
    }

    /// The number of open sessions, with or without a nickname.
    pub fn session_count(self) -> usize {
        self.0.sessions.len()
    }

    /// Returns the account of a session token that is [valid](crate::Config::token_age), if the
    /// engine [keeps](crate::Config::accounts) accounts.
    pub fn account_of_token(self, token: &Secret) -> Option<&'a AccountName> {
        self.0.valid_token(token).map(|(account, _)| account)
    }

    /// The number of users.
    pub fn user_count(self) -> usize {
        self.0.users.len()
    }

    /// All users, sorted by nickname.
    pub fn users(self) -> impl Iterator<Item = UserView<'a>> {
        self.0.names.iter().filter_map(move |(_, id)| self.0.user(*id)).map(UserView)
    }

    /// The users who are not [invisible](crate::UserModes::invisible), sorted by nickname.
    pub fn visible_users(self) -> impl Iterator<Item = UserView<'a>> {
        self.0.names.after(None).filter_map(move |(_, id)| self.0.user(*id)).map(UserView)
    }

    /// The user of this nickname.
    pub fn user(self, nickname: &Nickname) -> Option<UserView<'a>> {
        self.0.user_named(nickname).map(|(_, user)| UserView(user))
    }

    /// The user that a session speaks for.
    pub fn user_of(self, session: SessionId) -> Option<UserView<'a>> {
        let id = self.0.sessions.get(&session)?.user()?;
        self.0.user(id).map(UserView)
    }

    /// The open sessions, with or without a nickname, sorted.
    pub fn sessions(self) -> impl Iterator<Item = SessionId> {
        self.0.sessions.keys().copied()
    }

    /// Returns true if a session is open.
    pub fn is_open(self, session: SessionId) -> bool {
        self.0.sessions.contains_key(&session)
    }

    /// Answers a query of a session: see [`Engine::query`](crate::Engine::query).
    ///
    /// # Errors
    ///
    /// The reason for which a client would be refused.
    pub fn query(self, session: SessionId, query: Query) -> QueryResult {
        queries::from_host(self.0, session, query)
    }

    /// The number of channels, including secret ones.
    pub fn channel_count(self) -> usize {
        self.0.durable.channels.len()
    }

    /// All channels, secret ones included, sorted by name.
    pub fn channels(self) -> impl Iterator<Item = ChannelView<'a>> {
        let state = self.0;
        let channels = state.durable.channels.iter();
        channels.map(move |(name, channel)| ChannelView { state, name, channel })
    }

    /// The bans from the whole server that are in force: accounts, nicknames, then addresses, each
    /// sorted.
    pub fn server_bans(self) -> impl Iterator<Item = &'a ServerBan> {
        self.0.durable.server_bans().active(self.0.now)
    }

    /// The channel of this name.
    pub fn channel(self, name: &ChannelName) -> Option<ChannelView<'a>> {
        let (name, channel) = self.0.durable.channels.get_key_value(name)?;
        Some(ChannelView { state: self.0, name, channel })
    }
}

impl<'a> UserView<'a> {
    /// The user's number, which stays when the name changes.
    pub fn id(self) -> UserId {
        self.0.id
    }

    /// The user's public identity.
    pub fn info(self) -> &'a Arc<UserInfo> {
        &self.0.info
    }

    /// The user's name.
    pub fn nickname(self) -> &'a Nickname {
        self.0.nickname()
    }

    /// The sessions that speak for the user, ascending; none if the user has lost the connection
    /// and [may come back](Config::reconnect_period).
    pub fn sessions(self) -> &'a [SessionId] {
        &self.0.sessions
    }

    /// The account that the host has checked.
    pub fn account(self) -> Option<&'a AccountName> {
        self.0.account()
    }

    /// The user's network address, as the host has given it. Other users do not see it.
    pub fn address(self) -> Option<&'a str> {
        self.0.address.as_deref()
    }

    /// The away text, if the user is away.
    pub fn away(self) -> Option<&'a Text> {
        self.0.away()
    }

    /// The time at which the user took a nickname.
    pub fn signed_on(self) -> Timestamp {
        self.0.signed_on
    }

    /// The time of the user's last message.
    pub fn last_spoke(self) -> Option<Timestamp> {
        self.0.last_spoke
    }

    /// The channels that the user is in, sorted by name.
    pub fn channels(self) -> impl Iterator<Item = &'a ChannelName> {
        self.0.channels.iter()
    }
}

impl<'a> ChannelView<'a> {
    /// The channel's name, as it was first written.
    pub fn name(self) -> &'a ChannelName {
        self.name
    }

    /// The channel's id.
    pub fn id(self) -> ChannelId {
        self.channel.id
    }

    /// The accounts that have statuses in the channel, online or not, sorted by name.
    pub fn accounts(self) -> impl Iterator<Item = (&'a AccountName, StatusSet)> {
        self.channel.standings.iter().map(|(account, standing)| (account, standing.statuses))
    }

    /// The time at which it was created.
    pub fn created(self) -> Timestamp {
        self.channel.created
    }

    /// Returns true if the host has [created](crate::HostCommand::CreateChannel) the channel, so
    /// that it stays without members.
    pub fn is_kept(self) -> bool {
        self.channel.kept
    }

    /// Its application data.
    pub fn data(self) -> &'a AppData {
        &self.channel.data
    }

    /// Its topic.
    pub fn topic(self) -> Option<&'a Topic> {
        self.channel.topic.as_ref()
    }

    /// Its modes, with the key.
    pub fn modes(self) -> &'a Modes {
        &self.channel.modes
    }

    /// The number of members.
    pub fn member_count(self) -> usize {
        self.channel.presence.members.len()
    }

    /// Its members, sorted by name.
    pub fn members(self) -> impl Iterator<Item = MemberView<'a>> {
        self.channel
            .presence
            .members
            .values()
            .map(|member| MemberView { user: &member.info, statuses: member.statuses })
    }

    /// The sessions of its members, ascending.
    pub fn audience(self) -> &'a [SessionId] {
        &self.channel.presence.audience
    }

    /// The role of a member; `None` if the user is not in the channel.
    pub fn role(self, nickname: &Nickname) -> Option<Role> {
        self.channel.presence.role(nickname)
    }

    /// At most `limit` messages of a range, oldest first, and whether there are more in its
    /// direction, as far as memory has them. Messages above the [age](Config::message_age) of all
    /// messages, or above that of the [channel](Modes::keep), are left out.
    pub fn history(self, range: HistoryRange, limit: usize) -> (Vec<Arc<Message>>, bool) {
        self.readable().page(range, limit)
    }

    /// Returns true if the store of the host may have messages that are older than all in memory,
    /// and can be read: there is a [store](Config::older_history), and no message in memory is
    /// above the [age](Config::message_age) of all messages or that of the [channel](Modes::keep).
    pub fn may_have_older(self) -> bool {
        self.state.config.older_history && self.readable().may_have_older()
    }

    /// Returns the question for messages that are no longer in memory if a page reaches beyond
    /// them: a host with a store answers it itself, and passes the answer to
    /// [`history_with`](Self::history_with).
    pub fn question(self, range: HistoryRange, limit: usize) -> Option<Question> {
        let (channel, id) = (self.name.clone(), self.id());
        let asks = self.readable().ends_before(range, limit);
        asks.then_some(Question::History { channel, id, range, limit })
    }

    /// Does the same as [`history`](Self::history), with the messages that a store has for the
    /// same range and limit. `more` is true if the store has still more in the direction of the
    /// range.
    pub fn history_with(
        self,
        messages: Vec<Arc<Message>>,
        more: bool,
        range: HistoryRange,
        limit: usize,
    ) -> (Vec<Arc<Message>>, bool) {
        let is_here =
            |target: &Target| matches!(target, Target::Channel(name) if name == self.name);
        let stored = Stored { messages, more }.retain(|message| is_here(&message.target));
        let stored = stored.since(self.state.oldest_readable_in(self.channel), range);
        self.readable().page_with(stored, range, limit)
    }

    fn readable(self) -> Readable<'a> {
        self.channel.history.since(self.state.oldest_readable_in(self.channel))
    }
}

impl<'a> MemberView<'a> {
    /// The member's nickname.
    pub fn nickname(self) -> &'a Nickname {
        &self.user.nickname
    }

    /// The member's highest status.
    pub fn role(self) -> Role {
        self.statuses.role()
    }
}
