//! Nothing that one user sends reaches the terminal of another as it was: every frame, in every
//! dialect, is one line of harmless characters.

use chat_core::{
    ChannelName, Command, Config, Engine, HistoryRange, JoinTarget, MessageKind, ModeChange,
    Nickname, Peer, Recipient, SessionId, Status, StatusChange, Timestamp,
};
use chat_dialects::{
    Dialect, JsonDialect, Recorder, Style, Switchboard, TextDialect, TxtChatDialect,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config as Runs, TestRunner};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

proptest! {
    #![proptest_config(Runs { failure_persistence: None, ..Runs::with_cases(400) })]

    #[test]
    fn every_frame_is_one_line_that_does_no_harm(deeds in deeds()) {
        let mut hall = TestSwitchboard::new();
        deeds.iter().for_each(|deed| hall.act(deed));
    }
}

/// A test of what never happens is worth something only where much does.
#[test]
fn whatever_can_be_told_has_been_told() {
    let mut runner = TestRunner::deterministic();
    let mut told = BTreeMap::<String, usize>::new();
    for _ in 0..300 {
        let mut hall = TestSwitchboard::new();
        let deeds = deeds().new_tree(&mut runner).expect("nothing is filtered").current();
        deeds.iter().for_each(|deed| hall.act(deed));
        for (news, count) in hall.told {
            *told.entry(news).or_default() += count;
        }
    }
    let seldom = NEWS.iter().filter(|news| told.get(**news).copied().unwrap_or(0) < 20);
    assert_eq!(seldom.collect::<Vec<_>>(), Vec::<&&str>::new(), "{told:#?}");
    let (refused, done) = (told["error"], told["ok"] + told["ack"]);
    assert!(done > 2 * refused, "{done} deeds have succeeded, {refused} have not");
}

/// What programs of version 2 are told.
const NEWS: &[&str] = &[
    "ack",
    "away",
    "channels",
    "chat: action",
    "chat: message",
    "chat: notice",
    "chat: private",
    "error",
    "history",
    "invited",
    "joined",
    "kicked, with a reason",
    "modes",
    "muted, with a reason",
    "ok",
    "renamed",
    "role",
    "roster",
    "topic",
    "unmuted",
    "user_joined",
    "user_left, with a reason",
    "users",
    "welcome",
];

/// What somebody does, with words and a name that are full of traps.
#[derive(Clone, Debug)]
struct Deed {
    what: What,
    actor: usize,
    target: usize,
    words: String,
    name: String,
    /// White space around a name, which is dropped.
    around: &'static str,
    /// Past the dialect of the one who does it: more can be answered in a dialect than asked for.
    directly: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Say,
    Act,
    Notice,
    Private,
    Topic,
    Rename,
    Join,
    JoinMany,
    Leave,
    Quit,
    Kick,
    Ban,
    Mute,
    Unmute,
    Away,
    Invite,
    Modes,
    Look,
    /// Something that is wrong in a way that an answer could quote.
    Nonsense,
}

const DEEDS: &[What] = &[
    What::Say,
    What::Act,
    What::Notice,
    What::Private,
    What::Topic,
    What::Rename,
    What::Join,
    What::JoinMany,
    What::Leave,
    What::Quit,
    What::Kick,
    What::Ban,
    What::Mute,
    What::Unmute,
    What::Away,
    What::Invite,
    What::Modes,
    What::Look,
    What::Nonsense,
];

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = (
        prop::sample::select(DEEDS),
        0..CLIENTS,
        0..CLIENTS,
        words(),
        name(),
        prop::sample::select(&["", "", "\t", "\r\n", "\u{85}", "\u{2028}"][..]),
        any::<bool>(),
    );
    let deed = deed.prop_map(|(what, actor, target, words, name, around, directly)| Deed {
        what,
        actor,
        target,
        words,
        name,
        around,
        directly,
    });
    prop::collection::vec(deed, 1..40)
}

/// Words with something between them that is not meant to be seen.
fn words() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        2 => prop::sample::select(&["hello", "you there", "h\u{e9}", "/quit", "{name}", "\""][..])
            .prop_map(str::to_owned),
        2 => harmful().prop_map(String::from),
        1 => prop::sample::select(SEQUENCES).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 1..6).prop_map(|pieces| pieces.concat())
}

/// A name that is mostly free, and in one case of three has something in it that no name may have.
fn name() -> impl Strategy<Value = String> {
    (0..1_000_u32, 0..4_usize, prop::option::weighted(0.34, harmful())).prop_map(
        |(number, place, harmful)| {
            let mut name = format!("n\u{e9}w{number}");
            if let Some(harmful) = harmful {
                let place = name.char_indices().nth(place).map_or(0, |(place, _)| place);
                name.insert(place, harmful);
            }
            name
        },
    )
}

fn harmful() -> impl Strategy<Value = char> {
    use prop::char::range;
    prop_oneof![
        range('\0', '\u{1f}'),
        range('\u{7f}', '\u{9f}'),
        range('\u{2028}', '\u{202e}'),
        range('\u{2066}', '\u{2069}'),
        prop::sample::select(&['\u{1b}', '\r', '\n', '\0', '\u{7}', '\u{9b}', '\u{202e}'][..]),
    ]
}

/// What terminals, and readers of lines, take for more than text.
const SEQUENCES: &[&str] = &[
    "\u{1b}[2J",
    "\u{1b}[31m",
    "\u{1b}]0;title\u{7}",
    "\u{1b}]8;;http://example.org\u{1b}\\",
    "\u{1b}P+q\u{1b}\\",
    "\u{9b}6n",
    "\u{9d}0;title\u{9c}",
    "\r\n/quit\r\n",
    "\n[bob]: forged",
    "\u{85}forged",
    "\u{202e}\u{2067}",
];

/// Whether a character can drive a terminal, end a line, or turn what stands around it.
fn is_harmful(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// How a client is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wire {
    Text,
    TxtChat,
    Json1,
    Json2,
}

const WIRES: [Wire; CLIENTS] = [
    Wire::Json2,
    Wire::Json2,
    Wire::Json1,
    Wire::TxtChat,
    Wire::Text,
    Wire::Text,
    Wire::Text,
    Wire::Text,
    Wire::Text,
    Wire::Text,
];

const CLIENTS: usize = 10;

/// The one who owns the channel `room`, and makes everybody else an operator of it.
const OWNER: usize = 0;

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// People of every dialect, all in the lobby and in `room`.
struct TestSwitchboard {
    switchboard: Switchboard<Recorder>,
    dialects: [Arc<dyn Dialect>; CLIENTS],
    sessions: [SessionId; CLIENTS],
    ports: [Recorder; CLIENTS],
    last_session: u64,
    /// What programs of version 2 have been told, and how often.
    told: BTreeMap<String, usize>,
}

impl TestSwitchboard {
    fn new() -> Self {
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
        let mut hall = Self {
            switchboard: Switchboard::new(Engine::new(config, NOW)),
            dialects,
            sessions: [SessionId(0); CLIENTS],
            ports: std::array::from_fn(|_| Recorder::default()),
            last_session: 0,
            told: BTreeMap::new(),
        };
        hall.gather();
        hall
    }

    fn act(&mut self, deed: &Deed) {
        let actor = deed.actor;
        // The owner has to stay, or nobody could be made an operator again.
        let mut what = deed.what;
        if actor == OWNER && matches!(what, What::Quit | What::Leave | What::Nonsense) {
            what = What::Away;
        } else if deed.target == OWNER && matches!(what, What::Kick | What::Ban) {
            what = What::Mute;
        }
        let nickname = self.nickname(deed.target);
        self.prepare(what, deed);
        match frames(WIRES[actor], what, deed, &nickname) {
            Some(frames) if !deed.directly || what == What::Nonsense => {
                frames.iter().for_each(|frame| self.send(actor, frame));
            }
            Some(_) | None => {
                if let Some(command) = command(what, deed, &nickname) {
                    self.command(actor, command);
                }
            }
        }
        self.tidy(what, deed, nickname);
        self.gather();
    }

    /// Does what has to be done before a deed, so that it can succeed.
    fn prepare(&mut self, what: What, deed: &Deed) {
        let Deed { actor, name, words, .. } = deed;
        if what == What::Invite {
            self.command(*actor, Command::Join { channel: name.clone(), key: None });
        }
        if what == What::Modes {
            for key in [words, name] {
                let changes = vec![ModeChange::Key(Some(key.clone()))];
                self.command(*actor, Command::SetModes { channel: "room".into(), changes });
            }
        }
        if what == What::Look {
            self.command(*actor, Command::ListChannels);
            self.command(*actor, Command::ListUsers { channel: None });
            self.command(*actor, Command::ShowTopic { channel: "room".into() });
        }
    }

    /// Takes back what would stand in the way of the next deed.
    fn tidy(&mut self, what: What, deed: &Deed, nickname: String) {
        let Deed { actor, name, words, .. } = deed;
        if matches!(what, What::Invite | What::Join | What::JoinMany) {
            let reason = Some(words.clone());
            self.command(*actor, Command::Leave { channel: name.clone(), reason });
        }
        if what == What::JoinMany {
            self.command(*actor, Command::Leave { channel: words.clone(), reason: None });
        }
        if what == What::Modes {
            let changes = vec![ModeChange::Key(None)];
            self.command(OWNER, Command::SetModes { channel: "room".into(), changes });
        }
        if what == What::Mute {
            self.command(OWNER, Command::Unmute { channel: "room".into(), nickname });
        } else if what == What::Ban {
            self.command(OWNER, Command::Unban { channel: "room".into(), nickname });
        }
    }

    /// Brings everybody in who is not there.
    fn gather(&mut self) {
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
        let peer = Peer { host: Some(format!("10.0.0.{client}:1").into()), ..Peer::default() };
        let (dialect, port) = (self.dialects[client].clone(), self.ports[client].clone());
        self.switchboard.open(NOW, session, peer, dialect, port);
        let name = format!("client{client}");
        let hello = match WIRES[client] {
            Wire::Text => format!("/name {name}"),
            Wire::TxtChat => format!("reg${name}"),
            Wire::Json1 => json!({ "type": "hello", "nickname": name }).to_string(),
            Wire::Json2 => json!({ "type": "hello", "nickname": name, "version": 2 }).to_string(),
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

    /// Checks what everybody has been sent.
    fn check(&mut self) {
        for (port, wire) in self.ports.iter().zip(WIRES) {
            for frame in port.take() {
                assert!(!frame.is_empty());
                assert!(!frame.contains(is_harmful), "{wire:?}: {frame:?}");
                if matches!(wire, Wire::Text | Wire::TxtChat) {
                    continue;
                }
                let object: Value = serde_json::from_str(&frame).expect("JSON");
                check_decoded(&object);
                if wire == Wire::Json2 {
                    *self.told.entry(news(&object)).or_default() += 1;
                }
            }
        }
    }

    fn nickname(&self, client: usize) -> String {
        let user = self.switchboard.view().user_of(self.sessions[client]);
        user.expect("everybody has been gathered").nickname().shown().to_owned()
    }

    fn is_in_room(&self, client: usize) -> bool {
        let room = ChannelName::parse("room").expect("a name");
        let nickname = Nickname::parse(&self.nickname(client)).expect("a name");
        let channel = self.switchboard.view().channel(&room);
        channel.is_some_and(|channel| channel.role(&nickname).is_some())
    }
}

fn check_decoded(value: &Value) {
    match value {
        Value::String(text) => assert!(!text.contains(is_harmful), "decoded: {text:?}"),
        Value::Array(values) => values.iter().for_each(check_decoded),
        Value::Object(fields) => fields.values().for_each(check_decoded),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What kind of thing an object tells.
fn news(object: &Value) -> String {
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

/// A deed as the engine knows it.
fn command(what: What, deed: &Deed, nickname: &str) -> Option<Command> {
    let Deed { words, name, around, .. } = deed;
    let channel = format!("{around}#room{around}");
    let nickname = format!("{around}{nickname}{around}");
    let (text, reason) = (words.clone(), Some(words.clone()));
    let here = Recipient::Channel(channel.clone());
    Some(match what {
        What::Say => Command::Say { to: here, kind: MessageKind::Message, text },
        What::Act => Command::Say { to: here, kind: MessageKind::Action, text },
        What::Notice => Command::Say { to: here, kind: MessageKind::Notice, text },
        What::Private => {
            Command::Say { to: Recipient::User(nickname), kind: MessageKind::Message, text }
        }
        What::Topic => Command::SetTopic { channel, topic: reason },
        What::Rename => Command::Rename { nickname: name.clone() },
        What::Join => Command::Join { channel: name.clone(), key: reason },
        What::JoinMany => {
            let named = JoinTarget { channel: name.clone(), key: reason };
            let worded = JoinTarget { channel: words.clone(), key: None };
            Command::JoinMany { channels: vec![named, worded] }
        }
        What::Leave => Command::Leave { channel, reason },
        What::Quit => Command::Quit { reason },
        What::Kick => Command::Kick { channel, nickname, reason },
        What::Ban => Command::Ban { channel, nickname, reason },
        What::Mute => Command::Mute { channel, nickname, reason },
        What::Unmute => Command::Unmute { channel, nickname },
        What::Away => Command::SetAway { message: reason },
        What::Invite => Command::Invite { channel: name.clone(), nickname },
        What::Modes => Command::ShowModes { channel },
        What::Look => Command::ReadHistory { channel, range: HistoryRange::Latest, limit: 9 },
        What::Nonsense => return None,
    })
}

/// A deed as the dialect of the one who does it has it, if it does.
fn frames(wire: Wire, what: What, deed: &Deed, nickname: &str) -> Option<Vec<String>> {
    match wire {
        Wire::Text => text_frames(what, deed, nickname),
        Wire::TxtChat => txtchat_frames(what, deed),
        Wire::Json1 | Wire::Json2 if what == What::Nonsense => Some(json_nonsense(&deed.words)),
        Wire::Json1 if what == What::Say => {
            Some(vec![json!({ "type": "chat", "text": deed.words }).to_string()])
        }
        Wire::Json1 => None,
        Wire::Json2 => json_frame(what, deed, nickname).map(|frame| vec![frame.to_string()]),
    }
}

fn text_frames(what: What, deed: &Deed, nickname: &str) -> Option<Vec<String>> {
    let Deed { words, name, .. } = deed;
    let frame = match what {
        What::Say => format!("I say {words}"),
        What::Act => format!("/me {words}"),
        What::Private => format!("/msg {nickname} {words}"),
        What::Topic => format!("/topic {words}"),
        What::Rename => format!("/name {name}"),
        What::Join => format!("/join {name} {words}"),
        What::Leave => "/leave room".to_owned(),
        What::Quit => format!("/quit {words}"),
        What::Kick => format!("/kick {nickname} {words}"),
        What::Ban => format!("/ban {nickname}"),
        What::Mute => format!("/mute {nickname}"),
        What::Unmute => format!("/unmute {nickname}"),
        What::Away => format!("/away {words}"),
        What::Invite => format!("/invite {nickname} {name}"),
        What::Modes => "/modes".to_owned(),
        What::Look => "/history".to_owned(),
        What::Notice | What::JoinMany => return None,
        What::Nonsense => {
            let verbs = ["", "join ", "history ", "users ", "switch ", "modes ", "op "];
            return Some(verbs.iter().map(|verb| format!("/{verb}{words}")).collect());
        }
    };
    Some(vec![frame])
}

fn txtchat_frames(what: What, deed: &Deed) -> Option<Vec<String>> {
    let Deed { words, .. } = deed;
    let id = "10.0.0.3:1";
    match what {
        What::Say => Some(vec![format!("send_msg${id}$room${words}")]),
        What::Join => Some(vec![format!("create_chan${id}${words}")]),
        What::Leave => Some(vec![format!("leave${id}$room")]),
        What::Nonsense => Some(vec![
            words.clone(),
            format!("{words}$"),
            format!("join${words}$room"),
            format!("join${id}${words}"),
        ]),
        What::Act
        | What::JoinMany
        | What::Notice
        | What::Private
        | What::Topic
        | What::Rename
        | What::Quit
        | What::Kick
        | What::Ban
        | What::Mute
        | What::Unmute
        | What::Away
        | What::Invite
        | What::Modes
        | What::Look => None,
    }
}

fn json_frame(what: What, deed: &Deed, nickname: &str) -> Option<Value> {
    let Deed { words, name, around, .. } = deed;
    let nickname = format!("{around}{nickname}{around}");
    let chat = |kind| json!({ "type": "chat", "channel": "room", "kind": kind, "text": words });
    let member =
        |kind| json!({ "type": kind, "channel": "room", "nickname": nickname, "reason": words });
    Some(match what {
        What::Say => chat("message"),
        What::Act => chat("action"),
        What::Notice => chat("notice"),
        What::Private => json!({ "type": "chat", "to": nickname, "text": words }),
        What::Topic => json!({ "type": "topic", "channel": "room", "topic": words }),
        What::Rename => json!({ "type": "rename", "nickname": name }),
        What::Join => json!({ "type": "join", "channel": name, "key": words }),
        What::JoinMany => {
            let channels = json!([{ "channel": name, "key": words }, words]);
            json!({ "type": "join", "channels": channels })
        }
        What::Leave => json!({ "type": "leave", "channel": "room", "reason": words }),
        What::Quit => json!({ "type": "quit", "reason": words }),
        What::Kick => member("kick"),
        What::Ban => member("ban"),
        What::Mute => member("mute"),
        What::Unmute => member("unmute"),
        What::Away => json!({ "type": "away", "message": words }),
        What::Invite => json!({ "type": "invite", "channel": name, "nickname": nickname }),
        What::Modes => json!({ "type": "modes", "channel": "room" }),
        What::Look => json!({ "type": "history", "channel": "room" }),
        What::Nonsense => return None,
    })
}

/// Objects that are wrong in every way that an answer could quote, and words that are no object.
fn json_nonsense(words: &str) -> Vec<String> {
    let objects = [
        json!({ "type": words }),
        json!({ "type": "users", "channel": words }),
        json!({ "type": "history", "channel": "lobby", "limit": words }),
        json!({ "type": "chat", "text": "hi", "kind": words }),
        json!({ "type": "role", "channel": "room", "nickname": words, "role": words }),
        json!({ "type": "ping", "ref": [words] }),
    ];
    objects.iter().map(Value::to_string).chain([words.to_owned()]).collect()
}
