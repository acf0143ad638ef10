//! A run of an engine with a store.

use super::subject::Subject;
use crate::{Found, MemoryStore, Opened, Page, Reader, Store};
use chat_core::search::SearchRequest;
use chat_core::{
    AccountCommand, AccountName, Answer, AppData, BanTarget, ChannelId, ChannelName, CloseReason,
    Command, Config, DurableState, Effect, Engine, HistoryRange, HostCommand, Input, List, Message,
    MessageAction, MessageCommand, MessageId, MessageRequest, MissedRequest, ModeChange, Nickname,
    OperatorCommand, PasswordLogin, Peer, Question, QuestionId, Recipient, Record, ReportId,
    ReportTarget, Role, Secret, SessionId, StampedRecord, StatusChange, Text, Timestamp,
    UserChange,
};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// The limit of histories and mailboxes: low, so that a run reaches it.
pub(super) const RECENT: usize = 5;
pub(super) const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// An engine, the store, and the reference.
pub(super) struct Run<'a, S> {
    subject: &'a mut S,
    store: Option<Box<dyn Store>>,
    memory: MemoryStore,
    engine: Engine,
    now: Timestamp,
    /// The ids of all channels that there were.
    channels: BTreeMap<u64, ChannelName>,
    last_message: u64,
    /// The last question of the engine, until it is answered.
    asked: Option<(QuestionId, Question)>,
}

pub(super) fn check<S: Subject>(subject: &mut S, steps: &[[u8; 5]]) {
    let mut run = Run::new(subject);
    for step in steps {
        run.step(*step);
    }
    run.restart();
}

pub(super) fn config() -> Config {
    Config {
        history_per_channel: RECENT,
        mailbox_per_account: RECENT,
        commands_per_second: 0,
        older_history: true,
        accounts: true,
        registration: true,
        logins_per_account: 2,
        login_burst: 0,
        audit_entries: 6,
        server_operators: vec![account(0)],
        report_burst: 0,
        ..Config::default()
    }
}

impl<'a, S: Subject> Run<'a, S> {
    pub(super) fn new(subject: &'a mut S) -> Self {
        let memory = MemoryStore::new(&config(), START);
        let Opened { store, state } = subject.open(RECENT, START);
        assert_same(&state, &memory);
        Self {
            subject,
            store: Some(store),
            memory,
            engine: Engine::restore(config(), state, START),
            now: START,
            channels: BTreeMap::from([(1, ChannelName::lobby())]),
            last_message: 0,
            asked: None,
        }
    }

    /// Makes a step from random bytes: an action, a session, and two choices.
    fn step(&mut self, [action, session, first, second, third]: [u8; 5]) {
        let session = SessionId(u64::from(session % SESSIONS));
        let channel = CHANNELS[usize::from(first) % CHANNELS.len()].to_owned();
        let nickname = format!("n{}", second % SESSIONS);
        let text = text(second, third);
        if action >= 224 {
            return self.apply(Input::Host(host_command(channel, nickname, first, second, third)));
        }
        let command = match action % 32 {
            0..4 => return self.open(session),
            4 => {
                let reason = CloseReason::Disconnected;
                return self.apply(Input::Close { session, reason });
            }
            5..8 => Command::Join { channel, key: None },
            8 => Command::Leave { channel, reason: None },
            9..13 => {
                let nonce = Some(third.to_string().into());
                Command::Say {
                    to: Recipient::Channel(channel),
                    kind: kind(second),
                    text,
                    nonce,
                    data: data(third),
                    reply_to: None,
                }
            }
            13..16 => {
                let nonce = (first > 127).then(|| third.to_string().into());
                Command::Say {
                    to: Recipient::User(nickname),
                    kind: kind(third),
                    text,
                    nonce,
                    data: data(first),
                    reply_to: None,
                }
            }
            16 => Command::SetTopic { channel, topic: (third > 60).then_some(text) },
            17 => Command::SetModes { channel, changes: vec![mode(third)] },
            18 => Command::SetRole { channel, nickname, change: role(third) },
            19 => Command::Ban { channel, nickname, reason: (third > 99).then_some(text) },
            20 => Command::Unban { channel, nickname },
            21 => Command::Mute { channel, nickname, reason: None },
            22 => Command::Unmute { channel, nickname },
            23 if third > 99 => Command::SetMask {
                channel,
                list: List::ALL[usize::from(third % 5)],
                mask: format!("*!*@{}", second % 3),
                listed: first < 170,
                reason: (second > 99).then_some(text),
            },
            23 => Command::Exempt { channel, nickname },
            24 => Command::Unexempt { channel, nickname },
            25 => Command::Invite { channel, nickname },
            26 => Command::Rename { nickname: format!("n{}", third % 20) },
            27 if third > 199 => Command::SetAway { message: Some(text) },
            27 => {
                let id = MessageId(self.last_message * u64::from(second) / 255);
                let of = match third % 2 {
                    0 => Recipient::Channel(channel),
                    _ => Recipient::User(nickname),
                };
                Command::MarkRead { of, id }
            }
            28 => {
                self.now = self.now + Duration::from_millis(u64::from(third) * 20);
                return self.apply(Input::Tick);
            }
            29 => return self.restart(),
            30 if third < 60 => {
                let account = account(second % SESSIONS);
                self.commit(vec![StampedRecord {
                    at: self.now,
                    record: Record::AccountRemoved { account },
                }]);
                return self.restart();
            }
            30 if third < 160 => return self.search_some(first, second, third),
            31 if third < 100 => return self.use_account(session, first, second),
            31 if third < 180 => Command::Report {
                about: match first % 3 {
                    2 => return self.change_message(session, second, third),
                    0 => ReportTarget::User(nickname),
                    _ => ReportTarget::Message(MessageId(
                        u64::from(second) % (self.last_message + 1),
                    )),
                },
                reason: (first > 99).then_some(text),
            },
            31 if third < 200 => Command::Operator(OperatorCommand::CloseReport {
                report: ReportId(u64::from(second % 16)),
                reason: None,
            }),
            _ => return self.read(first, second, third),
        };
        self.apply(Input::Command { session, request: None, command });
    }

    /// Deletes or edits a message, which the engine may ask the store for.
    fn change_message(&mut self, session: SessionId, second: u8, third: u8) {
        let id = MessageId(u64::from(second) % (self.last_message + 1));
        let reason = (third > 140).then(|| text(second, third));
        let action = match third % 5 {
            0 => MessageAction::Edit { text: text(third, second) },
            1 => MessageAction::Pin { pinned: second & 1 == 0 },
            2 => MessageAction::React { emoji: "+1".into(), remove: second & 1 == 0 },
            _ => MessageAction::Delete { reason },
        };
        let command = Command::Message(MessageCommand { id, channel: None, action });
        self.apply(Input::Command { session, request: None, command });
        let Some((question, Question::Message(request))) = self.asked.take() else { return };
        let found = self.message(&request);
        let answer = Answer::Messages { messages: found.into_iter().collect(), more: false };
        self.apply(Input::Answer { session, question, answer });
    }

    /// Opens a session with a nickname. The first sessions have accounts.
    fn open(&mut self, session: SessionId) {
        let number = u8::try_from(session.0).unwrap_or_default();
        let account = (number < ACCOUNTS).then(|| account(number));
        self.apply(Input::Open { session, peer: Peer { account, ..Peer::default() } });
        let command = Command::identify(format!("n{number}"));
        self.apply(Input::Command { session, request: None, command });
    }

    /// Registers an account, logs in or out, changes the password, or revokes a login.
    fn use_account(&mut self, session: SessionId, first: u8, second: u8) {
        let login = || PasswordLogin {
            account: format!("n{}", first % SESSIONS),
            password: Secret::new("secret"),
            device: second.is_multiple_of(2).then(|| format!("device '{first}'")),
        };
        let old = Secret::new("secret");
        let command = match second % 8 {
            0..=1 => AccountCommand::Register { login: login(), code: None },
            2..=4 => AccountCommand::LogIn(login()),
            5 => AccountCommand::ChangePassword { old, new: Secret::new("new") },
            6 => AccountCommand::Delete { password: old },
            _ => AccountCommand::LogOut,
        };
        let command = Command::Account(command);
        self.apply(Input::Command { session, request: None, command });
        let Some((question, _)) = self.asked.take() else { return };
        let answer = Answer::Password {
            credentials: (!first.is_multiple_of(3)).then(|| Secret::new(format!("hash {first}"))),
            token: Some(Secret::new(format!("token {first} {second}"))),
        };
        self.apply(Input::Answer { session, question, answer });
    }

    /// Applies an input, and commits its records.
    fn apply(&mut self, input: Input) {
        let effects = self.engine.apply(self.now, input);
        let at = effects.at();
        let mut records = Vec::new();
        for effect in effects {
            if let Effect::Record(record) = effect {
                records.push(StampedRecord { at, record: record.clone() });
            } else if let Effect::Ask { question, ask, .. } = effect {
                self.asked = Some((question, ask.clone()));
            }
        }
        self.commit(records);
    }

    pub(super) fn commit(&mut self, records: Vec<StampedRecord>) {
        for StampedRecord { record, .. } in &records {
            if let Record::ChannelCreated { channel, id, .. } = record {
                self.channels.insert(id.0, channel.clone());
            }
            if let Record::Said { message, .. } = record {
                self.last_message = message.id.0;
            }
        }
        self.memory.commit(&records).expect("memory does not fail");
        self.store.as_mut().expect("it is open").commit(&records).expect("the store commits");
    }

    /// Closes the store and opens it again, and the engine with it.
    pub(super) fn restart(&mut self) {
        self.store = None;
        let Opened { store, state } = self.subject.open(RECENT, self.now);
        assert_same(&state, &self.memory);
        self.store = Some(store);
        self.engine = Engine::restore(config(), state, self.now);
    }

    pub(super) fn state(&self) -> &DurableState {
        self.engine.durable()
    }

    pub(super) fn history(
        &self,
        id: ChannelId,
        name: &ChannelName,
        range: HistoryRange,
        limit: usize,
    ) -> Page {
        let store = self.store.as_ref().expect("it is open");
        let mut reader = store.reader().expect("it can be read");
        reader.history(id, name, range, limit).expect("it reads")
    }

    /// Reads one message, and compares it with that of the store in memory.
    pub(super) fn message(&self, request: &MessageRequest) -> Option<Arc<Message>> {
        let store = self.store.as_ref().expect("it is open");
        let mut reader = store.reader().expect("it can be read");
        let found = reader.message(request).expect("it reads");
        let mut memory = self.memory.reader().expect("it can be read");
        assert_eq!(found, memory.message(request).expect("it reads"), "{request:?}");
        found
    }

    /// Searches, and compares all pages with those of the store in memory.
    pub(super) fn search(&self, request: &SearchRequest) -> Vec<Arc<Message>> {
        let store = self.store.as_ref().expect("it is open");
        let found = all_pages(&mut *store.reader().expect("it can be read"), request);
        let expected = all_pages(&mut *self.memory.reader().expect("it can be read"), request);
        assert_eq!(found, expected, "{request:?}");
        found
    }

    /// Searches for something, in some channels and mailboxes.
    fn search_some(&self, first: u8, second: u8, third: u8) {
        let text = SEARCHES[usize::from(third) % SEARCHES.len()];
        let mut request = SearchRequest::new(Text::clean(text), 1 + usize::from(second % 5));
        for (id, name) in &self.channels {
            if (id + u64::from(first)) % 3 > 0 {
                request = request.with_channel(ChannelId(*id), name.clone());
            }
        }
        request.account = (!first.is_multiple_of(4)).then(|| account(first / 4 % SESSIONS));
        let nickname = || Nickname::parse(&format!("N{}", first % SESSIONS)).expect("a nickname");
        request.from = second.is_multiple_of(8).then(nickname);
        let time = |steps: u8| START + Duration::from_millis(u64::from(steps) * 100);
        request.after = (second % 16 == 1).then(|| time(first));
        request.before = (second % 16 == 3).then(|| time(first));
        let last = self.last_message * u64::from(first) / 256;
        request.older_than = (second % 16 == 5).then_some(MessageId(last + 1));
        self.search(&request);
    }

    /// Sets the time of the next work that can wait.
    pub(super) fn set_time(&mut self, now: Timestamp) {
        self.now = now;
    }

    /// Does the work of the store that can wait.
    pub(super) fn maintain(&mut self) {
        let store = self.store.as_mut().expect("it is open");
        while store.maintain(self.now).expect("it does its work") {}
    }

    /// Reads a page of what a client has missed, and compares it.
    fn read_missed(&self, reader: &mut dyn Reader, first: u8, second: u8, limit: usize) {
        let after = |step: u64| MessageId((self.last_message + 2) * u64::from(second) / 256 + step);
        let mut request = MissedRequest::new(limit, MessageId(self.last_message));
        for (id, name) in &self.channels {
            if (id + u64::from(first)) % 4 > 0 {
                request = request.with_channel(name.clone(), ChannelId(*id), after(id % 3));
            }
        }
        if !first.is_multiple_of(3) {
            request = request.with_mailbox(account(first % ACCOUNTS), after(1));
        }
        let mut memory = self.memory.reader().expect("it can be read");
        let page = reader.missed(&request).expect("it reads");
        assert_eq!(page, memory.missed(&request).expect("it reads"), "{request:?}");
    }

    /// Reads a page of a history, and compares it.
    fn read(&mut self, first: u8, second: u8, third: u8) {
        self.maintain();
        let store = self.store.as_ref().expect("it is open");
        let mut reader = store.reader().expect("it can be read");
        let mut memory = self.memory.reader().expect("it can be read");
        let id = MessageId(u64::from(second) * (self.last_message + 2) / 256);
        let elapsed = u64::try_from(self.now.since(START).as_millis()).unwrap_or_default();
        let at = START + Duration::from_millis(u64::from(second) * (elapsed + 2) / 256);
        let range = match third % 7 {
            0 => HistoryRange::Latest,
            1 => HistoryRange::Before(id),
            2 => HistoryRange::After(id),
            3 => HistoryRange::Around(id),
            4 => HistoryRange::BeforeTime(at),
            5 => HistoryRange::AfterTime(at),
            _ => HistoryRange::At(at),
        };
        let limit = usize::from(third / 7 % 8);
        self.read_missed(&mut *reader, first, second, limit);
        for (id, name) in &self.channels {
            let id = ChannelId(*id);
            let page = reader.history(id, name, range, limit).expect("it reads");
            let expected = memory.history(id, name, range, limit).expect("it reads");
            assert_eq!(page, expected, "{range:?} of {name}, at most {limit}");
        }
        let account = account(first % ACCOUNTS);
        for number in 0..SESSIONS {
            let nickname = Nickname::parse(&format!("N{number}")).expect("a nickname");
            let page = reader.private_history(&account, &nickname, range, limit).expect("it reads");
            let expected =
                memory.private_history(&account, &nickname, range, limit).expect("it reads");
            assert_eq!(page, expected, "{range:?} of {account} with {nickname}, at most {limit}");
        }
    }
}

/// Returns the messages of all pages of a search, each of which has the messages of its request.
fn all_pages(reader: &mut dyn Reader, request: &SearchRequest) -> Vec<Arc<Message>> {
    let mut request = request.clone();
    let mut all = Vec::new();
    loop {
        let Found { messages, next } = reader.search(&request).expect("it searches");
        assert!(messages.len() <= request.limit, "a page has at most {}", request.limit);
        assert!(messages.is_sorted_by(|a, b| a.id > b.id), "the newest messages come first");
        assert!(messages.iter().all(|message| request.admits(message)), "{request:?}");
        all.extend(messages);
        let Some(next) = next else { return all };
        assert!(request.older_than.is_none_or(|bound| next < bound), "each page is further back");
        request.older_than = Some(next);
    }
}

fn assert_same(state: &DurableState, memory: &MemoryStore) {
    let expected = memory.open().state;
    if *state != expected {
        let [found, expected] = [state, &expected].map(|state| format!("{state:#?}"));
        let differences: Vec<_> = found
            .lines()
            .zip(expected.lines())
            .filter(|(found, expected)| found != expected)
            .take(20)
            .collect();
        panic!("the state is different; found and expected: {differences:#?}");
    }
}

/// Returns a text, one of few.
fn text(second: u8, third: u8) -> String {
    match second % 5 {
        0 => format!("Größe {third} c++ don't"),
        1 => format!("東京 \"{third}\"\n#rust"),
        _ => format!("text {third}"),
    }
}

/// Searches that find some of the texts.
const SEARCHES: [&str; 12] = [
    "text",
    "t",
    "text 1",
    "2",
    "grosse c++",
    "京",
    "\"1",
    "don't",
    "#rust",
    "東京 #",
    "x",
    "hello",
];

const SESSIONS: u8 = 6;
/// The time for which some channels keep messages, longer than a run.
const KEPT: Duration = Duration::from_secs(86_400);
/// The sessions that have accounts.
const ACCOUNTS: u8 = 4;
const CHANNELS: [&str; 4] = ["#rust", "#den", "lobby", "#Größe"];

pub(super) fn account(number: u8) -> AccountName {
    format!("a{number}").as_str().into()
}

/// Returns a command of the host that changes what a store keeps.
fn host_command(
    channel: String,
    nickname: String,
    first: u8,
    second: u8,
    third: u8,
) -> HostCommand {
    let account = account(second % SESSIONS);
    let target = match third % 3 {
        0 => BanTarget::Account(account.clone()),
        1 => BanTarget::Nickname(if first > 127 {
            nickname.to_uppercase()
        } else {
            nickname.clone()
        }),
        _ => BanTarget::Addresses(IpAddr::from([192, 0, 2, second]).into()),
    };
    match first % 8 {
        0 | 1 => HostCommand::CreateChannel {
            channel,
            modes: vec![mode(third)],
            topic: (third > 99).then(|| "welcome".into()),
            owner: (second > 99).then_some(account),
        },
        2 if third < 99 => HostCommand::CloseChannel { channel, reason: None },
        2 => HostCommand::SetChannelData { channel, data: data(third) },
        3 | 4 => HostCommand::ChangeUser { nickname, changes: vec![UserChange::Data(data(third))] },
        5 => {
            let to = Recipient::Channel(channel);
            HostCommand::Say { to, kind: kind(third), text: "hello".into(), data: data(second) }
        }
        6 => {
            let duration = Some(Duration::from_millis(u64::from(second) * 10));
            HostCommand::BanServer { target, duration, reason: None }
        }
        _ => HostCommand::UnbanServer { target },
    }
}

/// Returns application data, mostly none.
fn data(byte: u8) -> AppData {
    let entries: &[(&str, &str)] = match byte % 4 {
        0 => &[("a", "1"), ("b/c", "two\nlines")],
        1 => &[("a", "")],
        _ => &[],
    };
    AppData::new(entries.iter().copied()).expect("valid keys")
}

fn kind(choice: u8) -> chat_core::MessageKind {
    let name = ["message", "action", "notice"][usize::from(choice) % 3];
    chat_core::MessageKind::from_name(name).expect("a kind")
}

fn mode(choice: u8) -> ModeChange {
    match choice % 6 {
        0 => ModeChange::Secret(choice > 127),
        1 => ModeChange::InviteOnly(choice > 127),
        2 => ModeChange::MemberLimit((choice > 127).then_some(9)),
        3 => ModeChange::Keep((choice > 127).then_some(KEPT)),
        4 => ModeChange::Key((choice > 127).then(|| "key".into())),
        _ => ModeChange::MembersOnly(choice > 127),
    }
}

fn role(choice: u8) -> StatusChange {
    let role = [Role::Member, Role::Voiced, Role::Operator, Role::Owner][usize::from(choice) % 4];
    match role.status() {
        Some(status) if choice > 99 => StatusChange::Grant(status),
        _ => StatusChange::Become(role),
    }
}
