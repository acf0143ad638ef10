use crate::room::Room;
use chat_core::Config;
use chat_irc::IrcSettings;

/// Clients in `#a`: two with tags, one without, and one of JSON.
fn room() -> Room {
    let mut room = Room::new();
    room.join_irc("alice", "message-tags echo-message batch labeled-response");
    room.join_irc("bob", "message-tags server-time");
    room.join_irc("plain", "server-time echo-message");
    room.join_json("jay");
    room.gather(&["alice", "bob", "plain"], &["jay"]);
    room
}

#[test]
fn tags_of_messages_are_relayed() {
    let mut room = room();
    for line in [
        "@+draft/reply=1-1;label=1;+x=a\\:\\sb;time=now PRIVMSG #a :hi",
        "@+typing;msgid=1 NOTICE bob :hi",
        "@+a=1;+a=2 PRIVMSG #a :\u{1}ACTION waves\u{1}",
    ] {
        room.send("alice", line);
    }
    // The client has not asked for tags.
    room.send("plain", "@+x=1 PRIVMSG #a :hi");
    room.send(
        "jay",
        concat!(
            r#"{"type":"chat","channel":"a","text":"one\ntwo","#,
            r#""data":{"+draft/react":"👍","score":"1"}}"#
        ),
    );
    let many: Vec<_> = (0..33).map(|index| format!("+{index}")).collect();
    room.send("bob", &format!("@{} PRIVMSG #a :hi", many.join(";")));
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn signals_reach_only_clients_that_read_tags() {
    let mut room = room();
    for line in [
        "@+typing=active;label=1 TAGMSG #a",
        "@+typing=active TAGMSG bob,plain",
        "@+typing=active;label=2 TAGMSG alice",
        "@label=3 TAGMSG #a",
        "@+typing=active;label=4 TAGMSG #nowhere",
        "@+typing=active TAGMSG nobody",
        "@+typing=active TAGMSG a,b,c,d,e",
        "TAGMSG",
    ] {
        room.send("alice", line);
    }
    room.send("plain", "@+typing=active TAGMSG #a");
    room.send("jay", r#"{"type":"signal","channel":"a","data":{"+typing":"done"},"ref":"1"}"#);
    room.send("jay", r#"{"type":"signal","to":"bob","data":{"score":"1"}}"#);
    room.send("jay", r#"{"type":"signal","to":"bob","data":{}}"#);
    room.send("jay", r#"{"type":"signal","data":{"a":"b"}}"#);
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn tags_above_the_limit_are_refused() {
    let config = Config { data_bytes: 8, ..Config::default() };
    let mut room = Room::with(IrcSettings::new("irc.test"), config);
    room.join_irc("alice", "message-tags echo-message");
    for line in [
        "@+a=123456 PRIVMSG alice :hi",
        "@+a=1234567 PRIVMSG alice :hi",
        "@+a=1234567 TAGMSG alice",
    ] {
        room.send("alice", line);
    }
    insta::assert_snapshot!(room.transcript());
}
