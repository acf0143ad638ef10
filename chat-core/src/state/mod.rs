//! The engine's state, and the changes that keep it consistent.
//!
//! Permissions are checked in [`commands`](crate::commands). This module makes sure that a user's
//! list of channels and a channel's list of members always agree.

mod access;
mod addresses;
mod bucket;
mod changes;
mod deadlines;
mod held_names;
mod invitations;
mod kept_events;
mod logins;
mod membership;
mod names;
mod nonces;
mod own_messages;
mod past_users;
mod peers;
mod presence_changes;
mod public_channels;
mod reach;
mod session;
#[cfg(feature = "serde")]
mod snapshot;
mod sorted_set;
mod throttle;
mod typing;
mod unread;
mod user;
mod user_modes;
mod users_by_mode;
mod watches;

pub(crate) use bucket::Bucket;
pub(crate) use session::{
    Asked, Due, NameRequest, Newcomer, PasswordCheck, PasswordPurpose, Reply, Session, Standing,
    Waiting,
};
#[cfg(feature = "serde")]
pub(crate) use snapshot::{ReadState, write as write_state};
pub(crate) use throttle::{Key as ThrottleKey, Rate};
pub(crate) use user::User;

use crate::durable::{Channel, DurableState, GUEST_NUMBERS, Nonces, USER_IDS};
use crate::effect::EffectBuffer;
use crate::{
    AccountName, AddressRange, ChannelId, ChannelName, Config, MessageId, Nickname, Peer, Profile,
    Question, QuestionId, Record, Refusal, RequestId, Secret, SessionId, Text, Timestamp, TokenId,
    UserId, UserInfo,
};
use addresses::Addresses;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use deadlines::Deadlines;
use logins::Logins;
use names::Names;
use past_users::PastUsers;
use public_channels::PublicChannels;
use reach::Reach;
use throttle::Throttle;
use typing::Typing;
use users_by_mode::UsersByMode;
use watches::Watches;

#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct State {
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(crate) config: Config,
    pub(crate) now: Timestamp,
    /// The time at which the engine was created.
    pub(crate) started: Timestamp,
    /// Boxed, like users and channels: sessions are inserted in the order of their ids, which
    /// leaves the map's nodes half empty.
    pub(crate) sessions: BTreeMap<SessionId, Box<Session>>,
    #[cfg_attr(feature = "serde", serde(skip))]
    addresses: Addresses,
    pub(crate) users: BTreeMap<UserId, Box<User>>,
    pub(crate) durable: DurableState,
    pub(crate) names: Names,
    /// The users with an account, by the account; an account has at most one user.
    accounts: BTreeMap<AccountName, UserId>,
    pub(crate) deadlines: Deadlines<SessionId>,
    /// The times at which disconnected users quit.
    pub(crate) quits: Deadlines<UserId>,
    /// The nonces of users without an account.
    pub(crate) nonces: Nonces<UserId>,
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(crate) public_channels: PublicChannels,
    /// The registered accounts.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(crate) logins: Logins,
    pub(crate) throttle: Throttle,
    pub(crate) reports: Throttle,
    /// The users who have given up their nicknames.
    pub(crate) past_users: PastUsers,
    users_by_mode: UsersByMode,
    pub(crate) watches: Watches,
    pub(crate) typing: Typing,
    /// The largest number of users at once.
    pub(crate) most_users: usize,
    /// The number of sessions that have no user yet.
    pub(crate) newcomers: usize,
    /// The time at which the channels are forgotten that were restored and are still empty.
    pub(crate) empty_until: Option<Timestamp>,
    pub(crate) reach: Reach,
    /// The number of changes of messages since the start.
    pub(crate) changes_made: u64,
    last_user: u64,
    last_question: u64,
    last_signal: u64,
    /// The number of the last guest name.
    pub(crate) last_guest: u64,
}

impl State {
    /// Returns the user of this id.
    pub(crate) fn user(&self, id: UserId) -> Option<&User> {
        self.users.get(&id).map(Box::as_ref)
    }

    /// Returns true if an account is that of a server operator.
    pub(crate) fn is_server_operator(&self, account: &AccountName) -> bool {
        self.config.server_operators.contains(account)
    }

    /// Returns the time of the oldest messages of a channel that clients may read.
    pub(crate) fn oldest_readable_in(&self, channel: &Channel) -> Timestamp {
        let oldest = self.oldest_readable();
        channel.modes.keep.map_or(oldest, |keep| oldest.max(self.now.before(keep)))
    }

    /// Returns the time of the oldest messages that clients may read, unless those of a channel
    /// expire earlier.
    pub(crate) fn oldest_readable(&self) -> Timestamp {
        let age = self.config.message_age;
        age.map(|age| self.now.before(age)).unwrap_or_default()
    }

    /// Returns the time of the oldest entries of the audit log that are kept.
    pub(crate) fn oldest_audited(&self) -> Timestamp {
        let age = self.config.audit_age;
        age.map(|age| self.now.before(age)).unwrap_or_default()
    }

    pub(crate) fn new(config: Config, durable: DurableState, now: Timestamp) -> Self {
        Self {
            now,
            started: now,
            sessions: BTreeMap::new(),
            addresses: Addresses::default(),
            users: BTreeMap::new(),
            nonces: Nonces::default(),
            names: Names::new(&config.reserved_names),
            accounts: BTreeMap::new(),
            deadlines: Deadlines::default(),
            quits: Deadlines::default(),
            public_channels: PublicChannels::of(&durable),
            logins: Logins::of(&durable),
            throttle: Throttle::default(),
            reports: Throttle::default(),
            past_users: PastUsers::default(),
            users_by_mode: UsersByMode::default(),
            watches: Watches::default(),
            typing: Typing::default(),
            most_users: 0,
            newcomers: 0,
            empty_until: None,
            reach: Reach::of(&durable, &config),
            changes_made: 0,
            last_user: 0,
            last_question: 0,
            last_signal: 0,
            last_guest: 0,
            durable,
            config,
        }
    }

    /// Continues from the durable state of an earlier engine.
    pub(crate) fn restore(config: Config, mut durable: DurableState, now: Timestamp) -> Self {
        let reach = Reach::of(&durable, &config);
        durable.begin(&config);
        let now = now.max(durable.at());
        let is_empty = |name, channel| !keeps(&config, name, channel);
        let has_empty = durable.channels.iter().any(|(name, channel)| is_empty(name, channel));
        let return_by = now + config.reconnect_period.max(config.linger).unwrap_or_default();
        Self {
            empty_until: has_empty.then_some(return_by),
            reach,
            last_user: durable.user_ids(),
            last_guest: durable.guest_numbers(),
            ..Self::new(config, durable, now)
        }
    }

    /// Applies a record to the durable state, and emits it.
    pub(crate) fn record(&mut self, out: &mut EffectBuffer, record: Record) {
        self.logins.note(&record, &self.durable);
        self.durable.apply(self.now, &record);
        self.public_channels.note(&record);
        out.record(record);
    }

    pub(crate) fn next_message_id(&self) -> MessageId {
        MessageId(self.durable.last_message().0 + 1)
    }

    pub(crate) fn next_channel_id(&self) -> ChannelId {
        ChannelId(self.durable.last_channel() + 1)
    }

    fn next_question_id(&mut self) -> QuestionId {
        self.last_question += 1;
        QuestionId(self.last_question)
    }

    /// Returns the number of the next signal.
    pub(crate) fn next_signal(&mut self) -> u64 {
        self.last_signal += 1;
        self.last_signal
    }

    /// Asks the host, and lets a command of a session wait for the answer.
    pub(crate) fn ask(
        &mut self,
        out: &mut EffectBuffer,
        (session, request): (SessionId, Option<RequestId>),
        ask: Question,
        command: Waiting,
    ) {
        let until = self.now + self.config.answer_timeout;
        let question = self.next_question_id();
        out.ask(session, question, ask);
        let changes_made = self.changes_made;
        if let Some(open) = self.sessions.get_mut(&session) {
            let asked = Asked { question, request, until, command, changes_made };
            open.asked = Some(Box::new(asked));
        }
        self.arm(session);
    }

    /// Takes the command of a session that waits for the answer to a question.
    pub(crate) fn take_asked(&mut self, session: SessionId, question: QuestionId) -> Option<Asked> {
        let open = self.sessions.get_mut(&session)?;
        let asked = open.asked.take_if(|asked| asked.question == question)?;
        self.arm(session);
        Some(*asked)
    }

    /// Opens a session, unless one of this id exists.
    pub(crate) fn open(&mut self, session: SessionId, peer: Peer) {
        if self.sessions.contains_key(&session) {
            return;
        }
        let opened = Session::new(peer, self.now);
        self.addresses.insert(opened.address(), session);
        self.sessions.insert(session, Box::new(opened));
        self.newcomers += 1;
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
            self.newcomers -= usize::from(holder.user().is_none());
            let peer = holder.set_user(id, named_by_host, self.now);
            let known = peer.account.as_ref().and_then(|account| self.durable.account(account));
            let data = known.map(|known| known.data.clone()).unwrap_or_default();
            let mut user = User::new(
                id,
                session,
                nickname.clone(),
                (peer, profile.unwrap_or_default()),
                (self.now, self.durable.last_message()),
            );
            if !data.is_empty() {
                Arc::make_mut(&mut user.info).data = data;
            }
            if let Some(account) = user.account() {
                self.accounts.insert(account.clone(), id);
            }
            self.users.insert(id, Box::new(user));
            self.most_users = self.most_users.max(self.users.len());
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
        self.newcomers -= usize::from(holder.user().is_none());
        holder.set_user(id, named_by_host, self.now);
        user.sessions.insert(session);
        user.set_lost_at(None);
        self.quits.replace(id, user.set_quits_at(None), None);
        for name in user.channels.iter() {
            if let Some(channel) = self.durable.channels.get_mut(name) {
                channel.presence.add_session(session);
            }
        }
        self.arm(session);
    }

    /// Removes a session of a user who stays.
    pub(crate) fn detach(&mut self, session: SessionId) {
        self.release(session);
        self.forget_session(session);
    }

    /// Takes a session away from its user, for another user or for its end.
    pub(crate) fn release(&mut self, session: SessionId) {
        let id = self.sessions.get(&session).and_then(|open| open.user());
        let Some(user) = id.and_then(|id| self.users.get_mut(&id)) else {
            return;
        };
        user.sessions.remove(&session);
        for name in user.channels.iter() {
            if let Some(channel) = self.durable.channels.get_mut(name) {
                channel.presence.remove_session(session);
            }
        }
    }

    /// Sets the time at which a user without a connection quits.
    pub(crate) fn await_return(&mut self, id: UserId, until: Timestamp) {
        if let Some(user) = self.users.get_mut(&id) {
            self.quits.replace(id, user.set_quits_at(Some(until)), Some(until));
            user.set_lost_at(Some(self.now));
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
        [self.deadlines.next(), self.quits.next(), self.empty_until].into_iter().flatten().min()
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
        let after = &user.info.clone();
        if before.nickname != after.nickname {
            user.held_names.give_up(before.nickname.clone(), self.durable.last_message());
            self.past_users.push(before.without_data(), self.now, self.config.was_here);
        }
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
            if let Some(channel) = self.durable.channels.get_mut(name) {
                channel.presence.update_member(&before.nickname, after);
            }
        }
        self.hide_renamed(id, &after.nickname);
    }

    /// Forgets a channel if it has no members and is not kept.
    pub(crate) fn forget_if_empty(&mut self, out: &mut EffectBuffer, name: &ChannelName) {
        let Some(channel) = self.durable.channels.get(name) else { return };
        if !keeps(&self.config, name, channel) {
            self.forget_channel(out, name);
        }
    }

    /// Removes a channel, with its members.
    pub(crate) fn forget_channel(&mut self, out: &mut EffectBuffer, name: &ChannelName) {
        let Some(channel) = self.durable.channels.get_mut(name) else { return };
        for (_, member) in core::mem::take(&mut channel.presence.members) {
            if let Some(user) = self.users.get_mut(&member.user) {
                user.channels.remove(name);
            }
        }
        for id in core::mem::take(&mut channel.presence.invited) {
            if let Some(user) = self.users.get_mut(&id) {
                user.forget_invitation(name);
            }
        }
        let (channel, id) = (name.clone(), channel.id);
        self.record(out, Record::ChannelForgotten { channel, id });
    }

    /// Forgets the restored channels that are still empty, once their members have had the time to
    /// come back.
    pub(crate) fn forget_empty_channels(&mut self, out: &mut EffectBuffer) {
        self.empty_until = None;
        let names: Vec<_> = self.durable.channels.keys().cloned().collect();
        names.iter().for_each(|name| self.forget_if_empty(out, name));
    }

    /// Removes a user, who must have left every channel.
    pub(crate) fn remove_user(&mut self, id: UserId) {
        let Some(mut user) = self.users.remove(&id) else {
            return;
        };
        self.quits.replace(id, user.set_quits_at(None), None);
        self.nonces.forget(&id);
        self.users_by_mode.forget(id);
        self.names.remove(user.nickname());
        self.past_users.push(user.info.without_data(), self.now, self.config.was_here);
        self.typing.forget(id);
        if let Some(account) = user.account() {
            self.accounts.remove(account);
        }
        for name in user.invitations() {
            if let Some(channel) = self.durable.channels.get_mut(name) {
                channel.presence.invited.remove(&id);
            }
        }
    }

    /// Removes a session. Returns its user.
    pub(crate) fn forget_session(&mut self, session: SessionId) -> Option<UserId> {
        let open = self.sessions.remove(&session)?;
        self.addresses.remove(open.address(), session);
        self.watches.forget(session);
        self.deadlines.replace(session, open.armed, None);
        self.newcomers -= usize::from(open.user().is_none());
        open.user()
    }

    /// Returns the sessions with a network address in a range.
    pub(crate) fn sessions_within(&self, range: AddressRange) -> Vec<SessionId> {
        self.addresses.within(range)
    }

    /// Returns the account of a session, with or without a user.
    pub(crate) fn account_of(&self, session: SessionId) -> Option<AccountName> {
        let open = self.sessions.get(&session)?;
        match open.user() {
            Some(user) => self.user(user)?.account().cloned(),
            None => open.newcomer()?.peer.account.clone(),
        }
    }

    /// Returns the account of a session token, and the token, unless it has expired.
    pub(crate) fn valid_token(&self, token: &Secret) -> Option<(&AccountName, TokenId)> {
        if !self.config.accounts {
            return None;
        }
        let (account, digest) = self.logins.with_token(token)?;
        let known = self.durable.registration(account)?.tokens.get(&digest.id())?;
        (known.used >= self.tokens_valid_since()).then_some((account, digest.id()))
    }

    /// Returns the time since which a session token must have been used.
    pub(crate) fn tokens_valid_since(&self) -> Timestamp {
        let age = self.config.token_age.and_then(|age| u64::try_from(age.as_millis()).ok());
        Timestamp::from_millis(age.map_or(0, |age| self.now.as_millis().saturating_sub(age)))
    }

    /// Returns the state of a session that it has before it has a user.
    pub(crate) fn newcomer_mut(&mut self, session: SessionId) -> Option<&mut Newcomer> {
        self.sessions.get_mut(&session)?.newcomer_mut()
    }

    /// Returns the user of this account.
    pub(crate) fn user_of_account(&self, account: &AccountName) -> Option<UserId> {
        self.accounts.get(account).copied()
    }

    /// Returns the away text of a user: its own, or that of a user without a connection.
    pub(crate) fn away(&self, user: &User) -> Option<Text> {
        let is_lost = || user.lost_at().is_some_and(|at| self.now >= at + self.config.linger_away);
        user.away().cloned().or_else(|| is_lost().then(|| Text::clean("connection lost")))
    }

    /// Makes sure that the next id of a user is recorded as used.
    pub(crate) fn reserve_user_id(&mut self, out: &mut EffectBuffer) {
        if self.last_user >= self.durable.user_ids() {
            self.record(out, Record::UserIdsReserved { up_to: self.last_user + USER_IDS });
        }
    }

    /// Makes sure that the next number of a guest name is recorded as used.
    pub(crate) fn reserve_guest_number(&mut self, out: &mut EffectBuffer) {
        if self.last_guest >= self.durable.guest_numbers() {
            self.record(
                out,
                Record::GuestNumbersReserved { up_to: self.last_guest + GUEST_NUMBERS },
            );
        }
    }

    /// Returns the sessions of a user, sorted.
    pub(crate) fn sessions_of(&self, id: UserId) -> &[SessionId] {
        self.users.get(&id).map_or(&[], |user| &user.sessions)
    }

    /// Returns the user of this name, if it is online and not disconnected.
    pub(crate) fn online(&self, nickname: &Nickname) -> Result<(UserId, &User), Refusal> {
        let found = self.user_named(nickname);
        let (id, user) = found.ok_or_else(|| Refusal::NoSuchUser(nickname.clone()))?;
        if user.is_disconnected() {
            return Err(Refusal::UserDisconnected(user.nickname().clone()));
        }
        Ok((id, user))
    }

    /// Returns the user of this nickname.
    pub(crate) fn user_named(&self, nickname: &Nickname) -> Option<(UserId, &User)> {
        let id = self.names.owner(nickname)?;
        Some((id, self.users.get(&id)?))
    }
}

/// Returns true if a channel stays, with its members or without.
fn keeps(config: &Config, name: &ChannelName, channel: &Channel) -> bool {
    !channel.presence.members.is_empty()
        || name.is_lobby()
        || config.keep_empty_channels
        || channel.kept
        || channel.has_owner()
}
