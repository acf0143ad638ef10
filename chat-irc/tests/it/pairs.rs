//! Texts of one dialect are shown to clients of another: every frame keeps its syntax.

use chat_core::{Config, Engine, Peer, SessionId};
use chat_dialects::{Dialect, JsonDialect, Recorder, Switchboard, TextDialect, TxtChatDialect};
use chat_irc::{IrcDialect, IrcSettings};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;

const DIALECTS: [&str; 5] = ["irc", "irc with tags", "text", "json", "txtchat"];
const TAGS: &str = "message-tags server-time account-tag echo-message extended-join away-notify \
    setname batch labeled-response";

/// A client of each dialect, in one channel.
struct Clients {
    switchboard: Switchboard<Recorder>,
    ports: Vec<Recorder>,
}

impl Clients {
    fn new() -> Self {
        let config = Config { commands_per_second: 0, ..Config::default() };
        let irc: Arc<dyn Dialect> =
            Arc::new(IrcDialect::new(IrcSettings::new("irc.test"), &config));
        let now = crate::room::NOW;
        let mut switchboard = Switchboard::new(Engine::new(config, now));
        let dialects: [Arc<dyn Dialect>; 5] = [
            irc.clone(),
            irc,
            Arc::new(TextDialect::bracket()),
            Arc::new(JsonDialect::default()),
            Arc::new(TxtChatDialect::new(7).names(true)),
        ];
        let ports: Vec<Recorder> = dialects.iter().map(|_| Recorder::default()).collect();
        for (number, (dialect, port)) in dialects.into_iter().zip(&ports).enumerate() {
            switchboard.open(now, SessionId(number as u64), Peer::default(), dialect, port.clone());
        }
        let mut clients = Self { switchboard, ports };
        let hello = r#"{"type":"hello","nickname":"jay","version":2}"#;
        for (client, frame) in [
            (0, "NICK alice".to_owned()),
            (0, "USER a 0 * :a".to_owned()),
            (0, "JOIN #lobby".to_owned()),
            (1, format!("CAP REQ :{TAGS}")),
            (1, "NICK bob".to_owned()),
            (1, "USER b 0 * :b".to_owned()),
            (1, "CAP END".to_owned()),
            (1, "JOIN #lobby".to_owned()),
            (2, "/name tina".to_owned()),
            (3, hello.to_owned()),
            (4, "reg$zed".to_owned()),
        ] {
            clients.send(client, &frame);
        }
        let id =
            clients.ports[4].take().into_iter().nth(1).expect("the id of a client of txt-chat");
        clients.send(4, &format!("join${id}$lobby"));
        clients
    }

    fn send(&mut self, client: usize, frame: &str) {
        let session = SessionId(client as u64);
        self.switchboard.receive_frame(crate::room::NOW, session, frame.as_bytes());
    }
}

/// Returns the frame with which a client of a dialect says something with a text.
fn frame(client: usize, action: usize, text: &str) -> String {
    match (client, action % 6) {
        (0 | 1, 0) => format!("PRIVMSG #lobby :{text}"),
        (0 | 1, 1) => format!("TOPIC #lobby :{text}"),
        (0 | 1, 2) => format!("AWAY :{text}"),
        (0 | 1, 3) => format!("SETNAME :{text}"),
        (0 | 1, 4) => format!("@label=l;+x={text} PRIVMSG jay :{text}"),
        (0 | 1, _) => format!("PART #lobby :{text}"),
        (2, 0 | 3) => text.to_owned(),
        (2, 1) => format!("/topic {text}"),
        (2, 2) => format!("/away {text}"),
        (2, 4) => format!("/msg alice {text}"),
        (2, _) => format!("/quit {text}"),
        (3, action) => {
            let object = match action {
                0 => json!({ "type": "chat", "channel": "lobby", "text": text }),
                1 => json!({ "type": "topic", "channel": "lobby", "topic": text }),
                2 => json!({ "type": "away", "message": text }),
                3 => json!({ "type": "chat", "to": "bob", "text": text, "kind": "action" }),
                4 => {
                    let data = json!({ "+x": text });
                    json!({ "type": "chat", "channel": "lobby", "text": text, "data": data })
                }
                _ => json!({ "type": "leave", "channel": "lobby", "reason": text }),
            };
            object.to_string()
        }
        _ => format!("send$lobby${text}"),
    }
}

/// Checks a frame that a client of a dialect is sent.
fn check(client: usize, frame: &str) {
    let is_harmful =
        |c: char| c.is_control() && c != '\t' || ('\u{202a}'..='\u{202e}').contains(&c);
    match DIALECTS[client] {
        "json" => {
            assert!(!frame.contains(['\n', '\r']), "{frame:?} is more than one line");
            let object: Value = serde_json::from_str(frame).expect("JSON");
            assert!(object["type"].is_string(), "{frame:?} has no type");
        }
        "text" | "txtchat" => assert!(!frame.contains(is_harmful), "{frame:?}"),
        _ => {
            let (tags, line) = match frame.strip_prefix('@') {
                Some(tagged) if client == 1 => tagged.split_once(' ').expect("a line after tags"),
                Some(_) => panic!("{frame:?} has tags for a client without them"),
                None => ("", frame),
            };
            assert!(tags.len() <= 8_189 && line.len() <= 510, "{frame:?} is too long");
            assert!(!frame.replace('\u{1}', "").contains(is_harmful), "{frame:?}");
            let command = line
                .strip_prefix(':')
                .map_or(line, |rest| rest.split_once(' ').expect("a command after the source").1);
            let command = command.split(' ').next().unwrap_or_default();
            assert!(command.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{frame:?}");
        }
    }
}

/// Returns texts with the characters that have a meaning in one of the dialects.
fn text() -> impl Strategy<Value = String> {
    let special = prop::sample::select(vec![
        "\r\n",
        "\n",
        "\0",
        "\u{1}",
        " :",
        "::",
        "@",
        "#",
        "$",
        "{",
        "\"",
        "\\",
        "/",
        "\u{1b}[31m",
        "\u{202e}",
        "\u{2028}",
        "é",
        "QUIT",
        "; ",
        "\u{3}4",
        "%",
        "\t",
        "   ",
    ]);
    let part = prop_oneof![special.prop_map(str::to_owned), "[a-z ]{1,12}", any::<String>()];
    prop_oneof![
        proptest::collection::vec(part, 0..12).prop_map(|parts| parts.concat()),
        "[a-zé]{300,900}",
    ]
}

proptest! {
    #[test]
    fn texts_of_one_dialect_do_not_break_another(
        steps in proptest::collection::vec((0..DIALECTS.len(), 0_usize..6, text()), 1..20),
    ) {
        let mut clients = Clients::new();
        for (client, action, text) in steps {
            let frame = frame(client, action, &text);
            // A transport for lines ends a frame there.
            for line in frame.split('\n').filter(|_| client != 3).take(3) {
                clients.send(client, line);
            }
            if client == 3 {
                clients.send(client, &frame);
            }
            for (reader, port) in clients.ports.iter().enumerate() {
                port.take().iter().for_each(|frame| check(reader, frame));
            }
        }
    }
}
