use crate::room::{Room, right_password};
use chat_core::{Answer, Config, PasswordRefusal, Text};
use chat_irc::IrcSettings;

fn room(registration: bool) -> Room {
    let config = Config { accounts: true, registration, ..Config::default() };
    Room::with(IrcSettings::new("irc.test"), config)
}

fn too_weak() -> Answer {
    let reason = Text::clean("the password is too short");
    Answer::PasswordRefused(PasswordRefusal::TooWeak(reason))
}

#[test]
fn nickserv_keeps_accounts() {
    let mut room = room(true);
    room.join_irc("alice", "server-time");
    room.join_irc("bob", "");
    room.send("alice", "PRIVMSG NickServ :help");
    room.send("alice", "PRIVMSG nickserv :REGISTER x alice@example.org");
    room.answer_password(too_weak());
    room.send("alice", "PRIVMSG NickServ :REGISTER correct-horse");
    room.answer_password(right_password());
    for line in [
        "NS INFO",
        "NS INFO bob",
        "NS INFO nobody",
        "NICKSERV REGISTER again",
        "NS FLY",
        "NOTICE NickServ :LOGOUT",
        "PRIVMSG NickServ,bob :both",
    ] {
        room.send("alice", line);
    }
    room.send("alice", "NS PASSWD correct-horse battery-staple");
    room.answer_password(right_password());
    room.send("bob", "NS IDENTIFY wrong");
    room.answer_password(Answer::PasswordRefused(PasswordRefusal::Wrong));
    room.send("bob", "NS GHOST alice");
    room.send("bob", "NS GHOST alice battery-staple");
    room.answer_password(right_password());
    room.send("bob", "PRIVMSG bob :gone?");
    room.send("alice", "NS DROP battery-staple");
    room.answer_password(right_password());
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn chanserv_gives_roles() {
    let mut room = room(true);
    room.join_irc("alice", "");
    room.join_irc("bob", "");
    room.join_text("tina");
    for (name, line) in [
        ("alice", "JOIN #a"),
        ("bob", "JOIN #a"),
        ("alice", "PRIVMSG ChanServ :OP #a"),
        ("alice", "CS VOICE #a bob"),
        ("alice", "CS DEVOICE #a bob"),
        ("bob", "CS OP #a"),
        ("alice", "CS OP #a nobody"),
        ("alice", "CS OP"),
        ("alice", "CS INFO #a"),
        ("alice", "TOPIC #a :Tea"),
        ("alice", "CS INFO #a"),
        ("alice", "CS REGISTER #a"),
        ("alice", "CHANSERV"),
    ] {
        room.send(name, line);
    }
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn accounts_are_registered_before_and_after_the_nickname() {
    let mut room = room(true);
    room.connect("new");
    for line in ["CAP LS 302", "REGISTER * * correct-horse", "NICK new"] {
        room.send("new", line);
    }
    room.send("new", "REGISTER * * correct-horse");
    room.answer_password(right_password());
    for line in ["USER new 0 * :new", "CAP END", "REGISTER * * again", "VERIFY new 123", "VERIFY"] {
        room.send("new", line);
    }
    room.join_irc("bob", "");
    room.send("bob", "REGISTER new me@example.org correct-horse");
    room.send("bob", "REGISTER a,b * correct-horse");
    room.send("bob", "REGISTER * * weak");
    room.answer_password(too_weak());
    room.send("bob", "REGISTER *");
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn closed_registration_is_not_offered() {
    let mut room = room(false);
    room.join_irc("alice", "");
    for line in ["CAP LS 302", "CAP LS", "REGISTER * * correct-horse", "NS REGISTER correct-horse"]
    {
        room.send("alice", line);
    }
    insta::assert_snapshot!(room.transcript());
}
