//! Ten clients on one switchboard, and what must be true of everything that they are sent.

use crate::START;
use crate::script::Act;
use chat_core::{CloseReason, Config, Engine, Peer, SessionId, Timestamp};
use chat_dialects::{
    Dialect, Fault, Frames, Full, Inbound, JsonDialect, NoEvents, Port, SlowConsumer, Style,
    Switchboard, TextDialect, TxtChatDialect,
};
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

pub(crate) const CLIENTS: usize = 10;

/// A switchboard with clients.
pub(crate) struct Stage {
    switchboard: Switchboard<Mailbox>,
    clients: Vec<Client>,
    last_session: u64,
    now: Timestamp,
}

/// What a client speaks.
#[derive(Clone)]
pub(crate) struct Speaks {
    dialect: Arc<dyn Dialect>,
    is_json: bool,
}

/// A client, who is there if it has a session.
struct Client {
    speaks: Speaks,
    host: String,
    nickname: Option<&'static str>,
    session: Option<SessionId>,
    mailbox: Mailbox,
}

/// What a client has been sent. Clones share.
#[derive(Clone, Default)]
struct Mailbox(Rc<RefCell<Dispatch>>);

#[derive(Default)]
struct Dispatch {
    frames: Vec<Vec<u8>>,
    /// Nobody reads it, and so it is soon full.
    deaf: bool,
    refused: bool,
    closed: bool,
}

impl Speaks {
    pub(crate) fn text(style: Style) -> Self {
        Self { dialect: Arc::new(TextDialect::new(style)), is_json: false }
    }

    pub(crate) fn json() -> Self {
        Self { dialect: Arc::new(JsonDialect::new("chat")), is_json: true }
    }

    pub(crate) fn txtchat(names: bool) -> Self {
        Self { dialect: Arc::new(TxtChatDialect::new(7).names(names)), is_json: false }
    }

    pub(crate) fn dialect(&self) -> Arc<dyn Dialect> {
        self.dialect.clone()
    }
}

impl Stage {
    /// A stage on which client 0 and so on speak these.
    pub(crate) fn new(speak: [Speaks; CLIENTS], slow_consumer: SlowConsumer) -> Self {
        let mut switchboard = Switchboard::new(Engine::new(limits(), START));
        switchboard.set_slow_consumer(slow_consumer);
        let clients = speak.into_iter().enumerate().map(|(number, speaks)| Client {
            speaks,
            host: format!("10.0.0.{number}:1"),
            nickname: (number == NAMED_BY_HOST).then_some("hosted"),
            session: None,
            mailbox: Mailbox::default(),
        });
        Self { switchboard, clients: clients.collect(), last_session: 0, now: START }
    }

    /// Carries out an act. Returns what each client has read after it, as it came.
    pub(crate) fn act(&mut self, act: &Act) -> Vec<Vec<String>> {
        let now = self.now;
        match act {
            Act::Frame { client, frame } => {
                let session = self.session(*client);
                self.switchboard.receive_frame(now, session, frame);
            }
            Act::TooLong { client } => {
                let session = self.session(*client);
                let fault = Fault::TooLong { limit: 8_192 };
                self.switchboard.receive(now, session, Inbound::Fault(fault));
            }
            Act::Leave { client } => {
                let session = self.session(*client);
                self.switchboard.close(now, session, CloseReason::Disconnected);
            }
            Act::Deafen { client } => self.clients[*client].mailbox.deafen(),
            Act::Wait { millis } => {
                self.now = self.now + Duration::from_millis(*millis);
                self.switchboard.tick(self.now);
            }
        }
        let mut flushed = 0;
        self.switchboard.flush(|_| flushed += 1);
        assert!(flushed <= CLIENTS, "somebody was woken twice");
        (0..CLIENTS).map(|client| self.read(client)).collect()
    }

    /// Whether a client reads what it is sent.
    pub(crate) fn reads(&self, client: usize) -> bool {
        !self.clients[client].mailbox.0.borrow().deaf
    }

    /// Whether a client has a connection.
    pub(crate) fn is_there(&self, client: usize) -> bool {
        self.clients[client].session.is_some()
    }

    /// Ends everything, in one of two ways, and checks that it has ended.
    pub(crate) fn finish(mut self, shut_down: bool) {
        if shut_down {
            self.switchboard.shut_down();
        } else {
            for session in self.clients.iter().filter_map(|client| client.session) {
                self.switchboard.close(self.now, session, CloseReason::Disconnected);
            }
            let view = self.switchboard.view();
            assert_eq!(view.session_count(), 0);
            assert_eq!(view.user_count(), 0);
            assert_eq!(view.channel_count(), 1, "the lobby stays");
            assert_eq!(self.switchboard.next_deadline(), None);
        }
        for client in self.clients.iter().filter(|client| client.session.is_some()) {
            let mail = client.mailbox.0.borrow();
            assert!(mail.closed, "a connection was left open");
            mail.frames.iter().for_each(|frame| check(&client.speaks, frame));
        }
    }

    /// The session of a client, who is connected if need be.
    fn session(&mut self, number: usize) -> SessionId {
        let client = &mut self.clients[number];
        if let Some(session) = client.session {
            return session;
        }
        self.last_session += 1;
        let session = SessionId(self.last_session);
        client.session = Some(session);
        client.mailbox = Mailbox::default();
        let peer = Peer {
            host: Some(client.host.as_str().into()),
            nickname: client.nickname.map(Into::into),
            ..Peer::default()
        };
        let (dialect, mailbox) = (client.speaks.dialect.clone(), client.mailbox.clone());
        self.switchboard.open(self.now, session, peer, dialect, mailbox);
        session
    }

    /// Takes and checks what a client has been sent, unless it does not read.
    fn read(&mut self, number: usize) -> Vec<String> {
        let client = &mut self.clients[number];
        let Some(session) = client.session else { return Vec::new() };
        let (mut frames, refused, closed) = client.mailbox.take();
        assert_eq!(
            closed,
            !self.switchboard.view().is_open(session),
            "the engine and the port do not agree on whether {session:?} is open"
        );
        if closed {
            client.session = None;
        } else if refused {
            self.switchboard.receive(self.now, session, Inbound::Resume);
            let (told, ..) = client.mailbox.take();
            assert!(!told.is_empty(), "nothing was said about what was missed");
            frames.extend(told);
        }
        frames.iter().for_each(|frame| check(&client.speaks, frame));
        let texts = frames.into_iter().map(|frame| String::from_utf8(frame).expect("checked"));
        texts.collect()
    }
}

impl Mailbox {
    fn deafen(&self) {
        let mut mail = self.0.borrow_mut();
        mail.deaf = !mail.deaf;
    }

    /// What has come, whether something did not fit, and whether nothing more will come.
    fn take(&self) -> (Vec<Vec<u8>>, bool, bool) {
        let mut mail = self.0.borrow_mut();
        if mail.deaf && !mail.closed {
            return (Vec::new(), false, false);
        }
        (std::mem::take(&mut mail.frames), std::mem::take(&mut mail.refused), mail.closed)
    }
}

impl Port for Mailbox {
    type Prepared = Vec<Vec<u8>>;
    type Events = NoEvents;

    fn prepare(&mut self, frames: &Frames) -> Vec<Vec<u8>> {
        frames.iter().map(|frame| frame.bytes().to_vec()).collect()
    }

    fn send(&mut self, frames: &Vec<Vec<u8>>) -> Result<(), Full> {
        let mut mail = self.0.borrow_mut();
        assert!(!mail.closed, "something was sent after the end");
        if mail.deaf && mail.frames.len() >= ROOM {
            mail.refused = true;
            return Err(Full);
        }
        mail.frames.extend_from_slice(frames);
        Ok(())
    }

    fn has_room(&self) -> bool {
        let mail = self.0.borrow();
        !mail.deaf || mail.frames.len() <= ROOM / 2
    }

    fn close(&mut self, last_words: &Frames, _: &CloseReason) {
        let mut mail = self.0.borrow_mut();
        assert!(!mail.closed, "closed twice");
        mail.frames.extend(last_words.iter().map(|frame| frame.bytes().to_vec()));
        mail.closed = true;
    }
}

/// Reads a frame of JSON.
pub(crate) fn object(frame: &str) -> Map<String, Value> {
    match serde_json::from_str(frame) {
        Ok(Value::Object(object)) => object,
        other => panic!("{frame:?} is not an object, but {other:?}"),
    }
}

/// Checks what must be true of every frame that a client is sent.
pub(crate) fn check(speaks: &Speaks, frame: &[u8]) {
    let frame = std::str::from_utf8(frame).expect("frames are UTF-8");
    if !speaks.is_json {
        assert!(!frame.contains(is_harmful), "{frame:?} can do harm");
        return;
    }
    let mut object = object(frame);
    assert!(object.get("type").is_some_and(Value::is_string), "{frame} has no type");
    // What a client itself has called its request comes back to it as it was, and to nobody else.
    if object.remove("ref").is_none() {
        assert!(!frame.contains(is_harmful), "{frame:?} can do harm");
    }
    assert!(!frame.contains(|c: char| c < ' '), "{frame:?} is not one line");
    object.values().for_each(check_value);
}

fn check_value(value: &Value) {
    match value {
        Value::String(text) => assert!(!text.contains(is_harmful), "{text:?} can do harm"),
        Value::Array(values) => values.iter().for_each(check_value),
        Value::Object(fields) => fields.values().for_each(check_value),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Whether a character can drive a terminal, end a line, or turn what stands around it.
fn is_harmful(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Limits that a short run can meet. There is no limit of commands: scripts rarely wait.
fn limits() -> Config {
    Config {
        message_bytes: 200,
        topic_bytes: 40,
        reason_bytes: 40,
        away_bytes: 40,
        channels: 8,
        channels_per_user: 4,
        members_per_channel: 6,
        history_per_channel: 5,
        history_page: 3,
        bans_per_channel: 3,
        invitations_per_user: 2,
        listing: 4,
        announce_up_to: 5,
        commands_per_second: 0,
        idle_timeout: Some(Duration::from_secs(600)),
        ..Config::default()
    }
}

/// How many frames wait for a client that does not read.
const ROOM: usize = 4;

/// The client whose name its host has decided.
const NAMED_BY_HOST: usize = 5;
