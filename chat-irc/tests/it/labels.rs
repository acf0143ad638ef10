use crate::room::Room;
use chat_core::{Answer, Config};
use chat_irc::IrcSettings;

const LABELS: &str = "batch labeled-response echo-message server-time message-tags";

#[test]
fn replies_to_labelled_commands_have_their_label() {
    let mut room = Room::new();
    room.join_irc("alice", LABELS);
    room.join_irc("bob", "batch labeled-response");
    room.send_silently("bob", b"JOIN #a");
    room.take_silently("bob");
    for line in [
        "@label=1 JOIN #a",
        "@label=2 PRIVMSG #a :hi",
        "@label=3 PRIVMSG alice :to myself",
        "@label=4 PRIVMSG #a,bob,nobody :hi",
        "@label=5 PING x",
        "@label=6 PONG x",
        "@label=7 FLY",
        "@label=8 TOPIC #a :News",
        "@label=9 ISON bob nobody alice",
        "@label=10 NOTICE nobody :hi",
        "@label=11 AWAY :lunch",
        "@label=a\\:\\s\\\\b PING x",
        "@label= PING x",
        "@a;label=12 PING a\0b",
        "@label=13",
        "@label=14 CAP REQ :-labeled-response",
        "@label=15 PING x",
    ] {
        room.send("alice", line);
    }
    let label = "x".repeat(65);
    room.send("bob", &format!("@label={label} PING x"));
    room.send("bob", &format!("@label=y PING {}", "x".repeat(512)));
    room.send("bob", "@label=z QUIT :bye");
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn label_needs_both_capabilities() {
    for capabilities in ["labeled-response", "batch", ""] {
        let mut room = Room::new();
        room.join_irc("alice", capabilities);
        room.send("alice", "@label=1 PING x");
        room.send("alice", "@label=1 PONG x");
        let pong = ":irc.test PONG irc.test :x";
        let expected =
            format!("alice > @label=1 PING x\nalice < {pong}\nalice > @label=1 PONG x\n");
        assert_eq!(room.transcript(), expected, "{capabilities}");
    }
}

#[test]
fn response_that_comes_in_pages_is_one_batch() {
    let config = Config { listing: 2, ..Config::default() };
    let mut room = Room::with(IrcSettings::new("irc.test"), config);
    for name in ["u1", "u2", "u3", "u4", "u5"] {
        room.join_irc(name, "");
        room.send_silently(name, b"JOIN #a");
    }
    room.join_irc("alice", "batch labeled-response");
    room.send("alice", "@label=who WHO u*");
    room.send("alice", "@label=join JOIN #a");
    room.send("alice", "@label=names NAMES #a");
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn response_waits_for_the_answer_of_the_host() {
    let config = Config { accounts: true, ..Config::default() };
    let mut room = Room::with(IrcSettings::new("irc.test"), config);
    room.connect("alice");
    for line in [
        "CAP REQ :batch labeled-response sasl",
        "@label=1 NICK alice",
        "USER alice 0 * :Alice",
        "@label=2 AUTHENTICATE PLAIN",
        // The account alice, with the password s3cret.
        "@label=3 AUTHENTICATE AGFsaWNlAHMzY3JldA==",
        "@label=4 PING x",
    ] {
        room.send("alice", line);
    }
    room.answer_password(Answer::Unavailable);
    room.send("alice", "@label=5 CAP END");
    insta::assert_snapshot!(room.transcript());
}
