//! Fuzzes the engine alone, with arbitrary inputs.

use crate::START;
use crate::engine_words::{
    CHANNELS, KEYS, MASKS, NICKNAMES, NONCES, TEXTS, data, history_range, kind, limit,
    message_command, modes, parent, recipient, some, status_change, word,
};
use crate::model::CheckedEngine;
use crate::profile::own_properties;
use arbitrary::{Result, Unstructured};
use chat_core::{
    AccountCommand, AccountName, AddressRange, Answer, AppData, BanTarget, CloseReason, Command,
    Config, Credential, Effect, Engine, EventKey, HostCommand, Identity, Input, JoinTarget, List,
    LoginExchange, Message, MessageId, OperatorCommand, OperatorLogin, PasswordLogin,
    PasswordRefusal, Peer, Query, Question, QuestionId, Recipient, Record, ReportId, ReportTarget,
    RequestId, ResumePoint, Role, SearchQuery, Secret, SessionId, Text, Timestamp, TokenDigest,
    UserChange, UserCommand, UserModeChange,
};
use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// Checks the invariants after every input, and that a second engine yields the same effects for
/// the same inputs.
pub fn engine(data: &[u8]) {
    let mut checked = CheckedEngine::new(small_limits(), START);
    let mut other = Engine::new(small_limits(), START);
    let mut driver = Driver::new();
    let mut source = Unstructured::new(data);
    for _ in 0..MAX_INPUTS {
        if source.is_empty() {
            break;
        }
        let Ok((at, input)) = driver.input(&mut source) else { break };
        let mut effects = Vec::new();
        checked.apply(at, &input, |effect| {
            effects.push(format!("{effect:?}"));
            driver.observe(effect);
        });
        let others: Vec<String> =
            other.apply(at, input).map(|effect| format!("{effect:?}")).collect();
        assert_eq!(effects, others, "a second engine has yielded other effects");
    }
    checked.finish();
}

/// Limits so small that a short run reaches all of them.
fn small_limits() -> Config {
    Config {
        nickname_length: 8,
        channel_name_length: 6,
        message_bytes: 16,
        message_lines: 3,
        topic_bytes: 8,
        reason_bytes: 8,
        away_bytes: 8,
        key_bytes: 4,
        channels: 4,
        channels_per_user: 3,
        members_per_channel: 4,
        history_per_channel: 3,
        events_per_channel: 3,
        nonce_window: Duration::from_secs(1),
        nonces_per_user: 2,
        history_page: 2,
        search_page: 2,
        shortest_keep: Duration::from_secs(1),
        bans_per_channel: 2,
        server_bans: 2,
        server_operators: vec!["al".into()],
        operator_logins: vec![OperatorLogin::new("op", Secret::new("old"))],
        audit_entries: 3,
        open_reports: 2,
        report_burst: 3,
        report_interval: Duration::from_millis(100),
        invitations_per_user: 2,
        listing: 3,
        announce_up_to: 3,
        command_burst: 8,
        commands_per_second: 50,
        naming_timeout: Some(Duration::from_millis(900)),
        idle_timeout: Some(Duration::from_secs(3)),
        sessions_per_user: 2,
        authenticate: true,
        older_history: true,
        accounts: true,
        registration: true,
        logins_per_account: 2,
        login_burst: 4,
        login_interval: Duration::from_millis(200),
        answer_timeout: Duration::from_millis(700),
        guest_prefix: "u".into(),
        ..Config::default()
    }
}

/// The connections of a runtime: each is opened again, under a new session id, after it has ended.
struct Driver {
    /// The session of each connection, and whether it has been opened.
    connections: [(SessionId, bool); CONNECTIONS],
    last_session: u64,
    /// Answers to the engine's questions. The id of the question selects the answer, so that
    /// answers use no bytes of the input.
    answers: VecDeque<Input>,
    /// The store of the host: all messages.
    stored: Vec<Arc<Message>>,
    now: u64,
}

impl Driver {
    fn new() -> Self {
        let connections = std::array::from_fn(|index| (SessionId(index as u64 + 1), false));
        let (last_session, answers) = (CONNECTIONS as u64, VecDeque::new());
        let (stored, now) = (Vec::new(), START.as_millis());
        Self { connections, last_session, answers, stored, now }
    }

    fn observe(&mut self, effect: Effect<'_>) {
        if let Effect::Record(Record::Said { message, .. }) = effect {
            self.stored.push(message.clone());
        }
        if let Effect::Ask { session, question, ask } = effect {
            let answer = match ask {
                // An answer that does not fit the question.
                _ if question.0 % 32 == 31 => Some(self.messages(question)),
                Question::History { .. }
                | Question::PrivateHistory { .. }
                | Question::Missed(_)
                | Question::Message(_)
                | Question::Search(_)
                    if question.0 % 4 != 3 =>
                {
                    Some(self.messages(question))
                }
                Question::Register { .. }
                | Question::CheckPassword { .. }
                | Question::Exchange { .. }
                    if question.0 % 4 != 3 =>
                {
                    Some(password_answer(question))
                }
                _ => answer(question, self.now),
            };
            let answer = answer.map(|answer| Input::Answer { session, question, answer });
            self.answers.extend(answer);
        }
        if let Effect::Close { session, .. } = effect
            && let Some(known) = self.connections.iter_mut().find(|(known, _)| *known == session)
        {
            self.last_session += 1;
            *known = (SessionId(self.last_session), false);
        }
    }

    /// Returns messages of the store, of any channel and user, and sometimes in the wrong order.
    fn messages(&self, QuestionId(question): QuestionId) -> Answer {
        let start = usize::try_from(question % 8).expect("a small number").min(self.stored.len());
        let mut messages: Vec<_> = self.stored[start..].iter().take(16).cloned().collect();
        if question % 3 == 0 {
            messages.reverse();
        }
        if question % 5 < 2 {
            let next = (question % 2 == 0).then_some(MessageId(question % 16));
            return Answer::Found { messages, next };
        }
        Answer::Messages { messages, more: question % 2 == 0 }
    }

    fn input(&mut self, source: &mut Unstructured<'_>) -> Result<(Timestamp, Input)> {
        if let Some(answer) = self.answers.pop_front() {
            return Ok((Timestamp::from_millis(self.now), answer));
        }
        // One byte selects the session and the time step, which is mostly zero.
        let byte: u8 = source.arbitrary()?;
        let (when, who) = (byte >> 4, usize::from(byte & 15));
        let at = match when {
            0..=10 => self.now,
            11..=13 => self.now + 30,
            14 => self.now.saturating_add(u64::from(source.arbitrary::<u16>()?)),
            _ => self.now.saturating_sub(u64::from(source.arbitrary::<u16>()?)),
        };
        self.now = self.now.max(at);
        let at = Timestamp::from_millis(at);
        let Some((session, opened)) = self.connections.get_mut(who) else {
            // A tick, or a command of the host or of a session that may not exist.
            let input = match source.int_in_range(0..=3u8)? {
                0 => Input::Tick,
                1 | 2 => Input::Host(host_command(source)?),
                _ => Input::Command {
                    session: SessionId(source.arbitrary()?),
                    request: None,
                    command: command(source)?,
                },
            };
            return Ok((at, input));
        };
        let session = *session;
        if !std::mem::replace(opened, true) {
            return Ok((at, Input::Open { session, peer: peer(source)? }));
        }
        let input = match source.int_in_range(0..=32u8)? {
            0 => Input::Close { session, reason: close_reason(source)? },
            1 => Input::Open { session, peer: peer(source)? },
            _ => Input::Command { session, request: request(source)?, command: command(source)? },
        };
        Ok((at, input))
    }
}

/// Returns the answer to a question, if there is one. Most of them fit an authentication only.
fn answer(QuestionId(question): QuestionId, now: u64) -> Option<Answer> {
    let account = |account: &str, nickname: Option<&str>, lasts: Option<u64>| {
        let mut identity = Identity::new(account).with_nicknames(nickname);
        identity.expires = lasts.map(|lasts| Timestamp::from_millis(now + lasts));
        Some(Answer::Account(identity))
    };
    match question % 16 {
        3 => Some(Answer::Refused(Text::clean("no"))),
        5 => Some(Answer::Unavailable),
        7 => None,
        9 => account("al", None, Some(900)),
        11 => account("al", Some("d"), None),
        13 => account("bo", None, None),
        15 => account("bo", None, Some(0)),
        _ => Some(Answer::Guest),
    }
}

/// Returns the answer to a question about a password.
fn password_answer(QuestionId(question): QuestionId) -> Answer {
    match question % 8 {
        0 => Answer::PasswordRefused(PasswordRefusal::Wrong),
        1 => Answer::PasswordRefused(PasswordRefusal::TooWeak(Text::clean("weak"))),
        3 => Answer::Challenge { message: Secret::new("challenge") },
        number => Answer::Password {
            credentials: (question % 3 > 0).then(|| Secret::new("hash")),
            token: (number != 2).then(|| Secret::new(TOKENS[usize::from(question % 5 == 0)])),
        },
    }
}

/// Session tokens of the host, which gives each several times.
const TOKENS: [&str; 4] = ["t1", "t2", "t3", "t4"];

fn peer(source: &mut Unstructured<'_>) -> Result<Peer> {
    let byte: u8 = source.arbitrary()?;
    let mut peer = Peer::default();
    if byte & 7 == 7 {
        peer.nickname = Some(word(source, NICKNAMES)?.into());
    }
    if byte & 8 != 0 {
        peer.account = Some(if byte & 16 == 0 { "al" } else { "bo" }.into());
    }
    if byte & 0x20 != 0 {
        peer.address = Some(format!("10.0.0.{}:7000", byte & 3).into());
    }
    if byte & 0xe0 == 0xe0 {
        peer.address = Some(word(source, TEXTS)?.into());
        peer.real_name = Some(word(source, TEXTS)?.into());
    }
    Ok(peer)
}

fn close_reason(source: &mut Unstructured<'_>) -> Result<CloseReason> {
    Ok(match source.int_in_range(0..=7u8)? {
        0 => CloseReason::Disconnected,
        1 => CloseReason::NotNamed,
        2 => CloseReason::Idle,
        3 => CloseReason::TooManyFaults,
        4 => CloseReason::TooSlow,
        5 => CloseReason::Refused,
        6 => CloseReason::ShuttingDown,
        _ => CloseReason::Quit(Some(Text::clean("gone"))),
    })
}

fn request(source: &mut Unstructured<'_>) -> Result<Option<RequestId>> {
    let number: u8 = source.arbitrary()?;
    Ok((number & 1 == 1).then(|| RequestId(number.to_string().into())))
}

fn message_id(source: &mut Unstructured<'_>) -> Result<MessageId> {
    Ok(MessageId(source.int_in_range(0..=20)?))
}

/// A point from which a client continues, of this epoch or of another.
fn resume(source: &mut Unstructured<'_>) -> Result<Option<ResumePoint>> {
    if source.arbitrary()? {
        return Ok(None);
    }
    let epoch = if source.ratio(7, 8)? { START } else { Timestamp::default() };
    Ok(Some(ResumePoint { epoch, id: message_id(source)? }))
}

fn command(source: &mut Unstructured<'_>) -> Result<Command> {
    let nickname = |source: &mut Unstructured<'_>| word(source, NICKNAMES);
    let channel = |source: &mut Unstructured<'_>| word(source, CHANNELS);
    Ok(match source.int_in_range(0..=41u8)? {
        0 | 1 => Command::Identify {
            nickname: some(source, NICKNAMES)?,
            lobby: source.ratio(7, 8)?,
            credential: credential(source)?,
            resume: resume(source)?,
            reconnect_key: None,
            profile: None,
        },
        36 => Command::Query(Query::Missed { after: message_id(source)?, limit: limit(source)? }),
        37 => {
            let of = recipient(source)?;
            if source.ratio(1, 4)? {
                let key = if source.arbitrary()? { "+typing" } else { "x" };
                let text = word(source, &["active", "👍"])?;
                let data = AppData::new([(key, text)]).expect("a valid key");
                Command::Signal { to: of, data }
            } else {
                Command::MarkRead { of, id: message_id(source)? }
            }
        }
        34 | 35 => Command::Account(account_command(source)?),
        41 => Command::User(user_command(source)?),
        39 | 40 => Command::Operator(operator_command(source)?),
        38 if source.ratio(1, 2)? => Command::Message(message_command(source)?),
        38 => Command::Report {
            about: match source.ratio(1, 2)? {
                true => ReportTarget::Message(MessageId(source.int_in_range(0..=20u64)?)),
                false => ReportTarget::User(nickname(source)?),
            },
            reason: some(source, TEXTS)?,
        },
        2 => Command::Rename { nickname: nickname(source)? },
        3..=6 => Command::Join {
            channel: channel(source)?,
            key: if source.ratio(1, 4)? { Some(word(source, KEYS)?) } else { None },
        },
        31 => Command::JoinMany {
            channels: (0..source.int_in_range(0..=4u8)?)
                .map(|_| Ok(JoinTarget { channel: channel(source)?, key: some(source, KEYS)? }))
                .collect::<Result<_>>()?,
        },
        7 => Command::Leave { channel: channel(source)?, reason: some(source, TEXTS)? },
        8 | 9 => Command::Say {
            to: Recipient::Channel(channel(source)?),
            kind: kind(source)?,
            text: word(source, TEXTS)?,
            nonce: some(source, NONCES)?.map(Into::into),
            data: data(source)?,
            reply_to: parent(source)?,
        },
        10 => Command::Say {
            to: if source.ratio(1, 4)? {
                let least = source.choose(&[Role::Voiced, Role::Operator]).copied()?;
                Recipient::Members { channel: channel(source)?, least }
            } else {
                Recipient::User(nickname(source)?)
            },
            kind: kind(source)?,
            text: word(source, TEXTS)?,
            nonce: some(source, NONCES)?.map(Into::into),
            data: data(source)?,
            reply_to: parent(source)?,
        },
        11 => Command::ShowTopic { channel: channel(source)? },
        12 => Command::SetTopic { channel: channel(source)?, topic: some(source, TEXTS)? },
        13 => Command::ShowModes { channel: channel(source)? },
        14 | 15 => Command::SetModes { channel: channel(source)?, changes: modes(source)? },
        16 | 17 => Command::SetRole {
            channel: channel(source)?,
            nickname: nickname(source)?,
            change: status_change(source)?,
        },
        18 => Command::Kick {
            channel: channel(source)?,
            nickname: nickname(source)?,
            reason: some(source, TEXTS)?,
        },
        19 => Command::Ban {
            channel: channel(source)?,
            nickname: nickname(source)?,
            reason: some(source, TEXTS)?,
        },
        20 => Command::Unban { channel: channel(source)?, nickname: nickname(source)? },
        21 => Command::Mute {
            channel: channel(source)?,
            nickname: nickname(source)?,
            reason: some(source, TEXTS)?,
        },
        22 => Command::Unmute { channel: channel(source)?, nickname: nickname(source)? },
        23 if source.ratio(1, 2)? => Command::SetMask {
            channel: channel(source)?,
            list: source.choose(&List::ALL).copied()?,
            mask: word(source, MASKS)?,
            listed: source.arbitrary()?,
            reason: some(source, TEXTS)?,
        },
        23 => Command::Exempt { channel: channel(source)?, nickname: nickname(source)? },
        24 => Command::Unexempt { channel: channel(source)?, nickname: nickname(source)? },
        25 => Command::Invite { channel: channel(source)?, nickname: nickname(source)? },
        26 => Command::ListUsers { channel: some(source, CHANNELS)? },
        27 => Command::ListChannels,
        28 => Command::ReadHistory {
            channel: channel(source)?,
            range: history_range(source)?,
            limit: limit(source)?,
        },
        32 if source.ratio(1, 4)? => Command::Query(Query::Playback {
            of: recipient(source)?,
            range: history_range(source)?,
            event: source.arbitrary::<Option<u64>>()?.map(EventKey),
            limit: limit(source)?,
        }),
        32 => Command::Query(Query::PrivateHistory {
            nickname: nickname(source)?,
            range: history_range(source)?,
            limit: limit(source)?,
        }),
        33 => Command::Query(Query::Search(Box::new(SearchQuery {
            channel: some(source, CHANNELS)?,
            from: some(source, NICKNAMES)?,
            older_than: source.ratio(1, 4)?.then_some(MessageId(5)),
            limit: limit(source)?,
            ..SearchQuery::new(word(source, TEXTS)?)
        }))),
        29 => own_properties(source)?,
        30 => Command::Quit { reason: some(source, TEXTS)? },
        _ => Command::Join { channel: "a".into(), key: None },
    })
}

fn credential(source: &mut Unstructured<'_>) -> Result<Option<Credential>> {
    Ok(match source.int_in_range(0..=7u8)? {
        0 => Some(Credential::Session(token(source)?)),
        1 => Some(Credential::Token(token(source)?)),
        2 => Some(Credential::Password(Box::new(login(source)?))),
        _ => None,
    })
}

fn login(source: &mut Unstructured<'_>) -> Result<PasswordLogin> {
    let (account, device) = (word(source, NICKNAMES)?, some(source, TEXTS)?);
    Ok(PasswordLogin { account, password: Secret::new(word(source, TEXTS)?), device })
}

/// Returns one of few session tokens.
fn token(source: &mut Unstructured<'_>) -> Result<Secret> {
    Ok(Secret::new(TOKENS[usize::from(source.int_in_range(0..=3u8)?)]))
}

fn operator_command(source: &mut Unstructured<'_>) -> Result<OperatorCommand> {
    let (nickname, channel) = (word(source, NICKNAMES)?, word(source, CHANNELS)?);
    let reason = some(source, TEXTS)?;
    let account = AccountName::from(if source.ratio(1, 2)? { "al" } else { "bo" });
    Ok(match source.int_in_range(0..=7u8)? {
        7 => OperatorCommand::Announce { text: word(source, TEXTS)? },
        0 => {
            let duration = Some(Duration::from_millis(source.arbitrary::<u16>()?.into()));
            let target = ban_target(source, account, nickname)?;
            OperatorCommand::BanServer { target, duration, reason }
        }
        1 => OperatorCommand::UnbanServer { target: ban_target(source, account, nickname)? },
        2 => OperatorCommand::Disconnect { nickname, reason },
        3 => OperatorCommand::RemoveAccount { account },
        4 => OperatorCommand::CloseChannel { channel, reason },
        5 => OperatorCommand::SetRole { channel, nickname, change: status_change(source)? },
        _ => {
            let report = ReportId(source.int_in_range(0..=9u64)?);
            OperatorCommand::CloseReport { report, reason }
        }
    })
}

fn user_command(source: &mut Unstructured<'_>) -> Result<UserCommand> {
    let on = source.arbitrary()?;
    let change = match source.int_in_range(0..=2u8)? {
        0 => UserModeChange::Invisible(on),
        1 => UserModeChange::Announcements(on),
        _ => UserModeChange::NoOperator,
    };
    Ok(match source.int_in_range(0..=4u8)? {
        3 => UserCommand::Watch { nicknames: vec![word(source, NICKNAMES)?] },
        4 => UserCommand::Unwatch {
            nicknames: if on { Some(vec![word(source, NICKNAMES)?]) } else { None },
        },
        0 => UserCommand::SetModes { changes: vec![change] },
        1 => UserCommand::SetModes { changes: Vec::new() },
        _ => UserCommand::BecomeOperator {
            name: if on { "op" } else { "al" }.to_owned(),
            password: Secret::new("old"),
        },
    })
}

fn account_command(source: &mut Unstructured<'_>) -> Result<AccountCommand> {
    let password = || Secret::new("old");
    Ok(match source.int_in_range(0..=9u8)? {
        0 | 1 => AccountCommand::Register { login: login(source)?, code: None },
        2 | 3 => AccountCommand::LogIn(login(source)?),
        4 => AccountCommand::LogOut,
        5 => AccountCommand::ChangePassword { old: password(), new: Secret::new("new") },
        6 => AccountCommand::Delete { password: password() },
        7 => AccountCommand::ListSessions,
        8 => {
            let account = word(source, NICKNAMES)?;
            let exchange = LoginExchange::new("TEST", account, Secret::new("proof"));
            AccountCommand::Exchange(Box::new(exchange))
        }
        _ => AccountCommand::Revoke { id: TokenDigest::of(&token(source)?).id() },
    })
}

fn host_command(source: &mut Unstructured<'_>) -> Result<HostCommand> {
    let nickname = word(source, NICKNAMES)?;
    let channel = word(source, CHANNELS)?;
    let reason = some(source, TEXTS)?;
    let account = || -> AccountName { if nickname.len() % 2 == 0 { "al" } else { "bo" }.into() };
    Ok(match source.int_in_range(0..=23u8)? {
        0 => {
            let (kind, text) = (kind(source)?, word(source, TEXTS)?);
            HostCommand::Say { to: Recipient::Channel(channel), kind, text, data: data(source)? }
        }
        1 => {
            let (kind, text) = (kind(source)?, word(source, TEXTS)?);
            HostCommand::Say { to: Recipient::User(nickname), kind, text, data: data(source)? }
        }
        2 | 3 => {
            let (modes, owner) = (modes(source)?, source.ratio(1, 2)?.then(account));
            HostCommand::CreateChannel { channel, modes, topic: reason, owner }
        }
        4 | 5 => HostCommand::CloseChannel { channel, reason },
        6 => HostCommand::SetTopic { channel, topic: reason },
        7 => HostCommand::SetModes { channel, changes: modes(source)? },
        8 => HostCommand::SetRole { channel, nickname, change: status_change(source)? },
        9 => HostCommand::Kick { channel, nickname, reason },
        10 => HostCommand::Ban { channel, nickname, reason },
        11 => HostCommand::Unban { channel, nickname },
        12 => HostCommand::Mute { channel, nickname, reason },
        13 => HostCommand::Unmute { channel, nickname },
        14 if source.ratio(1, 2)? => HostCommand::SetMask {
            channel,
            list: source.choose(&List::ALL).copied()?,
            mask: word(source, MASKS)?,
            listed: source.arbitrary()?,
            reason,
        },
        14 => HostCommand::Exempt { channel, nickname },
        15 => HostCommand::Unexempt { channel, nickname },
        16 => HostCommand::Invite { channel, nickname },
        17 => HostCommand::Join { channel, nickname },
        18 => HostCommand::Leave { channel, nickname, reason },
        19 => HostCommand::Disconnect { nickname, reason },
        20 => {
            let duration = Some(Duration::from_millis(source.arbitrary::<u16>()?.into()));
            let target = ban_target(source, account(), nickname)?;
            HostCommand::BanServer { target, duration, reason }
        }
        21 => match source.int_in_range(0..=2)? {
            0 => HostCommand::RemoveAccount { account: account() },
            1 => HostCommand::LogIn {
                names: vec![nickname, channel],
                credentials: Secret::new(source.choose(&["c1", "c2", "hash"]).copied()?),
                token: Secret::new(source.choose(&["t1", "t2", "t3"]).copied()?),
                device: reason,
            },
            _ => HostCommand::UnbanServer { target: ban_target(source, account(), nickname)? },
        },
        22 => HostCommand::SetChannelData { channel, data: data(source)? },
        _ => {
            let changes = vec![
                UserChange::Host(reason.clone()),
                UserChange::RealName(reason),
                UserChange::Bot(source.arbitrary()?),
                UserChange::Data(data(source)?),
            ];
            HostCommand::ChangeUser { nickname, changes }
        }
    })
}

fn ban_target(
    source: &mut Unstructured<'_>,
    account: AccountName,
    nickname: String,
) -> Result<BanTarget<String>> {
    Ok(match source.int_in_range(0..=2u8)? {
        0 => BanTarget::Account(account),
        1 => BanTarget::Nickname(nickname),
        _ => {
            let address = IpAddr::from(source.arbitrary::<[u8; 4]>()?);
            BanTarget::Addresses(AddressRange::new(address, source.arbitrary()?))
        }
    })
}

/// More inputs would only make a run slower.
const MAX_INPUTS: usize = 400;

const CONNECTIONS: usize = 8;
