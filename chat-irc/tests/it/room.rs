//! Several clients on one switchboard.

use crate::form_check::FormCheck;
use chat_core::{Answer, Config, Engine, Peer, Question, Secret, SessionId, Timestamp};
use chat_dialects::{
    Dialect, HostRequest, Inbound, JsonDialect, Recorder, Switchboard, TextDialect,
};
use chat_irc::{IrcDialect, IrcSettings};
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// Clients on one switchboard, and a transcript of all that they send and are sent.
pub(crate) struct Room {
    switchboard: Switchboard<Recorder>,
    irc: Arc<dyn Dialect>,
    clients: Vec<(&'static str, SessionId, Recorder)>,
    now: Timestamp,
    transcript: String,
    /// The questions to the host that were taken and not answered.
    requests: Vec<HostRequest>,
}

impl Room {
    pub(crate) fn new() -> Self {
        Self::with(IrcSettings::new("irc.test"), Config::default())
    }

    pub(crate) fn with(settings: IrcSettings, config: Config) -> Self {
        let dialect = IrcDialect::new(settings, &config);
        Self::with_dialect(dialect, config)
    }

    pub(crate) fn with_dialect(dialect: IrcDialect, config: Config) -> Self {
        let config = Config { commands_per_second: 0, ..config };
        let irc = Arc::new(FormCheck(dialect));
        let switchboard = Switchboard::new(Engine::new(config, NOW));
        let (clients, transcript, requests) = (Vec::new(), String::new(), Vec::new());
        Self { switchboard, irc, clients, now: NOW, transcript, requests }
    }

    /// Makes a room of a server with accounts, where everybody may register.
    pub(crate) fn with_accounts() -> Self {
        let config = Config { accounts: true, registration: true, ..Config::default() };
        Self::with(IrcSettings::new("irc.test"), config)
    }

    /// Makes a room of a server with accounts, to which clients log in with SCRAM too.
    pub(crate) fn with_scram() -> Self {
        let mut settings = IrcSettings::new("irc.test");
        settings.scram = true;
        Self::with(settings, Config { accounts: true, registration: true, ..Config::default() })
    }

    /// Connects a client of the JSON dialect, which registers an account.
    pub(crate) fn register(&mut self, name: &'static str, account: &str) {
        self.join_json(name);
        let request = format!(r#"{{"type":"register","account":"{account}","password":"s3cret"}}"#);
        self.send_silently(name, request.as_bytes());
        self.answer_password(right_password());
    }

    /// Connects a client of IRC that has sent nothing yet.
    pub(crate) fn connect(&mut self, name: &'static str) {
        self.open(name, self.irc.clone(), Peer { host: Some("h".into()), ..Peer::default() });
    }

    /// Connects a client of IRC whose nickname is `name`, and takes its welcome.
    pub(crate) fn join_irc(&mut self, name: &'static str, capabilities: &str) {
        self.connect(name);
        let requests = [format!("CAP REQ :{capabilities}"), "CAP END".to_owned()];
        let user = format!("USER {name} 0 * :{name}'s real name");
        for line in [format!("NICK {name}"), user].iter().chain(&requests) {
            self.send_silently(name, line.as_bytes());
        }
        self.take_silently(name);
    }

    /// Connects a client of the text dialect.
    pub(crate) fn join_text(&mut self, name: &'static str) {
        self.open(name, Arc::new(TextDialect::bracket()), Peer::default());
        self.send_silently(name, format!("/name {name}").as_bytes());
        self.take_silently(name);
    }

    /// Connects a client of the JSON dialect.
    pub(crate) fn join_json(&mut self, name: &'static str) {
        self.open(name, Arc::new(JsonDialect::default()), Peer::default());
        let hello = format!(r#"{{"type":"hello","nickname":"{name}","version":2}}"#);
        self.send_silently(name, hello.as_bytes());
        self.take_silently(name);
    }

    /// Lets clients of IRC and of the JSON dialect join `#a`.
    pub(crate) fn gather(&mut self, irc: &[&str], json: &[&str]) {
        irc.iter().for_each(|name| self.send_silently(name, b"JOIN #a"));
        let join = br#"{"type":"join","channel":"a"}"#;
        json.iter().for_each(|name| self.send_silently(name, join));
        for name in irc.iter().chain(json) {
            self.take_silently(name);
        }
    }

    /// Lets clients of IRC join `#a`, with `terry`, who reads text, and `jay`, who reads JSON.
    pub(crate) fn gather_with_others(&mut self, irc: &[&str]) {
        self.join_text("terry");
        self.join_json("jay");
        self.gather(irc, &["jay"]);
        self.send_silently("terry", b"/join a");
        for name in irc.iter().chain(&["terry", "jay"]) {
            self.take_silently(name);
        }
    }

    fn open(&mut self, name: &'static str, dialect: Arc<dyn Dialect>, peer: Peer) {
        let session = SessionId(self.clients.len() as u64 + 1);
        let port = Recorder::default();
        self.switchboard.open(self.now, session, peer, dialect, port.clone());
        self.clients.push((name, session, port));
    }

    /// Sends a line, and notes it and all that the clients are sent.
    pub(crate) fn send(&mut self, name: &str, line: &str) {
        writeln!(self.transcript, "{name} > {}", shown(line)).expect("a string has room");
        self.send_silently(name, line.as_bytes());
        self.note();
    }

    /// Lets time pass.
    pub(crate) fn wait(&mut self, time: Duration) {
        self.now = self.now + time;
        self.switchboard.tick(self.now);
    }

    /// Sends bytes without a note.
    pub(crate) fn send_silently(&mut self, name: &str, line: &[u8]) {
        let session = self.client(name).1;
        self.now = self.now + Duration::from_millis(1_000);
        self.switchboard.receive_frame(self.now, session, line);
    }

    /// Returns true if the host has been asked something.
    pub(crate) fn has_questions(&mut self) -> bool {
        self.requests.extend(self.switchboard.take_requests());
        !self.requests.is_empty()
    }

    /// Answers the next question about a password.
    pub(crate) fn answer_password(&mut self, answer: Answer) {
        self.answer(answer, |question| {
            matches!(
                question,
                Question::CheckPassword { .. }
                    | Question::Register { .. }
                    | Question::Exchange { .. }
            )
        });
    }

    /// Answers the next question about a history.
    pub(crate) fn answer_history(&mut self, answer: Answer) {
        self.answer(answer, |question| matches!(question, Question::History { .. }));
    }

    /// Answers the next question about one message.
    pub(crate) fn answer_message(&mut self, answer: Answer) {
        self.answer(answer, |question| matches!(question, Question::Message(_)));
    }

    fn answer(&mut self, answer: Answer, is_wanted: impl Fn(&Question) -> bool) {
        self.requests.extend(self.switchboard.take_requests());
        let requests = std::mem::take(&mut self.requests);
        let request = requests.iter().find(|request| is_wanted(&request.question));
        let request = request.expect("a question of that kind");
        let (session, question) = (request.session, request.id);
        self.switchboard.receive(self.now, session, Inbound::Answer { question, answer });
        self.note();
    }

    /// Gives a command of the host.
    pub(crate) fn host(&mut self, command: chat_core::HostCommand) {
        writeln!(self.transcript, "host > {command:?}").expect("a string has room");
        self.switchboard.host(self.now, command);
        self.note();
    }

    /// Returns the lines that a client was sent since the last note.
    pub(crate) fn take_silently(&mut self, name: &str) -> Vec<String> {
        self.client(name).2.take()
    }

    /// Returns true if the session of a client has ended.
    pub(crate) fn is_closed(&self, name: &str) -> bool {
        self.client(name).2.closed().is_some()
    }

    /// Returns the transcript.
    pub(crate) fn transcript_so_far(&self) -> &str {
        &self.transcript
    }

    pub(crate) fn transcript(self) -> String {
        self.transcript
    }

    fn client(&self, name: &str) -> &(&'static str, SessionId, Recorder) {
        self.clients.iter().find(|(known, ..)| *known == name).expect("a client of that name")
    }

    fn note(&mut self) {
        for (name, _, port) in &self.clients {
            for line in port.take() {
                writeln!(self.transcript, "{name} < {}", shown(&line)).expect("a string has room");
            }
        }
    }
}

/// The answer of the host if a password is right.
pub(crate) fn right_password() -> Answer {
    Answer::Password {
        credentials: Some(Secret::new("credentials")),
        token: Some(Secret::new("a token of enough letters for a session")),
    }
}

/// Returns a line with its control characters visible.
fn shown(line: &str) -> String {
    let shown = |c| match c {
        '\0' => '␀',
        '\u{1}' => '␁',
        c => c,
    };
    line.chars().map(shown).collect()
}
