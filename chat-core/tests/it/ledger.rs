//! An account of the durable state that is kept from replies alone, without any record.
//!
//! The engine and a replica apply records with the same function, so that a fault in it would make
//! both wrong alike. The ledger is independent of it: it concludes from what users are told what
//! has to outlast a restart.

use crate::audit_ledger::AuditLedger;
use crate::channel_ledger::{Channel, Entry, ids, parse, push};
use crate::memberships::Memberships;
use chat_core::{
    AccountName, AppData, ChannelName, Config, DurableState, Engine, Event, Message, MessageId,
    Nickname, Query, Report, ReportId, Roster, ServerBan, SessionId, Status, StatusSet, Target,
    Text, Timestamp, TokenDigest, TokenId, UserId, UserView, View,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

pub(crate) struct Ledger {
    config: Config,
    channels: BTreeMap<ChannelName, Channel>,
    accounts: BTreeMap<AccountName, Account>,
    bans: Vec<ServerBan>,
    memberships: Memberships,
    audit: AuditLedger,
    reports: BTreeMap<ReportId, Report>,
    last_report: u64,
    /// The users of accounts after the last input.
    online: BTreeMap<AccountName, UserId>,
    last_channel: u64,
    last_message: u64,
    /// Restored channels without members may exist until then.
    empty_until: Option<Timestamp>,
}

#[derive(Default)]
struct Account {
    last_seen: Timestamp,
    mailbox: VecDeque<MessageId>,
    data: AppData,
    is_registered: bool,
    /// The tokens that were given to clients and not revoked by one. Some may have made room for
    /// others.
    tokens: BTreeSet<TokenId>,
}

impl Ledger {
    pub(crate) fn new(config: Config, start: Timestamp) -> Self {
        let modes = serde_json::to_value(chat_core::Modes::default()).expect("JSON");
        let lobby = Channel { id: 1, created: start, modes, ..Channel::default() };
        Self {
            config,
            channels: BTreeMap::from([(ChannelName::lobby(), lobby)]),
            accounts: BTreeMap::new(),
            bans: Vec::new(),
            memberships: Memberships::default(),
            audit: AuditLedger::default(),
            reports: BTreeMap::new(),
            last_report: 0,
            online: BTreeMap::new(),
            last_channel: 1,
            last_message: 0,
            empty_until: None,
        }
    }

    /// Notes that the engine was restored.
    pub(crate) fn restart(&mut self, now: Timestamp) {
        self.online.clear();
        self.memberships.restart();
        let stay = self.config.reconnect_period.max(self.config.linger);
        self.empty_until = Some(now + stay.unwrap_or_default());
    }

    /// Notes the replies of an input, to a session or to the host, and the users who have come or
    /// gone with it.
    pub(crate) fn note(
        &mut self,
        engine: &Engine,
        now: Timestamp,
        replies: &[(Option<SessionId>, Event)],
    ) {
        let view = engine.view();
        self.note_accounts(view, now);
        for (session, event) in replies {
            if let Event::Welcomed { resumed: Some(_), .. } = event {
                self.note_return(view, *session);
            }
            self.note_reply(view, now, *session, event);
            self.audit.note(view, now, *session, event);
            if let Some(session) = session {
                self.note_login(engine, now, *session, event);
            } else {
                self.note_host_login(event);
            }
        }
        self.note_forgotten(view, now);
        self.memberships.note(view, self.last_message, replies);
    }

    /// Compares the messages that an engine has for clients that come back with those that they
    /// have to receive.
    pub(crate) fn check_missed(&self, engine: &Engine, after: u64) {
        let view = engine.view();
        for user in view.users() {
            let (Some(&session), Some(account)) = (user.sessions().first(), user.account()) else {
                continue;
            };
            // The messages of a channel may expire before others.
            if user.channels().any(|name| !self.channels[name].modes["keep"].is_null()) {
                continue;
            }
            let remembered =
                |name: &ChannelName| self.channels[name].history.iter().map(|id| id.0).collect();
            let mailbox = &self.accounts[account].mailbox;
            let reader = (session, account);
            self.memberships.check_missed(engine, reader, mailbox, remembered, after);
        }
    }

    /// Compares with a state that records have made.
    pub(crate) fn compare(&mut self, state: &DurableState) {
        let state = serde_json::to_value(state).expect("the state can be serialised as JSON");
        assert_eq!(state["last_message"], self.last_message);
        assert_eq!(state["last_channel"], self.last_channel);
        let channels = state["channels"].as_object().expect("a map");
        assert_eq!(channels.len(), self.channels.len(), "{:?}", channels.keys());
        for (name, found) in channels {
            let name = ChannelName::parse(name).expect("a name");
            let channel = self.channels.get(&name);
            channel.unwrap_or_else(|| panic!("{name} is not known")).compare(&name, found);
        }
        let bans = &state["server_bans"];
        let mut found: Vec<ServerBan> =
            parse::<BTreeMap<String, ServerBan>>(&bans["accounts"]).into_values().collect();
        for of in ["nicknames", "addresses"] {
            found.extend(parse::<BTreeMap<String, ServerBan>>(&bans[of]).into_values());
        }
        assert!(found.len() == self.bans.len() && found.iter().all(|ban| self.bans.contains(ban)));
        let reports = &state["reports"];
        assert_eq!(reports["last"], self.last_report);
        assert_eq!(parse::<BTreeMap<ReportId, Report>>(&reports["open"]), self.reports);
        self.audit.compare(parse(&state["audit_log"]), self.config.audit_entries);
        let accounts = state["accounts"].as_object().expect("a map");
        assert_eq!(accounts.len(), self.accounts.len(), "{:?}", accounts.keys());
        let ids: BTreeMap<ChannelName, u64> =
            self.channels.iter().map(|(name, channel)| (name.clone(), channel.id)).collect();
        for (account, expected) in &self.accounts {
            let found = &accounts[account.as_str()];
            self.compare_account(account, expected, found);
            self.memberships.compare(account, found, &ids);
        }
    }

    /// Notes that the user of an account has joined its channels again, which uses invitations up.
    fn note_return(&mut self, view: View<'_>, session: Option<SessionId>) {
        let Some(user) = session.and_then(|session| view.user_of(session)) else { return };
        let Some(account) = user.account() else { return };
        for name in user.channels() {
            if let Some(channel) = self.channels.get_mut(name) {
                channel.invited.remove(account);
            }
        }
    }

    fn note_reply(
        &mut self,
        view: View<'_>,
        now: Timestamp,
        session: Option<SessionId>,
        event: &Event,
    ) {
        let holder = |nickname: &Nickname| view.user(nickname);
        match event {
            Event::Welcomed { lobby: Some(roster), .. } => self.enter(view, now, session, roster),
            Event::Entered(roster) => self.enter(view, now, session, roster),
            Event::EnteredMany { entered, .. } => {
                entered.iter().for_each(|roster| self.enter(view, now, session, roster));
            }
            Event::TopicChanged { channel, topic, .. } => {
                self.channel(channel).topic.clone_from(topic);
            }
            Event::ModesChanged { channel, modes, .. } => {
                self.channel(channel).modes = serde_json::to_value(modes).expect("JSON");
            }
            Event::RoleChanged { channel, user, after, .. } => {
                if let Some(account) = &user.account {
                    self.channel(channel).set_statuses(account, *after, now);
                }
            }
            Event::Invited { channel, user, .. } => {
                if let Some(account) = &user.account {
                    self.channel(channel).invited.insert(account.clone());
                }
            }
            Event::Banned { channel, nickname, reason, .. } => {
                self.list(channel, "bans", nickname, reason.clone(), holder(nickname));
            }
            Event::Muted { channel, nickname, reason, .. } => {
                self.list(channel, "mutes", nickname, reason.clone(), holder(nickname));
            }
            Event::Exempted { channel, nickname, .. } => {
                self.list(channel, "exceptions", nickname, None, holder(nickname));
            }
            Event::MaskChanged(change) => {
                self.channel(&change.channel).note_mask(change);
            }
            Event::Unbanned { channel, nickname, .. } => {
                self.unlist(channel, "bans", nickname, holder(nickname));
            }
            Event::Unmuted { channel, nickname, .. } => {
                self.unlist(channel, "mutes", nickname, holder(nickname));
            }
            Event::Unexempted { channel, nickname, .. } => {
                self.unlist(channel, "exceptions", nickname, holder(nickname));
            }
            Event::Sent { message, repeated: false, .. } => self.sent(view, message),
            Event::ChannelDataChanged { channel, data, .. } => {
                self.channel(channel).data.clone_from(data);
            }
            // A change of data is told with the whole identity.
            Event::UserInfoChanged { before, after } if before.data != after.data => {
                if let Some(account) = &after.account {
                    self.accounts.entry(account.clone()).or_default().data.clone_from(&after.data);
                }
            }
            Event::ChannelCreated { channel, .. } => self.create(view, now, channel),
            Event::ChannelClosed { channel, .. } => {
                assert!(self.channels.remove(channel).is_some(), "{channel} was not known");
            }
            // The host has let a user join.
            Event::Joined { channel, user, .. } => {
                if let Some(account) = &user.account {
                    self.channel(channel).invited.remove(account);
                }
            }
            Event::AccountRemoved { account } => {
                assert!(self.accounts.remove(account).is_some(), "{account} was not known");
                self.channels.values_mut().for_each(|channel| channel.remove_account(account));
            }
            Event::ServerBanned(ban) => {
                let is_active = |ban: &ServerBan| ban.until.is_none_or(|until| now < until);
                if is_active(ban) {
                    self.bans.retain(|known| known.target != ban.target && is_active(known));
                    self.bans.push(ban.clone());
                }
            }
            Event::Reported(report) => {
                self.last_report += 1;
                assert_eq!(report.id.0, self.last_report, "an id was left out or used twice");
                self.reports.insert(report.id, Report::clone(report));
            }
            Event::ReportClosed { report, .. } => {
                assert!(self.reports.remove(&report.id).is_some(), "{report:?} was not open");
            }
            Event::ServerUnbanned { target } => self.bans.retain(|known| known.target != *target),
            // These change nothing that outlasts a restart.
            Event::Welcomed { .. }
            | Event::Left { .. }
            | Event::Quit { .. }
            | Event::Goodbye { .. }
            | Event::Sent { .. }
            | Event::Said(_)
            | Event::Renamed { .. }
            | Event::UserInfoChanged { .. }
            | Event::TopicShown { .. }
            | Event::ModesShown { .. }
            | Event::Kicked { .. }
            | Event::Users { .. }
            | Event::Channels { .. }
            | Event::History { .. }
            | Event::Playback(_)
            | Event::PrivateHistory { .. }
            | Event::Missed { .. }
            | Event::ReadMarked { .. }
            | Event::Signalled(_)
            | Event::MessageChanged(_)
            | Event::Found { .. }
            | Event::ListShown { .. }
            | Event::PinsShown { .. }
            | Event::Invitations { .. }
            | Event::Targets { .. }
            | Event::ServerBansShown { .. }
            | Event::AuditLogShown { .. }
            | Event::ReportsShown { .. }
            | Event::Disconnected { .. }
            | Event::UserShown(_)
            | Event::WasHereShown { .. }
            | Event::UserModesChanged { .. }
            | Event::PresenceChanged { .. }
            | Event::WatchedShown { .. }
            | Event::Announced { .. }
            | Event::CountsShown(_)
            | Event::AwayChanged { .. }
            | Event::LoggedIn(_)
            | Event::LoggedOut
            | Event::PasswordChanged { .. }
            | Event::LoginChallenged { .. }
            | Event::SessionRevoked { .. }
            | Event::Sessions { .. }
            | Event::Rejected(_) => {}
            _ => unreachable!("a variant that this test does not know"),
        }
    }

    /// Notes that the host has logged somebody in, perhaps with a token of somebody else.
    fn note_host_login(&mut self, event: &Event) {
        let Event::LoggedIn(login) = event else { return };
        let token = TokenDigest::of(login.token.as_ref().expect("the host's token")).id();
        for account in self.accounts.values_mut() {
            account.tokens.remove(&token);
        }
        let known = self.accounts.entry(login.account.clone()).or_default();
        assert!(known.is_registered != login.is_new, "{} is registered once", login.account);
        known.is_registered = true;
        known.tokens.insert(token);
    }

    /// Notes that a session has logged in or out.
    fn note_login(&mut self, engine: &Engine, now: Timestamp, session: SessionId, event: &Event) {
        if let Event::Welcomed { user, token: Some(token), .. } = event {
            let account = user.account.as_ref().expect("a token is that of an account");
            let id = TokenDigest::of(token).id();
            self.accounts.entry(account.clone()).or_default().tokens.insert(id);
        } else if let Event::LoggedIn(login) = event {
            let account = &login.account;
            let known = self.accounts.entry(account.clone()).or_default();
            assert!(known.is_registered != login.is_new, "{account} is registered once");
            known.is_registered = true;
            known.tokens.extend(login.token.iter().map(|token| TokenDigest::of(token).id()));
            let user = engine.view().user_of(session).filter(|_| login.channels.is_none());
            if let Some(user) = user {
                known.data.clone_from(&user.info().data);
                self.take_over(engine, now, session, user, account);
            }
        } else if let Event::SessionRevoked { id } = event {
            for account in self.accounts.values_mut() {
                account.tokens.remove(id);
            }
        }
    }

    /// Notes that a guest is the user of an account from now on.
    fn take_over(
        &mut self,
        engine: &Engine,
        now: Timestamp,
        session: SessionId,
        user: UserView<'_>,
        account: &AccountName,
    ) {
        for name in user.channels() {
            let here = engine.view().channel(name).expect("a member's channel exists");
            let member = here.members().find(|member| member.nickname() == user.nickname());
            let statuses = member.expect("it is a member").statuses;
            let channel = self.channel(name);
            channel.set_statuses(account, statuses, now);
        }
        let invitations = engine.query(session, Query::Invitations);
        let Ok(Event::Invitations { channels }) = invitations else { panic!("{invitations:?}") };
        for name in channels {
            self.channel(&name).invited.insert(account.clone());
        }
    }

    /// Notes a channel that the host has created.
    fn create(&mut self, view: View<'_>, now: Timestamp, name: &ChannelName) {
        let created = view.channel(name).expect("the channel exists");
        self.last_channel += 1;
        let modes = serde_json::to_value(created.modes()).expect("JSON");
        let mut channel = Channel {
            id: self.last_channel,
            created: now,
            modes,
            topic: created.topic().cloned(),
            is_kept: true,
            ..Channel::default()
        };
        for (owner, statuses) in created.accounts() {
            channel.set_statuses(owner, statuses, now);
            self.accounts.entry(owner.clone()).or_default();
        }
        // The last member of an earlier one may have quit with the same input.
        self.channels.insert(name.clone(), channel);
    }

    fn enter(
        &mut self,
        view: View<'_>,
        now: Timestamp,
        session: Option<SessionId>,
        roster: &Roster,
    ) {
        if roster.was_member {
            return;
        }
        let session = session.expect("only sessions enter channels");
        let user = view.user_of(session).expect("who has entered is online").info().clone();
        let own = roster.members.iter().find(|entry| *entry.nickname() == user.nickname);
        let statuses = own.expect("a roster contains its reader").statuses;
        let id = view.channel(&roster.channel).expect("a member's channel exists").id().0;
        // The last member may have quit, and the channel been created again, with one input.
        if self.channels.get(&roster.channel).is_none_or(|known| known.id != id) {
            self.last_channel += 1;
            assert_eq!(id, self.last_channel, "an id was left out or used twice");
            let modes = serde_json::to_value(&self.config.new_channel_modes).expect("JSON");
            let mut created = StatusSet::default();
            created.insert(self.config.creator_status);
            assert_eq!(statuses, created);
            let mut channel =
                Channel { id: self.last_channel, created: now, modes, ..Channel::default() };
            if let Some(account) = &user.account {
                channel.set_statuses(account, statuses, now);
            }
            self.channels.insert(roster.channel.clone(), channel);
        }
        let channel = self.channel(&roster.channel);
        if let Some(account) = &user.account {
            let known = channel.statuses.get(account).copied().unwrap_or_default();
            assert_eq!(statuses, known, "{account} has other statuses than before");
            channel.invited.remove(account);
        }
    }

    fn sent(&mut self, view: View<'_>, message: &Message) {
        assert_eq!(message.id.0, self.last_message + 1, "an id was left out or used twice");
        self.last_message = message.id.0;
        let sender = message.sender.user().and_then(|user| user.account.clone());
        match &message.target {
            Target::Channel(name) => {
                let limit = self.config.history_per_channel;
                push(&mut self.channel(name).history, message.id, limit);
            }
            // Not kept.
            Target::Members { .. } => {}
            Target::User(nickname) => {
                let recipient = match view.user(nickname) {
                    Some(user) => user.account().cloned(),
                    // A message for an account that is offline.
                    None => self.registered(nickname),
                };
                let accounts: BTreeSet<_> = [sender, recipient].into_iter().flatten().collect();
                for account in accounts {
                    let mailbox = &mut self.accounts.entry(account).or_default().mailbox;
                    push(mailbox, message.id, self.config.mailbox_per_account);
                }
            }
            _ => unreachable!("a variant that this test does not know"),
        }
    }

    /// Returns the registered account of a name.
    fn registered(&self, nickname: &Nickname) -> Option<AccountName> {
        let registered = self.accounts.iter().filter(|(_, account)| account.is_registered);
        let mut named = registered
            .map(|(name, _)| name)
            .filter(|name| Nickname::parse(name.as_str()).is_ok_and(|name| name == *nickname));
        named.next().cloned()
    }

    fn list(
        &mut self,
        channel: &ChannelName,
        list: &'static str,
        nickname: &Nickname,
        reason: Option<Text>,
        holder: Option<UserView<'_>>,
    ) {
        let user = holder.map(|user| user.id());
        let account = holder.and_then(|user| user.account().cloned());
        let entries = self.channel(channel).lists.entry(list).or_default();
        let is_known =
            |entry: &Entry| entry.nickname == *nickname && (user.is_none() || entry.user == user);
        if !entries.iter().any(is_known) {
            entries.push(Entry { nickname: nickname.clone(), account, user, reason });
        }
    }

    fn unlist(
        &mut self,
        channel: &ChannelName,
        list: &'static str,
        nickname: &Nickname,
        holder: Option<UserView<'_>>,
    ) {
        let user = holder.map(|user| user.id());
        let entries = self.channel(channel).lists.entry(list).or_default();
        entries
            .retain(|entry| entry.nickname != *nickname && (user.is_none() || entry.user != user));
    }

    fn note_accounts(&mut self, view: View<'_>, now: Timestamp) {
        let users = view.users().filter_map(|user| Some((user.account()?.clone(), user.id())));
        let online: BTreeMap<_, _> = users.collect();
        for account in online.keys().chain(self.online.keys()) {
            if online.get(account) != self.online.get(account) {
                self.accounts.entry(account.clone()).or_default().last_seen = now;
            }
        }
        self.online = online;
    }

    fn note_forgotten(&mut self, view: View<'_>, now: Timestamp) {
        let Self { config, channels, empty_until, .. } = self;
        if empty_until.is_some_and(|until| until <= now) {
            *empty_until = None;
        }
        channels.retain(|name, channel| {
            let has_owner = channel.statuses.values().any(|known| known.contains(Status::Owner));
            let is_kept =
                name.is_lobby() || channel.is_kept || config.keep_empty_channels || has_owner;
            match view.channel(name) {
                None => assert!(!is_kept, "{name} was forgotten"),
                Some(known) if known.member_count() == 0 => {
                    assert!(is_kept || empty_until.is_some(), "{name} was not forgotten");
                }
                Some(_) => {}
            }
            view.channel(name).is_some()
        });
    }

    fn channel(&mut self, name: &ChannelName) -> &mut Channel {
        self.channels.get_mut(name).unwrap_or_else(|| panic!("{name} is not known"))
    }

    fn compare_account(&self, account: &AccountName, expected: &Account, found: &Value) {
        let names = |has: &dyn Fn(&Channel) -> bool| -> BTreeSet<ChannelName> {
            let channels = self.channels.iter().filter(|(_, channel)| has(channel));
            channels.map(|(name, _)| name.clone()).collect()
        };
        let statuses = |channel: &Channel| channel.statuses.get(account).copied();
        let is_owner = |known: StatusSet| known.contains(Status::Owner);
        let read = |field: &str| -> BTreeSet<ChannelName> { parse(&found[field]) };
        assert_eq!(read("channels"), names(&|channel| statuses(channel).is_some()));
        assert_eq!(read("owned"), names(&|channel| statuses(channel).is_some_and(is_owner)));
        assert_eq!(read("invitations"), names(&|channel| channel.invited.contains(account)));
        assert_eq!(parse::<Timestamp>(&found["last_seen"]), expected.last_seen, "{account}");
        assert_eq!(ids(&found["mailbox"]), expected.mailbox, "{account}");
        assert_eq!(parse::<AppData>(&found["data"]), expected.data, "{account}");
        let registration = found.get("registration");
        assert_eq!(registration.is_some(), expected.is_registered, "{account}");
        if let Some(registration) = registration {
            let tokens: BTreeMap<TokenId, Value> = parse(&registration["tokens"]);
            assert!(tokens.len() <= self.config.logins_per_account, "{account}");
            assert!(tokens.keys().all(|token| expected.tokens.contains(token)), "{account}");
        }
    }
}
