//! Ten clients on one switchboard, and checks of every frame that they are sent.

use crate::START;
use crate::script::Action;
use chat_core::{CloseReason, Config, Engine, Peer, SessionId, Timestamp};
use chat_dialects::{
    Dialect, Fault, Frames, Full, Inbound, JsonDialect, NoEvents, Port, SlowConsumer, Style,
    Switchboard, TextDialect, TxtChatDialect,
};
use chat_irc::{IrcDialect, IrcSettings};
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

pub(crate) const CLIENTS: usize = 10;

/// A switchboard with clients.
pub(crate) struct Harness {
    switchboard: Switchboard<Mailbox>,
    clients: Vec<Client>,
    last_session: u64,
    now: Timestamp,
}

/// A client's dialect.
#[derive(Clone)]
pub(crate) struct ClientDialect {
    dialect: Arc<dyn Dialect>,
    syntax: Syntax,
}

/// The syntax of the frames that a client is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Syntax {
    Lines,
    Json,
    Irc,
}

/// A client, which is connected if it has a session.
struct Client {
    dialect: ClientDialect,
    host: String,
    nickname: Option<&'static str>,
    session: Option<SessionId>,
    mailbox: Mailbox,
}

/// The frames that a client has been sent. Clones share them.
#[derive(Clone, Default)]
struct Mailbox(Rc<RefCell<MailboxState>>);

#[derive(Default)]
struct MailboxState {
    frames: Vec<Vec<u8>>,
    /// The client does not read, so that the mailbox fills up.
    stalled: bool,
    refused: bool,
    closed: bool,
}

impl ClientDialect {
    pub(crate) fn text(style: Style) -> Self {
        Self { dialect: Arc::new(TextDialect::new(style)), syntax: Syntax::Lines }
    }

    pub(crate) fn json() -> Self {
        Self { dialect: Arc::new(JsonDialect::new("chat")), syntax: Syntax::Json }
    }

    pub(crate) fn txtchat(names: bool) -> Self {
        Self { dialect: Arc::new(TxtChatDialect::new(7).names(names)), syntax: Syntax::Lines }
    }

    pub(crate) fn irc() -> Self {
        let settings = IrcSettings::new("irc.test");
        Self { dialect: Arc::new(IrcDialect::new(settings, &limits())), syntax: Syntax::Irc }
    }

    pub(crate) fn dialect(&self) -> Arc<dyn Dialect> {
        self.dialect.clone()
    }
}

impl Harness {
    /// Creates ten clients, the first with the first dialect, and so on.
    pub(crate) fn new(dialects: [ClientDialect; CLIENTS], slow_consumer: SlowConsumer) -> Self {
        let mut switchboard = Switchboard::new(Engine::new(limits(), START));
        switchboard.set_slow_consumer(slow_consumer);
        let clients = dialects.into_iter().enumerate().map(|(number, dialect)| Client {
            dialect,
            host: format!("10.0.0.{number}:1"),
            nickname: (number == NAMED_BY_HOST).then_some("hosted"),
            session: None,
            mailbox: Mailbox::default(),
        });
        Self { switchboard, clients: clients.collect(), last_session: 0, now: START }
    }

    /// Carries out an action. Returns the frames that each client has read after it, in order.
    pub(crate) fn apply(&mut self, action: &Action) -> Vec<Vec<String>> {
        let now = self.now;
        match action {
            Action::Frame { client, frame } => {
                let session = self.session(*client);
                self.switchboard.receive_frame(now, session, frame);
            }
            Action::TooLong { client } => {
                let session = self.session(*client);
                let fault = Fault::TooLong { limit: 8_192 };
                self.switchboard.receive(now, session, Inbound::Fault(fault));
            }
            Action::Leave { client } => {
                let session = self.session(*client);
                self.switchboard.close(now, session, CloseReason::Disconnected);
            }
            Action::ToggleReading { client } => self.clients[*client].mailbox.toggle_reading(),
            Action::Wait { millis } => {
                self.now = self.now + Duration::from_millis(*millis);
                self.switchboard.tick(self.now);
            }
        }
        let mut flushed = 0;
        self.switchboard.flush(|_| flushed += 1);
        assert!(flushed <= CLIENTS, "a session was flushed twice");
        (0..CLIENTS).map(|client| self.read(client)).collect()
    }

    /// Returns true if a client reads.
    pub(crate) fn reads(&self, client: usize) -> bool {
        !self.clients[client].mailbox.0.borrow().stalled
    }

    /// Returns true if a client has a connection.
    pub(crate) fn is_there(&self, client: usize) -> bool {
        self.clients[client].session.is_some()
    }

    /// Closes all sessions, or shuts the switchboard down, and checks that every session has ended.
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
            let state = client.mailbox.0.borrow();
            assert!(state.closed, "a connection was left open");
            state.frames.iter().for_each(|frame| check(&client.dialect, frame));
        }
    }

    /// Returns the session of a client; connects the client first if it has none.
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
            address: Some(client.host.as_str().into()),
            nickname: client.nickname.map(Into::into),
            ..Peer::default()
        };
        let (dialect, mailbox) = (client.dialect.dialect.clone(), client.mailbox.clone());
        self.switchboard.open(self.now, session, peer, dialect, mailbox);
        session
    }

    /// Takes and checks the frames that a client has been sent, unless it does not read.
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
            assert!(!told.is_empty(), "there is no notice of the missed frames");
            frames.extend(told);
        }
        frames.iter().for_each(|frame| check(&client.dialect, frame));
        let texts = frames.into_iter().map(|frame| String::from_utf8(frame).expect("checked"));
        texts.collect()
    }
}

impl Mailbox {
    fn toggle_reading(&self) {
        let mut state = self.0.borrow_mut();
        state.stalled = !state.stalled;
    }

    /// Returns the frames, whether any were refused because the mailbox was full, and whether it is
    /// closed.
    fn take(&self) -> (Vec<Vec<u8>>, bool, bool) {
        let mut state = self.0.borrow_mut();
        if state.stalled && !state.closed {
            return (Vec::new(), false, false);
        }
        (std::mem::take(&mut state.frames), std::mem::take(&mut state.refused), state.closed)
    }
}

impl Port for Mailbox {
    type Prepared = Vec<Vec<u8>>;
    type Events = NoEvents;

    fn prepare(&mut self, frames: &Frames) -> Vec<Vec<u8>> {
        frames.iter().map(|frame| frame.bytes().to_vec()).collect()
    }

    fn send(&mut self, frames: &Vec<Vec<u8>>) -> Result<(), Full> {
        let mut state = self.0.borrow_mut();
        assert!(!state.closed, "frames were sent after the close");
        if state.stalled && state.frames.len() >= CAPACITY {
            state.refused = true;
            return Err(Full);
        }
        state.frames.extend_from_slice(frames);
        Ok(())
    }

    fn has_room(&self) -> bool {
        let state = self.0.borrow();
        !state.stalled || state.frames.len() <= CAPACITY / 2
    }

    fn close(&mut self, last_words: &Frames, _: &CloseReason) {
        let mut state = self.0.borrow_mut();
        assert!(!state.closed, "closed twice");
        state.frames.extend(last_words.iter().map(|frame| frame.bytes().to_vec()));
        state.closed = true;
    }
}

/// Parses a frame as a JSON object.
pub(crate) fn object(frame: &str) -> Map<String, Value> {
    match serde_json::from_str(frame) {
        Ok(Value::Object(object)) => object,
        other => panic!("{frame:?} is not an object, but {other:?}"),
    }
}

/// Checks the properties of every frame that a client is sent.
pub(crate) fn check(dialect: &ClientDialect, frame: &[u8]) {
    let frame = std::str::from_utf8(frame).expect("frames are UTF-8");
    match dialect.syntax {
        Syntax::Lines => {
            assert!(!frame.contains(is_harmful_in_a_line), "{frame:?} has harmful characters");
            return;
        }
        Syntax::Irc => return check_irc(frame),
        Syntax::Json => {}
    }
    let mut object = object(frame);
    assert!(object.get("type").is_some_and(Value::is_string), "{frame} has no type");
    // A `ref` returns to its own client unchanged, and only to that client.
    if object.remove("ref").is_none() {
        assert!(!frame.contains(is_harmful), "{frame:?} has harmful characters");
    }
    assert!(!frame.contains(|c: char| c < ' '), "{frame:?} is not one line");
    check_fields(&object);
}

/// Checks that a frame is one line of IRC, within its limits. Only the two marks around an action
/// or another CTCP are control characters.
fn check_irc(frame: &str) {
    let (tags, line) = match frame.strip_prefix('@') {
        Some(tagged) => tagged.split_once(' ').expect("a line follows the tags"),
        None => ("", frame),
    };
    assert!(tags.len() <= 8_189 && line.len() <= 510, "{frame:?} is too long");
    let is_harmful = |c: char| c != '\u{1}' && is_harmful_in_a_line(c);
    assert!(!frame.contains(is_harmful), "{frame:?} has harmful characters");
    let is_marked = line.ends_with('\u{1}') && line.contains(" :\u{1}");
    match line.matches('\u{1}').count() {
        0 => {}
        2 => assert!(is_marked, "{frame:?} has marks at other places"),
        marks => panic!("{frame:?} has {marks} marks of CTCP"),
    }
    let rest = match line.strip_prefix(':') {
        Some(prefixed) => {
            let (source, rest) = prefixed.split_once(' ').expect("a command follows the source");
            assert!(!source.is_empty(), "{frame:?} has no source");
            rest
        }
        None => line,
    };
    let command = rest.split(' ').next().unwrap_or_default();
    let is_command = command.bytes().all(|byte| byte.is_ascii_alphanumeric());
    assert!(is_command && !command.is_empty(), "{frame:?} has no command");
}

fn check_fields(fields: &Map<String, Value>) {
    for (name, value) in fields {
        match value {
            Value::String(text) if name == "text" => {
                assert!(!text.contains(is_harmful_in_a_message), "{text:?} has harmful characters")
            }
            _ => check_value(value),
        }
    }
}

fn check_value(value: &Value) {
    match value {
        Value::String(text) => {
            assert!(!text.contains(is_harmful), "{text:?} has harmful characters")
        }
        Value::Array(values) => values.iter().for_each(check_value),
        Value::Object(fields) => check_fields(fields),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Returns true if a character can control a terminal, end a line, or reorder the text around it.
fn is_harmful(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Returns true if a line of text must not contain the character: a message keeps its indentation.
fn is_harmful_in_a_line(c: char) -> bool {
    c != '\t' && is_harmful(c)
}

/// Returns true if a message must not contain the character: it may have several lines.
fn is_harmful_in_a_message(c: char) -> bool {
    c != '\n' && is_harmful_in_a_line(c)
}

/// Limits that a short run can reach. Commands have no rate limit, since scripts rarely wait.
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

/// The number of frames that a mailbox holds for a client that does not read.
const CAPACITY: usize = 4;

/// The client whose nickname the embedding program has set.
const NAMED_BY_HOST: usize = 5;
