use crate::room::Room;

#[test]
fn capabilities_are_negotiated() {
    let mut room = Room::new();
    room.connect("alice");
    for line in [
        "CAP LS 302",
        "NICK alice",
        "USER al 0 * :Alice",
        "CAP REQ :server-time echo-message",
        "CAP REQ :away-notify unknown",
        "CAP REQ :-echo-message",
        "CAP LIST",
        "CAP REQ :sasl",
        "CAP",
        "CAP FLY",
        "CAP :END",
        "CAP LS",
    ] {
        room.send("alice", line);
    }
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn each_reader_gets_the_tags_that_it_has_asked_for() {
    let mut room = Room::new();
    room.join_irc("plain", "");
    room.join_irc("time", "server-time");
    room.join_irc("all", "server-time message-tags account-tag extended-join away-notify setname");
    for name in ["plain", "time", "all"] {
        room.send_silently(name, b"JOIN #a");
    }
    for name in ["plain", "time", "all"] {
        room.take_silently(name);
    }
    room.join_irc("late", "");
    for line in ["JOIN #a", "PRIVMSG #a :hi", "AWAY :lunch", "AWAY", "SETNAME :New Name"] {
        room.send("late", line);
    }
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn echo_has_the_id_of_the_message() {
    let mut room = Room::new();
    room.join_irc("alice", "echo-message message-tags");
    room.join_irc("bob", "message-tags");
    for name in ["alice", "bob"] {
        room.send_silently(name, b"JOIN #a");
        room.take_silently(name);
    }
    room.take_silently("alice");
    room.send("alice", "PRIVMSG #a,bob :hi");
    room.send("alice", "@+typing=active TAGMSG #a");
    room.send("alice", "TAGMSG");
    room.send("alice", "MODE alice +B");
    room.send("alice", "PRIVMSG bob :beep");
    insta::assert_snapshot!(room.transcript());
}
