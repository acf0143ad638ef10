//! The server, its store, and the devices.

use super::device::Device;
use super::ledger::Ledger;
use super::outcome::{Counters, Outcome};
use crate::Dice;
use chat_runtime::chat_core::{
    Answer, CloseReason, Command, Config, Effect, Engine, Input, MessageId, Peer, Question,
    QuestionId, Recipient, ResumePoint, SessionId, StampedRecord, Timestamp,
};
use chat_runtime::chat_store::{MemoryStore, Reader, Store};
use std::collections::BTreeMap;
use std::time::Duration;

pub(super) struct World {
    config: Config,
    engine: Engine,
    store: MemoryStore,
    devices: Vec<Device>,
    /// The device of each session.
    sessions: BTreeMap<SessionId, usize>,
    questions: Vec<(SessionId, QuestionId, Question)>,
    ledger: Ledger,
    now: Timestamp,
    last_session: u64,
    last_nonce: u64,
    problems: Vec<String>,
    counters: Counters,
}

impl World {
    pub(super) fn new(dice: &mut Dice) -> Self {
        let config = Config {
            older_history: true,
            history_per_channel: *dice.pick(&[0, 2, 5, 200]),
            mailbox_per_account: *dice.pick(&[0, 1, 3, 200]),
            history_page: *dice.pick(&[1, 3, 7, 100]),
            channels_per_user: 8,
            commands_per_second: 0,
            linger: *dice.pick(&[
                None,
                Some(Duration::from_secs(2)),
                Some(Duration::from_secs(120)),
            ]),
            ..Config::default()
        };
        let store = MemoryStore::new(&config, START);
        let engine = Engine::restore(config.clone(), store.open().state, START);
        let accounts = ["ann", "bob", "cleo", "dan"];
        let devices = accounts.iter().flat_map(|account| {
            let count = dice.between(1, 3);
            (0..count).map(|_| Device::new((*account).into())).collect::<Vec<_>>()
        });
        Self {
            devices: devices.collect(),
            config,
            engine,
            store,
            sessions: BTreeMap::new(),
            questions: Vec::new(),
            ledger: Ledger::default(),
            now: START,
            last_session: 0,
            last_nonce: 0,
            problems: Vec::new(),
            counters: Counters::default(),
        }
    }

    /// Lets something happen.
    pub(super) fn step(&mut self, dice: &mut Dice) {
        self.now = self.now + Duration::from_millis(dice.between(0, 300));
        let index = usize::try_from(dice.throw() % self.devices.len() as u64).unwrap_or_default();
        match dice.between(0, 99) {
            0 => self.restart(),
            // The server dies before it has committed an input.
            1 => self.die(index, dice),
            2..=20 => self.answer(dice),
            21..=50 => self.receive(index, dice.between(1, 6)),
            _ if self.devices[index].session.is_none() => self.connect(index),
            51..=60 => self.lose(index, dice),
            _ => {
                let command = self.command(index, dice);
                self.give(index, command);
            }
        }
    }

    /// Connects all devices, and lets them receive everything.
    pub(super) fn settle(&mut self) {
        for index in 0..self.devices.len() {
            if self.devices[index].session.is_none() {
                self.connect(index);
            }
        }
        for _ in 0..ROUNDS {
            while let Some(question) = self.questions.pop() {
                self.reply(question);
            }
            for index in 0..self.devices.len() {
                self.receive(index, u64::MAX);
            }
            let is_quiet = self.devices.iter().all(|device| device.inbox.is_empty());
            if is_quiet && self.questions.is_empty() {
                return;
            }
        }
        self.problems.push("the devices do not come to rest".into());
    }

    /// Compares what devices have received with the ledger.
    pub(super) fn finish(mut self) -> Outcome {
        for device in &self.devices {
            let due = self.ledger.due_of(&device.account);
            let account = &device.account;
            let missing: Vec<_> = due.difference(&device.received).collect();
            let left = self.ledger.left_by(&device.account);
            let foreign = device.received.difference(&due).filter(|id| !left.contains(id));
            let foreign: Vec<_> = foreign.collect();
            if !missing.is_empty() {
                self.problems.push(format!("a device of {account} has not received {missing:?}"));
            }
            if !foreign.is_empty() {
                self.problems.push(format!("a device of {account} has received {foreign:?}"));
            }
            self.counters.received += device.received.len();
        }
        Outcome { problems: self.problems, counters: self.counters }
    }

    fn connect(&mut self, index: usize) {
        self.last_session += 1;
        let session = SessionId(self.last_session);
        let device = &mut self.devices[index];
        device.session = Some(session);
        self.sessions.insert(session, index);
        let peer = Peer { account: Some(device.account.clone()), ..Peer::default() };
        let id = MessageId(device.received_up_to);
        let epoch = self.engine.durable().epoch();
        let identify = Command::Identify {
            nickname: Some(device.account.to_string()),
            lobby: true,
            credential: None,
            reconnect_key: None,
            profile: None,
            resume: Some(ResumePoint { epoch, id }),
        };
        self.counters.resumed += 1;
        self.apply(Input::Open { session, peer });
        self.apply(Input::Command { session, request: None, command: identify });
    }

    /// Chooses a command of a device.
    fn command(&mut self, index: usize, dice: &mut Dice) -> Command {
        let channel = (*dice.pick(&["lobby", "rust", "tea"])).to_owned();
        let who = (*dice.pick(&["ann", "bob", "cleo", "dan"])).to_owned();
        match dice.between(0, 19) {
            0..=3 => Command::join(channel),
            4 => Command::Leave { channel, reason: None },
            5 => Command::Kick { channel, nickname: who, reason: None },
            kind => {
                self.last_nonce += 1;
                let nonce = format!("n{}", self.last_nonce);
                let to = if kind < 9 { Recipient::User(who) } else { Recipient::Channel(channel) };
                let command = say(to, &nonce);
                self.devices[index].unacknowledged.insert(nonce, command.clone());
                command
            }
        }
    }

    /// Sends a command of a device that is connected.
    fn give(&mut self, index: usize, command: Command) {
        if let Some(session) = self.devices[index].session {
            self.apply(Input::Command { session, request: None, command });
        }
    }

    /// Lets a device receive some of the events on the way to it.
    fn receive(&mut self, index: usize, most: u64) {
        for _ in 0..most {
            if self.devices[index].inbox.is_empty() {
                break;
            }
            let epoch = self.engine.durable().epoch();
            let commands = self.devices[index].receive(epoch, &mut self.problems);
            for command in commands {
                self.give(index, command);
            }
        }
    }

    /// Ends the connection of a device, which has received some of the events on the way.
    fn lose(&mut self, index: usize, dice: &mut Dice) {
        self.receive(index, dice.between(0, 4));
        let Some(session) = self.devices[index].session else { return };
        self.devices[index].lose();
        self.sessions.remove(&session);
        self.questions.retain(|(asking, ..)| *asking != session);
        self.apply(Input::Close { session, reason: CloseReason::Disconnected });
    }

    /// Restarts the server, with what it has committed.
    fn restart(&mut self) {
        self.counters.restarts += 1;
        self.engine = Engine::restore(self.config.clone(), self.store.open().state, self.now);
        self.sessions.clear();
        self.questions.clear();
        self.devices.iter_mut().for_each(Device::lose);
    }

    /// Lets the server die while it handles a command: nothing of it is committed or delivered.
    fn die(&mut self, index: usize, dice: &mut Dice) {
        let command = self.command(index, dice);
        if let Some(session) = self.devices[index].session {
            let input = Input::Command { session, request: None, command };
            self.engine.apply(self.now, input).for_each(drop);
            self.counters.uncommitted += 1;
        }
        self.restart();
    }

    /// Answers one of the questions to the store, or does not find an answer.
    fn answer(&mut self, dice: &mut Dice) {
        if self.questions.is_empty() {
            return;
        }
        let place = usize::try_from(dice.throw() % self.questions.len() as u64);
        let asked = self.questions.remove(place.unwrap_or_default());
        if dice.percent(10) {
            let (session, question, _) = asked;
            self.apply(Input::Answer { session, question, answer: Answer::Unavailable });
        } else {
            self.reply(asked);
        }
    }

    fn reply(&mut self, (session, question, ask): (SessionId, QuestionId, Question)) {
        let answer = match ask {
            Question::Missed(request) => {
                let page = self.store.missed(&request).expect("memory does not fail");
                Answer::Messages { messages: page.messages, more: page.more }
            }
            Question::Authenticate { .. }
            | Question::Register { .. }
            | Question::CheckPassword { .. }
            | Question::Exchange { .. }
            | Question::History { .. }
            | Question::PrivateHistory { .. }
            | Question::Search(_)
            | _ => Answer::Unavailable,
        };
        self.apply(Input::Answer { session, question, answer });
    }

    /// Applies an input, commits its records, and then sends its events on their way.
    fn apply(&mut self, input: Input) {
        let Self { engine, store, devices, sessions, questions, ledger, problems, .. } = self;
        let effects = engine.apply(self.now, input);
        let at = effects.at();
        let effects: Vec<Effect<'_>> = effects.collect();
        let records: Vec<StampedRecord> = effects
            .iter()
            .filter_map(|effect| {
                let Effect::Record(record) = effect else { return None };
                Some(StampedRecord { at, record: (*record).clone() })
            })
            .collect();
        store.commit(&records).expect("memory does not fail");
        for effect in effects {
            let account_of = |session: SessionId| devices[sessions[&session]].account.clone();
            ledger.note(effect, account_of, problems);
            match effect {
                Effect::Reply { session, event, .. } => {
                    if let Some(index) = sessions.get(&session) {
                        devices[*index].inbox.push_back(event.clone());
                    }
                }
                Effect::Deliver { to, event } => {
                    for session in to {
                        if let Some(index) = sessions.get(session) {
                            devices[*index].inbox.push_back(event.clone());
                        }
                    }
                }
                Effect::Ask { session, question, ask } => {
                    self.counters.questions += 1;
                    questions.push((session, question, ask.clone()));
                }
                Effect::HostReply { .. } | Effect::Close { .. } | Effect::Record(_) | _ => {}
            }
        }
    }
}

/// Makes a message whose text is its nonce.
fn say(to: Recipient, nonce: &str) -> Command {
    match to {
        Recipient::Channel(channel) => Command::say(channel, nonce),
        Recipient::User(user) => Command::tell(user, nonce),
        Recipient::Members { .. } | _ => unreachable!("a variant that this test does not know"),
    }
    .with_nonce(nonce)
}

const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);
/// The most rounds until all devices have received everything.
const ROUNDS: usize = 10_000;
