//! Clients of every dialect on one switchboard, which check each frame that they receive.

use super::actions::{Action, CLIENTS, Kind, is_harmful};
use super::encode::{ClientDialect, command, frames};
use chat_core::{
    ChannelName, Command, Config, Engine, ModeChange, Nickname, Peer, SessionId, Status,
    StatusChange, Timestamp,
};
use chat_dialects::{
    Dialect, JsonDialect, Recorder, Style, Switchboard, TextDialect, TxtChatDialect,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) const DIALECTS: [ClientDialect; CLIENTS] = [
    ClientDialect::Json2,
    ClientDialect::Json2,
    ClientDialect::Json1,
    ClientDialect::TxtChat,
    ClientDialect::Text,
    ClientDialect::Text,
    ClientDialect::Text,
    ClientDialect::Text,
    ClientDialect::Text,
    ClientDialect::Text,
];

/// The owner of the channel `room`, who makes all others its operators.
pub(super) const OWNER: usize = 0;

pub(super) const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// A switchboard with clients of every dialect, all in the lobby and in `room`.
pub(super) struct TestSwitchboard {
    switchboard: Switchboard<Recorder>,
    dialects: [Arc<dyn Dialect>; CLIENTS],
    sessions: [SessionId; CLIENTS],
    ports: [Recorder; CLIENTS],
    last_session: u64,
    /// Number of objects of each kind that clients of version 2 were sent.
    pub(super) objects: BTreeMap<String, usize>,
}

impl TestSwitchboard {
    pub(super) fn new() -> Self {
        let config = Config { commands_per_second: 0, ..Config::default() };
        let json: Arc<dyn Dialect> = Arc::new(JsonDialect::default());
        let text = |style| Arc::new(TextDialect::new(style)) as Arc<dyn Dialect>;
        let stamped = |style| Style { timestamps: true, ..style };
        let dialects = [
            json.clone(),
            json.clone(),
            json,
            Arc::new(TxtChatDialect::new(7).names(true)),
            text(Style::bracket()),
            text(Style::star()),
            text(Style::plain()),
            text(stamped(Style::bracket())),
            text(Style { timestamps: false, ..Style::star() }),
            text(stamped(Style::plain())),
        ];
        let mut clients = Self {
            switchboard: Switchboard::new(Engine::new(config, NOW)),
            dialects,
            sessions: [SessionId(0); CLIENTS],
            ports: std::array::from_fn(|_| Recorder::default()),
            last_session: 0,
            objects: BTreeMap::new(),
        };
        clients.join_room();
        clients
    }

    pub(super) fn act(&mut self, action: &Action) {
        let actor = action.actor;
        // The owner has to stay, because only an owner can make operators.
        let mut kind = action.kind;
        if actor == OWNER && matches!(kind, Kind::Quit | Kind::Leave | Kind::Nonsense) {
            kind = Kind::Away;
        } else if action.target == OWNER && matches!(kind, Kind::Kick | Kind::Ban) {
            kind = Kind::Mute;
        }
        let nickname = self.nickname(action.target);
        self.prepare(kind, action);
        match frames(DIALECTS[actor], kind, action, &nickname) {
            Some(frames) if !action.directly || kind == Kind::Nonsense => {
                frames.iter().for_each(|frame| self.send(actor, frame));
            }
            Some(_) | None => {
                if let Some(command) = command(kind, action, &nickname) {
                    self.command(actor, command);
                }
            }
        }
        self.undo(kind, action, nickname);
        self.join_room();
    }

    /// Gives the commands without which an action would be refused.
    fn prepare(&mut self, kind: Kind, action: &Action) {
        let Action { actor, name, words, .. } = action;
        if kind == Kind::Invite {
            self.command(*actor, Command::Join { channel: name.clone(), key: None });
        }
        if kind == Kind::Modes {
            for key in [words, name] {
                let changes = vec![ModeChange::Key(Some(key.clone()))];
                self.command(*actor, Command::SetModes { channel: "room".into(), changes });
            }
        }
        if kind == Kind::Look {
            self.command(*actor, Command::ListChannels);
            self.command(*actor, Command::ListUsers { channel: None });
            self.command(*actor, Command::ShowTopic { channel: "room".into() });
        }
    }

    /// Undoes the effects of an action that would disturb the next one.
    fn undo(&mut self, kind: Kind, action: &Action, nickname: String) {
        let Action { actor, name, words, .. } = action;
        if matches!(kind, Kind::Invite | Kind::Join | Kind::JoinMany) {
            let reason = Some(words.clone());
            self.command(*actor, Command::Leave { channel: name.clone(), reason });
        }
        if kind == Kind::JoinMany {
            self.command(*actor, Command::Leave { channel: words.clone(), reason: None });
        }
        if kind == Kind::Modes {
            let changes = vec![ModeChange::Key(None)];
            self.command(OWNER, Command::SetModes { channel: "room".into(), changes });
        }
        if kind == Kind::Mute {
            self.command(OWNER, Command::Unmute { channel: "room".into(), nickname });
        } else if kind == Kind::Ban {
            self.command(OWNER, Command::Unban { channel: "room".into(), nickname });
        }
    }

    /// Connects the clients that are not connected, and lets those join that are not in `room`.
    fn join_room(&mut self) {
        let channel = || "room".to_owned();
        for client in 0..CLIENTS {
            if !self.switchboard.view().is_open(self.sessions[client]) {
                self.open(client);
            }
            if self.is_in_room(client) {
                continue;
            }
            let nickname = self.nickname(client);
            self.command(client, Command::Join { channel: channel(), key: None });
            if client != OWNER {
                let change = StatusChange::Grant(Status::Operator);
                self.command(OWNER, Command::SetRole { channel: channel(), nickname, change });
            }
            assert!(self.is_in_room(client), "client {client} cannot come back");
        }
    }

    fn open(&mut self, client: usize) {
        self.last_session += 1;
        let session = SessionId(self.last_session);
        self.sessions[client] = session;
        self.ports[client] = Recorder::default();
        let peer = Peer { address: Some(format!("10.0.0.{client}:1").into()), ..Peer::default() };
        let (dialect, port) = (self.dialects[client].clone(), self.ports[client].clone());
        self.switchboard.open(NOW, session, peer, dialect, port);
        let name = format!("client{client}");
        let hello = match DIALECTS[client] {
            ClientDialect::Text => format!("/name {name}"),
            ClientDialect::TxtChat => format!("reg${name}"),
            ClientDialect::Json1 => json!({ "type": "hello", "nickname": name }).to_string(),
            ClientDialect::Json2 => {
                json!({ "type": "hello", "nickname": name, "version": 2 }).to_string()
            }
        };
        self.send(client, &hello);
        self.command(client, Command::Join { channel: "lobby".into(), key: None });
    }

    fn send(&mut self, client: usize, frame: &str) {
        let session = self.sessions[client];
        self.switchboard.receive_frame(NOW, session, frame.as_bytes());
        self.check();
    }

    fn command(&mut self, client: usize, command: Command) {
        self.switchboard.command(NOW, self.sessions[client], None, command);
        self.check();
    }

    /// Checks the frames that all clients were sent.
    fn check(&mut self) {
        for (port, dialect) in self.ports.iter().zip(DIALECTS) {
            for frame in port.take() {
                assert!(!frame.is_empty());
                assert!(!frame.contains(is_harmful), "{dialect:?}: {frame:?}");
                if matches!(dialect, ClientDialect::Text | ClientDialect::TxtChat) {
                    continue;
                }
                let object: Value = serde_json::from_str(&frame).expect("JSON");
                check_decoded(&object);
                if dialect == ClientDialect::Json2 {
                    *self.objects.entry(object_kind(&object)).or_default() += 1;
                }
            }
        }
    }

    fn nickname(&self, client: usize) -> String {
        let user = self.switchboard.view().user_of(self.sessions[client]);
        user.expect("every client has a nickname").nickname().shown().to_owned()
    }

    fn is_in_room(&self, client: usize) -> bool {
        let room = ChannelName::parse("room").expect("a name");
        let nickname = Nickname::parse(&self.nickname(client)).expect("a name");
        let channel = self.switchboard.view().channel(&room);
        channel.is_some_and(|channel| channel.role(&nickname).is_some())
    }
}

pub(super) fn check_decoded(value: &Value) {
    match value {
        Value::String(text) => assert!(!text.contains(is_harmful), "decoded: {text:?}"),
        Value::Array(values) => values.iter().for_each(check_decoded),
        // The text of a message of version 2 has line feeds and tabs.
        Value::Object(fields) if is_message_2(value) => {
            let mut fields = fields.clone();
            let text = fields["text"].as_str().expect("a text").replace(['\n', '\t'], "");
            fields.insert("text".into(), text.into());
            fields.values().for_each(check_decoded);
        }
        Value::Object(fields) => fields.values().for_each(check_decoded),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Returns true for a message of version 2, alone or in a history.
fn is_message_2(object: &Value) -> bool {
    object.get("id").is_some() && object.get("text").is_some()
}

/// Returns the kind of an object.
pub(super) fn object_kind(object: &Value) -> String {
    let kind = object["type"].as_str().expect("a type");
    if kind == "chat" && object.get("to").is_some() {
        return "chat: private".to_owned();
    }
    match (kind, object.get("kind").and_then(Value::as_str), object.get("reason")) {
        ("chat", Some(how), _) => format!("chat: {how}"),
        (_, _, Some(_)) => format!("{kind}, with a reason"),
        (_, _, None) => kind.to_owned(),
    }
}
