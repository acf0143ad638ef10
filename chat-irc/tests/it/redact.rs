//! `REDACT` (IRCv3 draft/message-redaction).

use crate::room::Room;
use chat_core::{Answer, Config};
use chat_irc::IrcSettings;

const REDACTION: &str = "draft/message-redaction message-tags batch draft/chathistory";

fn room() -> Room {
    let mut room = Room::new();
    room.join_irc("alice", REDACTION);
    room.join_irc("bob", "");
    room.join_irc("cid", "draft/message-redaction");
    room.gather_with_others(&["alice", "bob", "cid"]);
    room
}

#[test]
fn deletions_are_redactions_or_notices() {
    let mut room = room();
    room.send("alice", "PRIVMSG #a :one");
    room.send("cid", "PRIVMSG #a :two");
    room.send("jay", r#"{"type":"chat","channel":"a","text":"three"}"#);
    room.send("terry", "four");
    room.send("alice", "@label=x REDACT #a 19b76daf620-1");
    room.send("alice", "REDACT #A 19b76dafa08-2 :bad words");
    room.send("jay", r#"{"type":"delete","id":3}"#);
    room.send("terry", "/delete");
    room.send("terry", "/delete");
    room.send("bob", "PRIVMSG cid :secret");
    room.send("bob", "REDACT cid 19b76dace8d-5");
    room.send("alice", "CHATHISTORY LATEST #a * 10");
    room.send("jay", r#"{"type":"history","channel":"a"}"#);
    room.send("terry", "/history");
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn messages_that_cannot_be_redacted_fail() {
    let mut room = room();
    room.send("alice", "PRIVMSG #a :one");
    for line in [
        "REDACT",
        "REDACT #a",
        "REDACT #a 19b76daf620-1",
        "REDACT #a 19b76daf620-9",
        "REDACT #a 1-1",
        "REDACT #a x",
        "REDACT #nowhere 19b76daf620-1",
        "REDACT alice 19b76daf620-1",
    ] {
        room.send("cid", line);
    }
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn message_of_a_store_is_redacted_when_the_host_has_answered() {
    let config = Config { older_history: true, history_per_channel: 1, ..Config::default() };
    let mut room = Room::with(IrcSettings::new("irc.test"), config);
    room.join_irc("alice", REDACTION);
    for line in ["JOIN #a", "PRIVMSG #a :1", "PRIVMSG #a :2"] {
        room.send_silently("alice", line.as_bytes());
    }
    room.take_silently("alice");
    room.send("alice", "REDACT #a 19b76dab2a0-1");
    room.answer_message(Answer::Unavailable);
    insta::assert_snapshot!(room.transcript());
}
