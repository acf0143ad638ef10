//! Replies (IRCv3 client tag `+draft/reply`).

use crate::room::Room;
use chat_core::{Answer, Config};
use chat_irc::IrcSettings;

fn room(config: Config) -> Room {
    let mut room = Room::with(IrcSettings::new("irc.test"), config);
    room.join_irc("alice", "message-tags batch labeled-response echo-message draft/chathistory");
    room.join_irc("bob", "");
    room.join_text("terry");
    room.join_json("jay");
    room.gather(&["alice", "bob"], &["jay"]);
    room.send_silently("terry", b"/join a");
    for name in ["alice", "bob", "terry", "jay"] {
        room.take_silently(name);
    }
    room
}

#[test]
fn replies_name_the_message_in_all_dialects() {
    let mut room = room(Config::default());
    room.send("bob", "PRIVMSG #a :shall we?");
    room.send("alice", "@+draft/reply=19b76dafa08-1;+x=y PRIVMSG #a :yes");
    room.send("alice", "@label=1;+draft/reply=19b76dafa08-1 PRIVMSG #a :\u{1}ACTION nods\u{1}");
    room.send("jay", r#"{"type":"chat","channel":"a","text":"fine\nwith me","reply_to":2}"#);
    room.send("terry", "/history");
    room.send("alice", "CHATHISTORY LATEST #a * 10");
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn tag_that_names_no_known_message_is_relayed() {
    let mut room = room(Config { history_per_channel: 1, ..Config::default() });
    room.send("bob", "PRIVMSG #a :one");
    room.send("bob", "PRIVMSG #a :two");
    for id in ["19b76dafa08-1", "19b76dafa08-99", "1-2", "abc", ""] {
        room.send("alice", &format!("@label=1;+draft/reply={id} PRIVMSG #a :re {id}"));
    }
    // Private messages between guests are kept nowhere.
    room.send("bob", "PRIVMSG alice :psst");
    room.send("alice", "@+draft/reply=19b76dafdf0-8 PRIVMSG bob :hm?");
    // A refusal is told once.
    room.send("alice", "@label=2;+draft/reply=19b76dafa08-1 PRIVMSG #nowhere :hello?");
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn message_of_a_store_is_replied_to_when_the_host_has_answered() {
    let config = Config { history_per_channel: 1, older_history: true, ..Config::default() };
    let mut room = room(config);
    room.send("bob", "PRIVMSG #a :one");
    room.send("bob", "PRIVMSG #a :two");
    room.send("alice", "@label=1;+draft/reply=19b76dafa08-1 PRIVMSG #a :lost");
    room.answer_message(Answer::Messages { messages: Vec::new(), more: false });
    room.send("alice", "@label=2;+draft/reply=19b76dafa08-1 PRIVMSG #a :late");
    room.answer_message(Answer::Unavailable);
    insta::assert_snapshot!(room.transcript());
}
