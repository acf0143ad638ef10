//! The name of a channel that a dialect writes can be sent back, also with a second `#` in front.

use chat_core::{ChannelName, Config, Engine, Peer, SessionId, Timestamp};
use chat_dialects::{Dialect, JsonDialect, Recorder, Switchboard, TextDialect, TxtChatDialect};
use serde_json::{Value, json};
use std::sync::Arc;

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);
const NAMES: [&str; 7] = ["rust", "#rust", "##Rust", "###rust", "c#", "##c#", "\u{ff03}\u{ff03}ab"];

/// A session of one dialect beside others.
struct Client {
    session: SessionId,
    frames: Recorder,
}

fn switchboard() -> Switchboard<Recorder> {
    let config = Config { commands_per_second: 0, ..Config::default() };
    Switchboard::new(Engine::new(config, NOW))
}

fn open(switchboard: &mut Switchboard<Recorder>, id: u64, dialect: Arc<dyn Dialect>) -> Client {
    let (session, frames) = (SessionId(id), Recorder::default());
    let peer = Peer { address: Some(format!("10.0.0.{id}:1").into()), ..Peer::default() };
    switchboard.open(NOW, session, peer, dialect, frames.clone());
    Client { session, frames }
}

impl Client {
    /// Sends a frame, and returns the frames that this client receives.
    fn send(&self, switchboard: &mut Switchboard<Recorder>, frame: &str) -> Vec<String> {
        self.frames.take();
        switchboard.receive_frame(NOW, self.session, frame.as_bytes());
        self.frames.take()
    }

    fn request(&self, switchboard: &mut Switchboard<Recorder>, request: &Value) -> Vec<Value> {
        let frames = self.send(switchboard, &request.to_string());
        frames.iter().map(|frame| serde_json::from_str(frame).expect("JSON")).collect()
    }
}

#[test]
fn name_in_json_can_be_sent_back() {
    let mut switchboard = switchboard();
    let alice = open(&mut switchboard, 1, Arc::new(JsonDialect::new("chat/test")));
    alice.send(&mut switchboard, r#"{"type":"hello","nickname":"alice","version":2}"#);
    for name in NAMES {
        let joined = alice.request(&mut switchboard, &json!({ "type": "join", "channel": name }));
        let written = joined[0]["channel"].as_str().expect("a roster").to_owned();
        assert_eq!(ChannelName::parse(&written), ChannelName::parse(name), "{name}");
        let chat = json!({ "type": "chat", "channel": written, "text": "hi" });
        let said = alice.request(&mut switchboard, &chat);
        assert_eq!(said[1]["channel"], written, "{said:?}");
        let listed = alice.request(&mut switchboard, &json!({ "type": "channels" }));
        let channels = listed[0]["channels"].as_array().expect("a list");
        assert!(channels.iter().any(|channel| channel["name"] == written), "{channels:?}");
        let left = alice.request(&mut switchboard, &json!({ "type": "leave", "channel": written }));
        assert_eq!(left[0]["type"], "ok", "{left:?}");
    }
}

#[test]
fn name_in_text_can_be_typed() {
    let mut switchboard = switchboard();
    let alice = open(&mut switchboard, 1, Arc::new(TextDialect::bracket()));
    let bob = open(&mut switchboard, 2, Arc::new(TextDialect::bracket()));
    for name in NAMES {
        alice.send(&mut switchboard, &format!("/join {name}"));
        bob.frames.take();
        alice.send(&mut switchboard, "/invite user2");
        let invitation = bob.frames.take().remove(0);
        let (_, command) = invitation.split_once(": ").expect("a command");
        bob.send(&mut switchboard, command);
        alice.send(&mut switchboard, "/switch lobby");
        let heard = {
            alice.frames.take();
            bob.send(&mut switchboard, "hi");
            alice.frames.take().remove(0)
        };
        let (shown, _) = heard.split_once(' ').expect("the channel is in front");
        assert_eq!(ChannelName::parse(shown), ChannelName::parse(name), "{heard}");
        let switched = alice.send(&mut switchboard, &format!("/switch {shown}"));
        assert!(switched[0].contains(shown), "{switched:?}");
        bob.send(&mut switchboard, &format!("/leave {shown}"));
        alice.send(&mut switchboard, &format!("/leave {shown}"));
        assert!(!switchboard.view().channels().any(|channel| !channel.name().is_lobby()));
    }
}

#[test]
fn name_in_txt_chat_can_be_sent_back() {
    let mut switchboard = switchboard();
    let alice = open(&mut switchboard, 1, Arc::new(JsonDialect::new("chat/test")));
    alice.send(&mut switchboard, r#"{"type":"hello","nickname":"alice","version":2}"#);
    let tom = open(&mut switchboard, 2, Arc::new(TxtChatDialect::new(7)));
    tom.send(&mut switchboard, "reg$tom");
    for name in NAMES {
        alice.request(&mut switchboard, &json!({ "type": "join", "channel": name }));
        let joined = tom.send(&mut switchboard, &format!("join$10.0.0.2:1${name}"));
        let written = joined[0].strip_prefix("$$joined: ").expect("it was joined");
        assert_eq!(ChannelName::parse(written), ChannelName::parse(name), "{name}");
        let said = tom.send(&mut switchboard, &format!("send_msg$10.0.0.2:1${written}$hi"));
        assert_eq!(said, ["hi"]);
        let left = tom.send(&mut switchboard, &format!("leave$10.0.0.2:1${written}"));
        assert_eq!(left, [format!("$$leaved: {written}")]);
    }
}
