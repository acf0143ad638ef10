//! The switchboard carries out commands that a conversation gives at any call.

use chat_core::{Command, Config, Engine, Event, Nickname, Peer, RequestId, SessionId, Timestamp};
use chat_dialects::{
    Conversation, Dialect, Fault, Form, Frames, Notice, Reaction, Recorder, Switchboard,
    TextDialect,
};
use std::sync::Arc;

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

#[test]
fn kicked_user_can_join_again_in_the_same_call() {
    let mut switchboard = Switchboard::new(Engine::new(Config::default(), NOW));
    let text = Arc::new(TextDialect::bracket());
    let (owner, kicked) = (Recorder::default(), Recorder::default());
    switchboard.open(NOW, SessionId(1), Peer::default(), text, owner.clone());
    switchboard.receive_frame(NOW, SessionId(1), b"/join den");
    switchboard.open(NOW, SessionId(2), Peer::default(), Arc::new(Rejoining), kicked.clone());
    owner.take();
    switchboard.receive_frame(NOW, SessionId(1), b"/kick mule");
    assert_eq!(kicked.take(), ["in", "out", "in"]);
    assert_eq!(owner.take(), ["* mule was kicked by user1", "* mule joined the chat"]);
}

/// A dialect whose users join again each time they are kicked.
struct Rejoining;

impl Dialect for Rejoining {
    fn name(&self) -> &str {
        "rejoining"
    }

    fn open(&self, _: SessionId, _: &Peer) -> Box<dyn Conversation> {
        Box::new(Self)
    }

    fn encode(&self, _: Form, _: Timestamp, event: &Event, out: &mut Frames) {
        if let Event::Kicked { .. } = event {
            out.push("out");
        }
    }
}

impl Conversation for Rejoining {
    fn begin(&mut self, reaction: &mut Reaction) {
        let nickname = Some("mule".into());
        reaction.command(
            None,
            Command::Identify {
                nickname,
                lobby: false,
                credential: None,
                resume: None,
                reconnect_key: None,
                profile: None,
            },
        );
        join(reaction);
    }

    fn decode(&mut self, _: &[u8], _: &mut Reaction) {}

    fn fault(&mut self, _: &Fault, _: &mut Reaction) {}

    fn reply(&mut self, _: Option<&RequestId>, event: &Event, reaction: &mut Reaction) {
        if let Event::Entered(_) = event {
            reaction.frames.push("in");
        }
    }

    fn moved(&mut self, event: &Event, reaction: &mut Reaction) {
        let own = Nickname::parse("mule").expect("a name");
        if matches!(event, Event::Kicked { user, .. } if user.nickname == own) {
            join(reaction);
        }
    }

    fn notice(&mut self, _: &Notice<'_>, _: &mut Frames) {}
}

fn join(reaction: &mut Reaction) {
    reaction.command(None, Command::Join { channel: "den".into(), key: None });
}
