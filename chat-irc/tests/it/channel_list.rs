use crate::room::Room;
use std::time::Duration;

#[test]
fn list_is_filtered() {
    let mut room = Room::new();
    room.join_irc("alice", "");
    room.join_irc("bob", "");
    for (name, line) in [
        ("alice", "JOIN #old"),
        ("bob", "JOIN #old"),
        ("alice", "TOPIC #old :Tea"),
        ("bob", "JOIN #secret"),
        ("bob", "MODE #secret +s"),
    ] {
        room.send(name, line);
    }
    room.wait(Duration::from_secs(3_600));
    room.send("alice", "JOIN #new");
    for line in [
        "LIST",
        "LIST #Old,#nowhere",
        "LIST *e*",
        "LIST !#o*",
        "LIST >1",
        "LIST <2",
        "LIST C<30",
        "LIST C>30",
        "LIST T<90,#o*",
        "LIST T>90",
        "LIST C<x",
    ] {
        room.send("alice", line);
    }
    insta::assert_snapshot!(room.transcript());
}
