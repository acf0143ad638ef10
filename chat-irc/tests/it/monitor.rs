use crate::room::Room;
use chat_core::Config;
use chat_irc::IrcSettings;

#[test]
fn monitored_users_come_and_go() {
    let config = Config { watched_nicknames: 3, ..Config::default() };
    let mut room = Room::with(IrcSettings::new("irc.test"), config);
    for name in ["alice", "bob"] {
        room.join_irc(name, "");
    }
    for line in [
        "MONITOR",
        "MONITOR X",
        "MONITOR + bob,carol,*!u@h",
        "MONITOR + *!u@h",
        "MONITOR + dave,erin",
        "MONITOR L",
        "MONITOR S",
    ] {
        room.send("alice", line);
    }
    room.connect("carol");
    for (name, line) in [
        ("carol", "NICK carol"),
        ("carol", "USER c 0 * :c"),
        ("carol", "NICK Carol"),
        ("carol", "NICK dora"),
        ("bob", "QUIT"),
        ("alice", "MONITOR - carol"),
        ("alice", "MONITOR L"),
        ("alice", "MONITOR C"),
        ("alice", "MONITOR L"),
    ] {
        room.send(name, line);
    }
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn changes_of_monitored_users_need_capabilities() {
    let mut room = Room::new();
    room.join_irc("extended", "extended-monitor away-notify setname");
    room.join_irc("partly", "extended-monitor");
    room.join_irc("plain", "away-notify setname");
    room.join_irc("bob", "");
    for name in ["extended", "partly", "plain"] {
        room.send(name, "MONITOR + bob");
    }
    for line in ["AWAY :lunch", "SETNAME :Robert", "AWAY", "MODE bob +B"] {
        room.send("bob", line);
    }
    insta::assert_snapshot!(room.transcript());
}
