use crate::room::{NOW, Room, right_password};
use chat_core::{
    Answer, ChannelName, Config, Message, MessageId, Nickname, Target, Text, Timestamp, UserInfo,
};
use chat_irc::IrcSettings;
use std::sync::Arc;

const HISTORY: &str = "batch labeled-response server-time message-tags draft/chathistory";

/// The id of a message that was said as the `number`th, so many seconds after the beginning.
fn id(seconds: u64, number: u64) -> String {
    format!("msgid={:x}-{number:x}", NOW.as_millis() + seconds * 1_000)
}

/// Five messages in `#a`, of which the first was said 11 seconds after the beginning.
fn room() -> Room {
    let mut room = Room::new();
    room.join_irc("alice", HISTORY);
    room.join_irc("bob", "");
    for line in ["JOIN #a", "PRIVMSG #a :1", "PRIVMSG #a :2", "NOTICE #a :3"] {
        room.send_silently("bob", line.as_bytes());
    }
    for line in ["JOIN #a", "PRIVMSG #a :\u{1}ACTION 4\u{1}", "PRIVMSG #a :5"] {
        room.send_silently("alice", line.as_bytes());
    }
    room.take_silently("alice");
    room.take_silently("bob");
    room
}

#[test]
fn parts_of_a_history_are_batches() {
    let mut room = room();
    let (second, fourth) = (id(12, 2), id(15, 4));
    let time = "timestamp=2026-01-01T00:00:13.000Z";
    for request in [
        "LATEST #a * 2".to_owned(),
        format!("LATEST #a {fourth} 100"),
        format!("latest #A {time} 1"),
        format!("BEFORE #a {second} 100"),
        format!("BEFORE #a {time} 1"),
        format!("AFTER #a {second} 1"),
        format!("AFTER #a {time} 100"),
        format!("AROUND #a {second} 3"),
        format!("AROUND #a {time} 1"),
        format!("BETWEEN #a {second} {fourth} 100"),
        format!("BETWEEN #a {fourth} {second} 100"),
        format!("BETWEEN #a {second} {time} 100"),
        format!("BETWEEN #a {fourth} timestamp=2026-01-01T00:00:00.000Z 1"),
        // An id of a server that was restarted since.
        "AFTER #a msgid=1-9 1".to_owned(),
        "LATEST #a * 0".to_owned(),
    ] {
        room.send("alice", &format!("CHATHISTORY {request}"));
    }
    room.send("alice", "@label=x CHATHISTORY LATEST #a * 1");
    room.send("bob", "CHATHISTORY LATEST #a * 1");
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn requests_that_cannot_be_answered_fail() {
    let mut room = room();
    room.join_irc("carol", "");
    room.send_silently("carol", b"JOIN #b");
    for line in [
        "CHATHISTORY",
        "CHATHISTORY FLY",
        "CHATHISTORY LATEST",
        "CHATHISTORY LATEST #a",
        "CHATHISTORY LATEST #a *",
        "CHATHISTORY LATEST #a * many",
        "CHATHISTORY LATEST #a msgid=x 1",
        "CHATHISTORY BEFORE #a * 1",
        "CHATHISTORY BETWEEN #a timestamp=2026-01-01T00:00:00.000Z 1",
        "CHATHISTORY TARGETS * * 1",
        "CHATHISTORY LATEST #nowhere * 1",
        "CHATHISTORY LATEST #b * 1",
        "CHATHISTORY LATEST bob * 1",
        "@label=x CHATHISTORY LATEST a,b * 1",
    ] {
        room.send("alice", line);
    }
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn private_messages_and_targets_are_those_of_the_account() {
    let mut room = Room::with_accounts();
    room.join_irc("bob", "");
    room.register("jay", "alice");
    room.connect("alice");
    let capabilities = format!("CAP REQ :{HISTORY} sasl");
    for line in [
        &*capabilities,
        "NICK alice",
        "USER alice 0 * :Alice",
        "AUTHENTICATE PLAIN",
        // The account alice, with the password s3cret.
        "AUTHENTICATE AGFsaWNlAHMzY3JldA==",
    ] {
        room.send_silently("alice", line.as_bytes());
    }
    room.answer_password(right_password());
    for line in ["CAP END", "JOIN #a", "PRIVMSG #a :hello", "PRIVMSG bob :hi"] {
        room.send_silently("alice", line.as_bytes());
    }
    room.send_silently("bob", b"PRIVMSG jay :hi there");
    for name in ["alice", "bob", "jay"] {
        room.take_silently(name);
    }
    let all = "timestamp=2000-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z";
    let reversed = "timestamp=2100-01-01T00:00:00.000Z timestamp=2000-01-01T00:00:00.000Z";
    for line in [
        "CHATHISTORY LATEST bob * 10".to_owned(),
        "CHATHISTORY LATEST nobody * 10".to_owned(),
        format!("CHATHISTORY TARGETS {all} 10"),
        format!("CHATHISTORY TARGETS {reversed} 1"),
        format!("@label=x CHATHISTORY TARGETS {all} 0"),
    ] {
        room.send("alice", &line);
    }
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn messages_of_a_store_come_when_the_host_has_answered() {
    let config = Config { older_history: true, history_per_channel: 1, ..Config::default() };
    let mut room = Room::with(IrcSettings::new("irc.test"), config);
    room.join_irc("alice", HISTORY);
    for line in ["JOIN #a", "PRIVMSG #a :1", "PRIVMSG #a :2"] {
        room.send_silently("alice", line.as_bytes());
    }
    room.take_silently("alice");
    room.send("alice", "@label=x CHATHISTORY BEFORE #a timestamp=2026-01-01T00:01:00.000Z 2");
    room.send("alice", "PING x");
    let message = Message::new(
        MessageId(1),
        Timestamp::from_millis(NOW.as_millis() + 6_000),
        Arc::new(UserInfo::guest(Nickname::parse("alice").expect("a nickname"))),
        Target::Channel(ChannelName::parse("a").expect("a name")),
        Text::clean("1"),
    );
    let messages = vec![Arc::new(message)];
    room.answer_history(Answer::Messages { messages, more: false });
    room.send("alice", "CHATHISTORY LATEST #a * 2");
    room.answer_history(Answer::Unavailable);
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn events_of_a_channel_are_read_with_its_messages() {
    let mut room = Room::new();
    let playback = format!("{HISTORY} draft/event-playback account-tag echo-message");
    room.join_irc("alice", &playback);
    room.join_irc("bob", "message-tags server-time");
    room.send("alice", "JOIN #a");
    for (name, line) in [
        ("alice", "TOPIC #a :hello"),
        ("bob", "JOIN #a"),
        ("bob", "PRIVMSG #a :hi"),
        ("alice", "MODE #a +ok-n bob secret"),
        ("bob", "NICK robert"),
        ("alice", "KICK #a robert :noise"),
        ("bob", "JOIN #a secret"),
        ("bob", "PART #a :bye"),
        ("bob", "JOIN #a secret"),
        ("bob", "PRIVMSG #a :back"),
        ("bob", "QUIT :good night"),
    ] {
        room.send(name, line);
    }
    room.send("alice", "CHATHISTORY LATEST #a * 100");
    room.send("alice", "CHATHISTORY LATEST #a * 2");
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn kept_tag_messages_are_read_with_the_history() {
    let mut room = Room::with_accounts();
    room.join_irc("alice", &format!("{HISTORY} draft/event-playback echo-message"));
    room.join_irc("bob", &format!("{HISTORY} echo-message"));
    for name in ["alice", "bob"] {
        room.send_silently(name, b"REGISTER * * s3cret");
        room.answer_password(right_password());
        room.take_silently(name);
    }
    for (name, line) in [
        ("alice", "JOIN #a"),
        ("bob", "JOIN #a"),
        ("alice", "@+x=1;+draft/persist TAGMSG #a"),
        ("alice", "@+x=2 TAGMSG #a"),
        ("alice", "CHATHISTORY LATEST #a * 2"),
        ("bob", "CHATHISTORY LATEST #a * 2"),
        ("alice", "@+x=3;+draft/persist TAGMSG bob"),
        ("bob", "PRIVMSG alice :hi"),
        ("alice", "CHATHISTORY LATEST bob * 2"),
        ("bob", "CHATHISTORY LATEST alice * 2"),
    ] {
        room.send(name, line);
    }
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn page_begins_and_ends_at_events() {
    let mut room = Room::new();
    room.join_irc("alice", &format!("{HISTORY} draft/event-playback echo-message"));
    room.join_irc("carol", HISTORY);
    for line in ["JOIN #a", "TOPIC #a :1", "PRIVMSG #a :2", "TOPIC #a :3", "PRIVMSG #a :4"] {
        room.send("alice", line);
    }
    room.send_silently("carol", b"JOIN #a");
    room.take_silently("carol");
    let lines = room.transcript_so_far().to_owned();
    let ids: Vec<&str> = lines
        .lines()
        .filter(|line| line.contains(" TOPIC ") || line.contains(" PRIVMSG "))
        .filter_map(|line| line.split_once("msgid=")?.1.split([';', ' ']).next())
        .collect();
    let &[one, two, three, four] = &ids[..] else { panic!("{ids:?}") };
    for request in [
        format!("BEFORE #a msgid={three} 1"),
        format!("AFTER #a msgid={one} 2"),
        format!("AROUND #a msgid={three} 3"),
        format!("BETWEEN #a msgid={one} msgid={four} 10"),
        format!("BETWEEN #a msgid={three} msgid={one} 10"),
        format!("BETWEEN #a msgid={four} msgid={one} 1"),
        format!("LATEST #a msgid={two} 10"),
        format!("LATEST #a msgid={three} 10"),
    ] {
        room.send("alice", &format!("CHATHISTORY {request}"));
    }
    // A client that does not read events may name one.
    room.send("carol", &format!("CHATHISTORY AFTER #a msgid={one} 10"));
    insta::assert_snapshot!(room.transcript());
}
