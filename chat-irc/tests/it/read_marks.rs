use crate::room::{Room, right_password};

#[test]
fn guest_marks_times_for_itself() {
    let mut room = Room::new();
    room.join_irc("alice", "draft/read-marker");
    for line in [
        "MARKREAD #nowhere",
        "JOIN #a",
        "MARKREAD #a timestamp=2026-01-01T00:00:02.000Z",
        "MARKREAD #a timestamp=2026-01-01T00:00:01.000Z",
        "MARKREAD #A",
        "MARKREAD bob timestamp=2026-01-01T00:00:03.000Z",
        "MARKREAD BOB",
        "PART #a",
        "JOIN #a",
        "MARKREAD",
        "MARKREAD #a *",
        "MARKREAD #a timestamp=noon",
        "MARKREAD #a msgid=1-1",
    ] {
        room.send("alice", line);
    }
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn marks_of_an_account_are_those_of_all_its_clients() {
    let mut room = Room::with_accounts();
    room.register("alice", "alice");
    room.join_irc("bob", "");
    let log_in = |room: &mut Room, name: &'static str| {
        room.connect(name);
        for line in [
            "CAP REQ :batch labeled-response draft/read-marker sasl",
            "NICK alice",
            "USER alice 0 * :Alice",
            "AUTHENTICATE PLAIN",
            // The account alice, with the password s3cret.
            "AUTHENTICATE AGFsaWNlAHMzY3JldA==",
        ] {
            room.send_silently(name, line.as_bytes());
        }
        room.answer_password(right_password());
    };
    log_in(&mut room, "irc");
    for line in ["CAP END", "JOIN #a", "PRIVMSG #a :1", "PRIVMSG #a :2"] {
        room.send_silently("irc", line.as_bytes());
    }
    room.send_silently("bob", b"PRIVMSG alice :hi");
    for name in ["alice", "bob", "irc"] {
        room.take_silently(name);
    }
    // The second message of the channel has a later time.
    room.send("irc", "@label=x MARKREAD #a timestamp=2026-01-01T00:00:18.500Z");
    room.send("alice", r#"{"type":"read","channel":"a","id":2}"#);
    room.send("alice", r#"{"type":"read","to":"bob","id":3}"#);
    log_in(&mut room, "late");
    room.send("late", "CAP END");
    room.send("late", "@label=y MARKREAD bob");
    insta::assert_snapshot!(room.transcript());
}
