use crate::room::Room;

#[test]
fn ctcp_passes_between_clients_of_irc() {
    let mut room = Room::new();
    room.join_irc("alice", "echo-message");
    room.join_irc("bob", "message-tags server-time");
    room.join_json("jay");
    room.join_text("tina");
    room.gather(&["alice", "bob"], &["jay"]);
    room.send_silently("tina", b"/join a");
    for name in ["alice", "bob", "jay", "tina"] {
        room.take_silently(name);
    }
    let long = format!("PRIVMSG bob :\u{1}PING {}\u{1}", "x".repeat(460));
    for (name, line) in [
        ("alice", "PRIVMSG bob :\u{1}VERSION\u{1}"),
        ("bob", "NOTICE alice :\u{1}VERSION irssi 1.4\u{1}"),
        ("alice", "PRIVMSG #a :\u{1}PING 1 2"),
        ("alice", "PRIVMSG nobody :\u{1}VERSION\u{1}"),
        ("alice", "NOTICE nobody :\u{1}VERSION x\u{1}"),
        ("alice", "PRIVMSG alice :\u{1}TIME\u{1}"),
        ("alice", "PRIVMSG #a :\u{1}\u{1}"),
        ("alice", &*long),
        ("jay", r#"{"type":"signal","to":"alice","data":{"ctcp":"FINGER","+a":"1"}}"#),
        ("jay", r#"{"type":"signal","to":"alice","data":{"ctcp":"ACTION waves"}}"#),
        // A mode of the channel forbids it, and allows actions.
        ("alice", "MODE #a +C"),
        ("bob", "PRIVMSG #a :\u{1}PING 1 2\u{1}"),
        ("bob", "NOTICE #a :\u{1}PING 1 2\u{1}"),
        ("bob", "PRIVMSG #a :\u{1}ACTION waves\u{1}"),
        ("alice", "MODE #a"),
        ("alice", "MODE #a -C"),
        // Nothing of it is history.
        ("bob", "CHATHISTORY LATEST #a * 10"),
    ] {
        room.send(name, line);
    }
    insta::assert_snapshot!(room.transcript());
}
