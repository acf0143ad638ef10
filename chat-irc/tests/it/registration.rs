use crate::room::Room;
use chat_core::{Config, Secret};
use chat_irc::IrcSettings;

#[test]
fn client_is_welcomed_once_it_has_a_nickname_and_a_user_name() {
    let mut settings = IrcSettings::new("irc.test");
    settings.network = "Test".into();
    settings.motd = vec!["Be kind.".into(), String::new(), "That is all.".into()];
    let mut room = Room::with(settings, Config::default());
    room.connect("alice");
    for line in [
        "JOIN :",
        "PING before",
        "NICK",
        "USER alice",
        "USER al!ice@x 0 * :Alice Liddell",
        "NICK alice",
        "NICK alice",
        "USER again 0 * :again",
        "PASS late",
        "PING after",
        "PONG irc.test",
        "QUIT :lunch",
    ] {
        room.send("alice", line);
    }
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn nickname_that_is_refused_can_be_replaced() {
    let mut room = Room::new();
    room.join_irc("alice", "");
    room.connect("bob");
    for line in ["USER b 0 * b", "NICK ALICE", "NICK a!b", "NICK NickServ", "NICK 0", "NICK bob"] {
        room.send("bob", line);
    }
    room.send("bob", "NICK Alice");
    room.send("bob", "NICK robert");
    room.send("alice", "NICK Alice");
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn client_that_never_finds_a_nickname_is_closed() {
    let mut room = Room::new();
    room.join_irc("alice", "");
    room.connect("bob");
    room.send_silently("bob", b"USER b 0 * b");
    for _ in 0..49 {
        room.send_silently("bob", b"NICK alice");
    }
    assert!(!room.is_closed("bob"));
    room.send_silently("bob", b"NICK alice");
    assert!(room.is_closed("bob"));
}

#[test]
fn server_password_is_needed_if_there_is_one() {
    let mut settings = IrcSettings::new("irc.test");
    settings.password = Some(Secret::new("open sesame"));
    let mut room = Room::with(settings, Config::default());
    for (name, pass) in [("none", None), ("wrong", Some("sesame")), ("right", Some("open sesame"))]
    {
        room.connect(name);
        if let Some(pass) = pass {
            room.send(name, &format!("PASS :{pass}"));
        }
        room.send_silently(name, format!("NICK {name}").as_bytes());
        room.send_silently(name, b"USER u 0 * u");
        let welcome = room.take_silently(name);
        let expected = if name == "right" {
            ":irc.test 001 right :Welcome to the irc.test network, right!u@h"
        } else {
            ":irc.test 464 * :Password incorrect"
        };
        assert_eq!(welcome[0], expected);
        assert_eq!(room.is_closed(name), name != "right");
    }
}
