//! A simulated user with a screen, and frames of a server.

use crate::connect::connection::{Login, Welcome};
use crate::connect::event::Incoming;
use crate::connect::received::SavedPoints;
use crate::connect::saved_logins::SavedLogins;
use crate::connect::screen::app::{App, Effect, Input};
use crate::connect::screen::{timeline, view};
use crate::connect::server_limits::ServerLimits;
use crate::connect::settings::Settings;
use chat_server::engine::Text;
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Size;
use std::time::Duration;
use unicode_width::UnicodeWidthStr;

/// A simulated user with a screen.
pub(super) struct Person {
    pub(super) app: App,
    /// The frames that were sent.
    pub(super) sent: Vec<String>,
    /// All other effects.
    pub(super) effects: Vec<Effect>,
}

impl Person {
    /// Returns alice, who has just started the client on a screen of this size.
    pub(super) fn at(width: u16, height: u16) -> Self {
        let settings = Settings {
            target: "tcp://127.0.0.1:7000".parse().expect("a URL"),
            login: Login {
                nickname: Some("alice".into()),
                proof: None,
                reconnect_key: None,
                resume: None,
            },
            channel: "lobby".into(),
            logins: SavedLogins::default(),
            points: SavedPoints::default(),
            password: None,
        };
        let nonces = Some("n".to_owned());
        let app = App::new(&settings, TimeZone::UTC, Size { width, height }, nonces);
        Self { app, sent: Vec::new(), effects: Vec::new() }
    }

    /// Returns alice in the lobby with bob, before the first message.
    pub(super) fn in_lobby(width: u16, height: u16) -> Self {
        let mut alice = Self::at(width, height);
        alice.connect(1);
        alice.receive(LOBBY);
        alice.answer(r#"{"type":"history","channel":"lobby","messages":[],"more":false}"#);
        alice.answer(USERS);
        alice
    }

    /// Connects as a new user.
    pub(super) fn connect(&mut self, session: u64) {
        self.connect_as(session, false, Duration::ZERO);
    }

    /// Connects as the same user as before, some time after the connection was lost.
    pub(super) fn reconnect(&mut self, session: u64, offline: Duration) {
        self.connect_as(session, true, offline);
    }

    fn connect_as(&mut self, session: u64, reconnected: bool, offline: Duration) {
        self.connect_with(session, reconnected, offline, |_| ());
    }

    /// Connects with a welcome that the test has changed.
    pub(super) fn connect_with(
        &mut self,
        session: u64,
        reconnected: bool,
        offline: Duration,
        change: impl FnOnce(&mut Welcome),
    ) {
        let nickname = Text::clean("alice");
        let mut welcome = Welcome {
            nickname,
            session,
            epoch: None,
            limits: ServerLimits::default(),
            reconnected,
            account: None,
            login: None,
            channels: None,
            resumed: None,
            conversations: Vec::new(),
        };
        change(&mut welcome);
        self.apply(Input::Connected { welcome, offline });
    }

    pub(super) fn lose(&mut self) {
        let why = "lost the connection".to_owned();
        self.apply(Input::Lost { why, delay: Duration::from_millis(1_500) });
    }

    /// Receives a frame from the server.
    pub(super) fn receive(&mut self, frame: &str) {
        let frame = Incoming::decode(frame).unwrap_or_else(|error| panic!("{frame}: {error}"));
        self.apply(Input::Frame(frame));
    }

    /// Receives the answer to the last request.
    pub(super) fn answer(&mut self, frame: &str) {
        let sent = self.sent.last().expect("something was sent");
        let sent: serde_json::Value = serde_json::from_str(sent).expect("JSON");
        let frame = frame.trim().strip_suffix('}').expect("an object");
        self.receive(&format!("{frame},\"ref\":{}}}", sent["ref"]));
    }

    pub(super) fn receive_chat(&mut self, id: u64, nickname: &str, text: &str) {
        self.receive(&format!(
            r#"{{"type":"chat",{}}}"#,
            message("channel", "lobby", id, nickname, text)
        ));
    }

    /// Receives a page of the lobby's history as an answer.
    pub(super) fn answer_history(&mut self, ids: impl IntoIterator<Item = u64>, more: bool) {
        let messages: Vec<String> = ids
            .into_iter()
            .map(|id| {
                format!("{{{}}}", message("channel", "lobby", id, "bob", &format!("message {id}")))
            })
            .collect();
        let messages = messages.join(",");
        self.answer(&format!(
            r#"{{"type":"history","channel":"lobby","messages":[{messages}],"more":{more}}}"#
        ));
    }

    pub(super) fn key(&mut self, code: KeyCode) {
        self.press(code, KeyModifiers::NONE);
    }

    pub(super) fn press(&mut self, code: KeyCode, modifiers: KeyModifiers) {
        let effects = self.app.key(KeyEvent::new(code, modifiers));
        self.note(effects);
    }

    pub(super) fn type_text(&mut self, text: &str) {
        text.chars().for_each(|c| self.key(KeyCode::Char(c)));
    }

    pub(super) fn type_line(&mut self, line: &str) {
        self.type_text(line);
        self.key(KeyCode::Enter);
    }

    pub(super) fn apply(&mut self, input: Input) {
        let effects = self.app.apply(input);
        self.note(effects);
    }

    pub(super) fn note(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send(frame) => self.sent.push(frame),
                Effect::RetryIn(_)
                | Effect::ReportIn(_)
                | Effect::AskAgainIn(_)
                | Effect::Leave
                | Effect::Stay
                | Effect::Login(_)
                | Effect::Reenter { .. }
                | Effect::Bell
                | Effect::Exit
                | Effect::Redraw => self.effects.push(effect),
            }
        }
    }

    /// Returns the last frame that was sent.
    pub(super) fn last_sent(&self) -> &str {
        self.sent.last().map_or("", String::as_str)
    }

    /// Returns the screen as text.
    pub(super) fn screen(&self) -> String {
        let Size { width, height } = self.app.size;
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
        terminal.draw(|frame| view::render(&self.app, frame)).expect("a drawing");
        let buffer = terminal.backend().buffer();
        let mut screen = String::new();
        for y in 0..height {
            let mut row = String::new();
            let mut x = 0;
            while x < width {
                let symbol = buffer[(x, y)].symbol();
                row.push_str(symbol);
                x += u16::try_from(symbol.width()).expect("one or two").max(1);
            }
            screen.push_str(row.trim_end());
            screen.push('\n');
        }
        screen
    }

    pub(super) fn cursor(&self) -> (u16, u16) {
        let Size { width, height } = self.app.size;
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
        terminal.draw(|frame| view::render(&self.app, frame)).expect("a drawing");
        let position = terminal.get_cursor_position().expect("a cursor");
        (position.x, position.y)
    }

    /// Returns the entries of the lobby's timeline, in order.
    pub(super) fn lobby_entries(&self) -> String {
        let lobby = &self.app.rooms[1];
        let entries = lobby.timeline.entries().map(|entry| match entry {
            timeline::Entry::Message(said) => said.id.to_string(),
            timeline::Entry::Line(line) => format!("({line})"),
            timeline::Entry::Join(_) => "|".to_owned(),
        });
        entries.collect::<Vec<_>>().join(" ")
    }
}

pub(super) const LOBBY: &str = r#"{"type":"roster","channel":"lobby","topic":"All things",
    "count":2,"members":[{"nickname":"alice","role":"member"},
        {"nickname":"bob","role":"member"}]}"#;
pub(super) const USERS: &str = r#"{"type":"users","channel":"lobby","count":2,
    "users":[{"nickname":"alice","away":null},{"nickname":"bob","away":"lunch"}]}"#;

/// Returns the fields of a message as JSON, without the braces.
pub(super) fn message(where_to: &str, name: &str, id: u64, nickname: &str, text: &str) -> String {
    let minute = id % 60;
    let quoted = |text: &str| serde_json::to_string(text).expect("a string");
    let (nickname, text) = (quoted(nickname), quoted(text));
    let head = format!(r#""id":{id},"at":"2026-01-01T10:{minute:02}:00.000Z""#);
    format!(r#"{head},"nickname":{nickname},"{where_to}":"{name}","text":{text},"kind":"message""#)
}
