//! Generates inputs from bytes: any bytes give inputs, and there are few names, channels and texts,
//! so that the inputs affect each other.

mod account;
mod answer;
mod host;
mod mask;
mod message;
mod query;
mod recipient;
mod user;

use chat_core::{
    AppData, CloseReason, Command, Config, Effect, Event, Input, JoinTarget, List, Message,
    MessageId, MessageKind, ModeChange, OperatorLogin, Peer, Profile, ProfileChange, Query,
    Question, QuestionId, Recipient, Record, ReportTarget, RequestId, ResumePoint, Role, Secret,
    SessionId, Status, StatusChange, Text, Timestamp,
};
use query::{query, range};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// The time at which the engines of the tests begin.
const EPOCH: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// The bytes of one input.
pub(crate) type Seed = [u8; 4];

/// Limits so small that a short run reaches all of them.
pub(crate) fn small_limits() -> Config {
    Config {
        nickname_length: 6,
        channel_name_length: 5,
        message_bytes: 12,
        message_lines: 2,
        topic_bytes: 8,
        reason_bytes: 6,
        away_bytes: 6,
        key_bytes: 4,
        username_bytes: 6,
        real_name_bytes: 6,
        public_data_keys: vec!["a".into(), "b".into()],
        channels: 4,
        channels_per_user: 3,
        members_per_channel: 4,
        history_per_channel: 3,
        mailbox_per_account: 2,
        channels_per_owner: 1,
        shortest_keep: Duration::from_secs(1),
        nonce_window: Duration::from_secs(1),
        nonces_per_user: 2,
        history_page: 2,
        search_bytes: 3,
        search_page: 2,
        bans_per_channel: 2,
        server_bans: 1,
        server_operators: vec!["bo".into()],
        watched_nicknames: 2,
        operator_logins: vec![OperatorLogin::new("op", Secret::new("old"))],
        audit_entries: 4,
        open_reports: 2,
        edit_window: Some(Duration::from_millis(1_500)),
        report_burst: 3,
        report_interval: Duration::from_millis(50),
        audit_age: None,
        data_bytes: 4,
        invitations_per_user: 1,
        listing: 3,
        announce_up_to: 3,
        was_here: 3,
        sessions_per_user: 2,
        accounts: true,
        registration: true,
        registered_accounts: 4,
        logins_per_account: 2,
        token_age: Some(Duration::from_secs(2)),
        login_burst: 4,
        login_interval: Duration::from_millis(200),
        authenticate: true,
        older_history: true,
        answer_timeout: Duration::from_millis(700),
        command_burst: 5,
        commands_per_second: 20,
        naming_timeout: Some(Duration::from_millis(900)),
        idle_timeout: Some(Duration::from_secs(3)),
        reconnect_period: Some(Duration::from_millis(400)),
        disconnected_users: 2,
        linger: Some(Duration::from_millis(600)),
        linger_away: Duration::from_millis(300),
        unread_counted: 3,
        guest_prefix: "u".into(),
        reserved_names: vec!["eve".into()],
        ..Config::default()
    }
}

/// The connections of a host: each is opened again, under a new session id, after it has ended.
pub(crate) struct InputGenerator {
    connections: [Connection; CONNECTIONS],
    /// The store of the host: the last messages.
    stored: VecDeque<Arc<Message>>,
    last_session: u64,
    now: u64,
}

struct Connection {
    session: SessionId,
    open: bool,
    named: bool,
    /// The question of the engine, if it waits for an answer.
    asked: Option<QuestionId>,
    /// True if the question is about a password, and about the messages of a login.
    asked_password: bool,
    asked_exchange: bool,
    /// The last channel that it created.
    made: Option<String>,
}

impl InputGenerator {
    pub(crate) fn new(now: Timestamp) -> Self {
        let connections = std::array::from_fn(|index| Connection::new(index as u64 + 1));
        let (stored, last_session) = (VecDeque::new(), CONNECTIONS as u64);
        Self { connections, stored, last_session, now: now.as_millis() }
    }

    /// Replaces every connection, as after a restart of the engine.
    pub(crate) fn lose_connections(&mut self) {
        for connection in &mut self.connections {
            self.last_session += 1;
            *connection = Connection::new(self.last_session);
        }
    }

    /// Returns the sessions of the connections, open or not.
    pub(crate) fn sessions(&self) -> impl Iterator<Item = SessionId> {
        self.connections.iter().map(|connection| connection.session)
    }

    /// Updates the connections from an effect.
    pub(crate) fn note(&mut self, effect: Effect<'_>) {
        let mut connections = self.connections.iter_mut();
        match effect {
            Effect::Reply { session, event: Event::Welcomed { .. }, .. } => {
                if let Some(connection) = connections.find(|known| known.session == session) {
                    connection.named = true;
                }
            }
            Effect::Reply { session, event: Event::Entered(roster), .. } if roster.count == 1 => {
                if let Some(connection) = connections.find(|known| known.session == session) {
                    connection.made = Some(roster.channel.to_string());
                }
            }
            Effect::Ask { session, question, ask } => {
                if let Some(connection) = connections.find(|known| known.session == session) {
                    connection.asked = Some(question);
                    connection.asked_exchange = matches!(ask, Question::Exchange { .. });
                    connection.asked_password = account::is_about_password(ask);
                }
            }
            Effect::Close { session, reason: _ } => {
                if let Some(connection) = connections.find(|known| known.session == session) {
                    self.last_session += 1;
                    *connection = Connection::new(self.last_session);
                }
            }
            Effect::Record(Record::Said { message, .. }) => {
                self.stored.push_back(message.clone());
                if self.stored.len() > STORED {
                    self.stored.pop_front();
                }
            }
            // The store of the host has read its messages before.
            Effect::Reply { .. }
            | Effect::HostReply { .. }
            | Effect::Deliver { .. }
            | Effect::Record(_) => {}
            _ => unreachable!("a variant that this test does not know"),
        }
    }

    /// Returns the next input and its time: usually the same time as before, sometimes later,
    /// rarely earlier.
    pub(crate) fn input(&mut self, [what, who, first, second]: Seed) -> (Timestamp, Input) {
        let time = match who >> 4 {
            0..=10 => self.now,
            11..=14 => self.now + 30,
            _ => pick(&[self.now.saturating_sub(500), self.now + 100, self.now + 1_500], second),
        };
        self.now = self.now.max(time);
        let chosen = usize::from(who & 15) % CONNECTIONS;
        // Random choice alone rarely picks a session with a role in a channel.
        if PRIVILEGED.contains(&what) {
            let (before, after) = self.connections.split_at(chosen);
            let made = |known: &Connection| Some((known.session, known.made.clone()?));
            if let Some((session, channel)) = after.iter().chain(before).find_map(made) {
                let command = privileged_command(channel, first, second);
                let input = Input::Command { session, request: None, command };
                return (Timestamp::from_millis(time), input);
            }
        }
        let connection = &mut self.connections[chosen];
        let session = connection.session;
        let input = match what {
            _ if !connection.open && what < 240 => {
                connection.open = true;
                let account = pick(&[None, None, None, Some("al"), Some("bo")], second);
                let nickname = pick(&[None, None, None, Some("dave")], first);
                let address = format!("10.0.{}.{}:7000", first & 1, second & 3);
                let peer = Peer {
                    address: Some(address.into()),
                    account: account.map(Into::into),
                    nickname: nickname.map(Into::into),
                    ..Peer::default()
                };
                Input::Open { session, peer }
            }
            _ if connection.asked_password && connection.asked.is_some() && what < 140 => {
                let question = connection.asked.take().unwrap_or(QuestionId(0));
                let first = if what < 100 { 3 } else { first };
                let first = if connection.asked_exchange && second & 1 == 0 { 6 } else { first };
                Input::Answer { session, question, answer: answer::answer(self.now, first, second) }
            }
            _ if !connection.named && connection.asked.is_some() && what < 160 => {
                let question = connection.asked.take().unwrap_or(QuestionId(0));
                Input::Answer { session, question, answer: answer::answer(self.now, first, second) }
            }
            _ if connection.named && connection.asked.is_some() && what < 140 => {
                let question = connection.asked.take().unwrap_or(QuestionId(0));
                let answer = match what {
                    0..=39 => answer::answer(self.now, first, second),
                    _ => answer::messages(&self.stored, first, second),
                };
                Input::Answer { session, question, answer }
            }
            // Most commands of a session without a user are requests for a nickname.
            _ if !connection.named && what < 200 => {
                let what = if first & 7 == 7 { 37 } else { 0 };
                Input::Command { session, request: None, command: command(what, first, second) }
            }
            0..=225 => Input::Command {
                session,
                request: (second & 1 == 0).then(|| RequestId(second.to_string().into())),
                command: message::recent(command(what, first, second), &self.stored),
            },
            226..=228 => Input::Tick,
            229..=233 | 241..=243 => Input::Host(host::command(what, first, second)),
            234..=236 => Input::Close { session, reason: reason(first) },
            237..=240 => Input::Open { session, peer: Peer::default() },
            244..=246 => {
                let question = QuestionId(second.into());
                let answer = match first & 1 {
                    0 => answer::answer(self.now, first, who),
                    _ => answer::messages(&self.stored, first, who),
                };
                Input::Answer { session, question, answer }
            }
            // A command of a session that is closed or was never opened.
            247..=255 => Input::Command {
                session: SessionId(u64::from(first)),
                request: None,
                command: command(second, first, who),
            },
        };
        (Timestamp::from_millis(time), input)
    }
}

impl Connection {
    fn new(number: u64) -> Self {
        Self {
            session: SessionId(number),
            open: false,
            named: false,
            asked: None,
            asked_password: false,
            asked_exchange: false,
            made: None,
        }
    }
}

fn command(what: u8, first: u8, second: u8) -> Command {
    let nickname = || String::from(pick(NICKNAMES, first));
    let channel = || String::from(pick(CHANNELS, second));
    let text = |byte: u8| String::from(pick(TEXTS, byte));
    let some = |byte: u8| (byte & 2 == 0).then(|| text(byte >> 2));
    match what % 48 {
        47 => Command::User(user::command(first, second)),
        46 => Command::Message(message::command(channel(), first, second)),
        45 => {
            let id = MessageId(u64::from(second));
            let about = match first & 3 {
                0 => ReportTarget::Message(id),
                1 => ReportTarget::Message(MessageId(u64::from(second & 15))),
                2 => ReportTarget::User(nickname()),
                _ => return Command::Message(message::command(channel(), first, second)),
            };
            Command::Report { about, reason: some(second) }
        }
        41..=44 => Command::Operator(host::operator(what, first, second)),
        37..=40 => Command::Account(account::command(first, second)),
        0 => Command::Identify {
            nickname: (second & 3 != 0).then(nickname),
            lobby: second & 4 == 0,
            credential: account::credential(first, second),
            reconnect_key: pick(RECONNECT_KEYS, second >> 3).map(Secret::new),
            profile: (first & 8 == 0).then(|| {
                let username = (second & 2 == 0).then(|| pick(USERNAMES, second >> 5).into());
                let real_name = some(second);
                Box::new(Profile { username, real_name, bot: first & 16 == 0 })
            }),
            resume: (first & 1 == 0).then(|| ResumePoint {
                epoch: if second & 64 == 0 { EPOCH } else { Timestamp::default() },
                id: MessageId((first >> 1).into()),
            }),
        },
        1..=2 => Command::Invite { channel: channel(), nickname: nickname() },
        3 => Command::Rename { nickname: nickname() },
        // The list may be too long, or contain a channel twice.
        32..=33 => Command::JoinMany {
            channels: (0..=first >> 6)
                .map(|step| JoinTarget {
                    channel: pick(CHANNELS, second.wrapping_add(step)).into(),
                    key: pick(&[None, Some("key")], first >> step).map(Into::into),
                })
                .collect(),
        },
        4..=7 | 34..=36 => Command::Join {
            channel: channel(),
            key: pick(&[None, None, Some("key"), Some("")], first).map(Into::into),
        },
        8 => Command::Leave { channel: channel(), reason: some(first) },
        9..=12 => Command::Say {
            to: Recipient::Channel(channel()),
            kind: pick(KINDS, first >> 4),
            text: text(first),
            nonce: pick(NONCES, first >> 2).map(Into::into),
            data: data(second),
            reply_to: message::parent(first, second),
        },
        13 => Command::Say {
            to: recipient::some(channel(), nickname(), first),
            kind: pick(KINDS, second >> 4),
            text: text(second),
            nonce: pick(NONCES, second >> 2).map(Into::into),
            data: data(first),
            reply_to: message::parent(second, first),
        },
        14 => match first & 3 {
            0 => Command::ShowTopic { channel: channel() },
            _ => Command::Query(query(first >> 2, second)),
        },
        15 => Command::SetTopic { channel: channel(), topic: some(first) },
        16 => match first & 3 {
            0 => Command::ShowModes { channel: channel() },
            _ => Command::Query(query(first >> 2, second)),
        },
        17 => Command::SetModes { channel: channel(), changes: modes(first) },
        18..=19 => Command::SetRole {
            channel: channel(),
            nickname: nickname(),
            change: pick(STATUS_CHANGES, second >> 4),
        },
        20 => Command::Kick { channel: channel(), nickname: nickname(), reason: some(first) },
        21 => Command::Ban { channel: channel(), nickname: nickname(), reason: some(second) },
        22 => Command::Unban { channel: channel(), nickname: nickname() },
        23 => Command::Mute { channel: channel(), nickname: nickname(), reason: some(second) },
        24 => Command::Unmute { channel: channel(), nickname: nickname() },
        25 if second & 8 != 0 => mask::command(channel(), first, second),
        25 => Command::Exempt { channel: channel(), nickname: nickname() },
        26 => Command::Unexempt { channel: channel(), nickname: nickname() },
        27 => Command::SetModes { channel: channel(), changes: modes(first) },
        28 => Command::ListUsers { channel: (first & 1 == 0).then(channel) },
        29 => match first & 3 {
            0 => Command::ListChannels,
            1 => Command::Query(Query::Missed {
                after: MessageId((first >> 2).into()),
                limit: pick(LIMITS, second),
            }),
            2 => Command::MarkRead {
                of: match second & 1 {
                    0 => Recipient::Channel(channel()),
                    _ => recipient::some(channel(), nickname(), first),
                },
                id: MessageId((first >> 2).into()),
            },
            _ => Command::Signal {
                to: match first & 12 {
                    0 => recipient::some(channel(), nickname(), first),
                    _ => Recipient::Channel(channel()),
                },
                data: AppData::new(pick(
                    &[None, Some(("+t", "on")), Some(("ctcp", "")), Some(("ctcp", ""))],
                    first >> 4,
                ))
                .expect("a valid key"),
            },
        },
        30 => match first & 64 {
            0 => Command::ReadHistory {
                channel: channel(),
                range: range(first),
                limit: pick(LIMITS, first >> 2),
            },
            _ => Command::Query(Query::PrivateHistory {
                nickname: nickname(),
                range: range(second),
                limit: pick(LIMITS, second >> 4),
            }),
        },
        _ => match first & 7 {
            0 => Command::Quit { reason: some(second) },
            1 => Command::SetProfile {
                changes: vec![
                    ProfileChange::RealName(some(second)),
                    ProfileChange::Bot(second & 1 == 0),
                ],
            },
            2 => Command::SetData {
                channel: (second & 1 == 0).then(channel),
                changes: user::data_changes(second),
            },
            _ => Command::SetAway { message: some(first) },
        },
    }
}

/// Returns no application data, some, or too much.
fn data(byte: u8) -> AppData {
    let entries: &[(&str, &str)] = match byte & 7 {
        0 => &[("a", "1")],
        1 => &[("a", "1"), ("b", "")],
        2 => &[("a", "12345")],
        3 => &[("ctcp", "")],
        _ => &[],
    };
    AppData::new(entries.iter().copied()).expect("valid keys")
}

/// Returns a command that only members of a channel may give, and mostly only operators and owners.
fn privileged_command(channel: String, first: u8, second: u8) -> Command {
    let nickname = String::from(pick(NICKNAMES, first));
    let reason = (second & 128 == 0).then(|| String::from(pick(TEXTS, first >> 4)));
    match second % 16 {
        0..=2 => Command::SetRole { channel, nickname, change: pick(STATUS_CHANGES, second >> 4) },
        3 => Command::Kick { channel, nickname, reason },
        4..=5 => Command::Ban { channel, nickname, reason },
        6 => Command::Unban { channel, nickname },
        7..=8 => Command::Mute { channel, nickname, reason },
        9 => Command::Unmute { channel, nickname },
        10 => Command::Exempt { channel, nickname },
        11 | 13 if first & 1 != 0 => mask::command(channel, first, second),
        11 => Command::Unexempt { channel, nickname },
        12 => Command::Invite { channel, nickname },
        13 => {
            Command::ReadHistory { channel, range: range(first), limit: pick(LIMITS, first >> 2) }
        }
        14 => {
            let list = pick(&List::ALL, first);
            let limit = pick(LIMITS, second >> 4);
            Command::Query(Query::List { channel, list, offset: 0, limit })
        }
        _ => Command::SetModes { channel, changes: modes(first) },
    }
}

fn modes(byte: u8) -> Vec<ModeChange> {
    let on = byte & 8 != 0;
    let change = match byte & 7 {
        0 => ModeChange::Secret(on),
        1 => ModeChange::InviteOnly(on),
        2 => ModeChange::Moderated(on),
        3 if byte & 16 == 0 => ModeChange::MembersOnly(on),
        4 if byte & 16 == 0 => ModeChange::OperatorTopic(on),
        3 | 4 => ModeChange::NoCtcp(on),
        5 => ModeChange::Key(on.then(|| pick(&["key", "", "a b", "toolong"], byte >> 4).into())),
        6 => ModeChange::MemberLimit(on.then(|| pick(&[0, 1, 2, 100], byte >> 4))),
        _ if byte == 7 => return Vec::new(),
        _ => ModeChange::Keep(on.then(|| Duration::from_secs(pick(&[0, 1, 2, 60], byte >> 4)))),
    };
    // Two changes at once, of which the second may be refused.
    if byte & 0xc0 == 0xc0 { vec![change, ModeChange::MemberLimit(Some(0))] } else { vec![change] }
}

fn reason(byte: u8) -> CloseReason {
    match byte % 4 {
        0 => CloseReason::Disconnected,
        1 => CloseReason::TooSlow,
        2 => CloseReason::Quit(Some(Text::clean("gone"))),
        _ => CloseReason::ShuttingDown,
    }
}

fn pick<T: Copy>(from: &[T], byte: u8) -> T {
    from[usize::from(byte) % from.len()]
}

const CONNECTIONS: usize = 7;

/// The number of messages in the store of the host.
const STORED: usize = 30;

/// Sizes of pages, and offsets.
const LIMITS: &[usize] = &[0, 1, 2, usize::MAX];

/// Two valid keys, and one that is too short. Most clients have the same key, so that they resume
/// each other's users.
const RECONNECT_KEYS: &[Option<&str>] = &[
    None,
    Some("sixteen bytes, 1"),
    Some("sixteen bytes, 1"),
    Some("sixteen bytes, 1"),
    Some("sixteen bytes, 2"),
    Some("too short"),
];

/// First bytes of inputs that are privileged commands, if any session has a channel.
const PRIVILEGED: std::ops::Range<u8> = 160..200;

const NICKNAMES: &[&str] = &[
    "alice",
    "bob",
    "carol",
    "dave",
    "alice",
    "bob",
    "carol",
    "dave",
    "Alice",
    "\u{430}lice",
    "B\u{ff4f}b",
    "u1",
    "ul",
    "caroI",
    "toolong",
    "two words",
    "",
    "Eve",
    "a\u{301}\u{301}\u{301}\u{301}\u{301}",
    "\u{202e}x",
];

/// Nicknames that the host offers.
const OFFERED: &[&[&str]] = &[&[], &[], &["dave"], &["two words", "", "Dave", "eve"]];

const CHANNELS: &[&str] = &[
    "rust",
    "rust",
    "rust",
    "#RUST",
    "tea",
    "tea",
    "\u{ff54}ea",
    "lobby",
    "rust",
    "tea",
    "art",
    "zoo",
    "pub",
    "#LOBBY",
    "toolong",
    "a,b",
];

const TEXTS: &[&str] = &[
    "hi",
    "",
    "\u{1b}[0m\n\r a",
    "a\r\nb",
    "\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}",
    "too long for all of them",
    " \u{202e}\t",
    "sixsix",
];

const USERNAMES: &[&str] = &["al", "", "a!b", "too long"];

const NONCES: &[Option<&str>] = &[None, None, Some("a"), Some("b"), Some("c"), Some("")];

const KINDS: &[MessageKind] = &[MessageKind::Message, MessageKind::Action, MessageKind::Notice];

const STATUS_CHANGES: &[StatusChange] = &[
    StatusChange::Grant(Status::Voiced),
    StatusChange::Grant(Status::Operator),
    StatusChange::Grant(Status::Owner),
    StatusChange::Revoke(Status::Voiced),
    StatusChange::Revoke(Status::Operator),
    StatusChange::Revoke(Status::Owner),
    StatusChange::Become(Role::Member),
    StatusChange::Become(Role::Voiced),
    StatusChange::Become(Role::Operator),
    StatusChange::Become(Role::Owner),
];
