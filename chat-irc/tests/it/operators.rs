use crate::room::Room;
use chat_core::{Answer, Config, OperatorLogin, PasswordRefusal, Secret};
use chat_irc::IrcSettings;

/// Returns a room with a login for server operators.
fn room() -> Room {
    let operator_logins = vec![OperatorLogin::new("op", Secret::new("hash"))];
    let config = Config { operator_logins, ..Config::default() };
    Room::with(IrcSettings::new("irc.test"), config)
}

fn right() -> Answer {
    Answer::Password { credentials: None, token: None }
}

#[test]
fn operators_log_in() {
    let mut room = room();
    for name in ["alice", "bob"] {
        room.join_irc(name, "");
        room.send(name, "JOIN #a");
    }
    for line in ["OPER", "OPER op", "OPER op wrong"] {
        room.send("alice", line);
    }
    room.answer_password(Answer::PasswordRefused(PasswordRefusal::Wrong));
    room.send("alice", "OPER nobody secret");
    room.answer_password(right());
    room.send("alice", "OPER op secret");
    // This line waits for the answer of the host.
    room.send("alice", "PING later");
    room.answer_password(right());
    for (name, line) in [
        ("alice", "MODE alice"),
        ("bob", "WHO #a"),
        ("bob", "WHOIS alice"),
        ("bob", "LUSERS"),
        ("alice", "MODE alice -o"),
        ("alice", "MODE alice +o"),
        ("bob", "WHOIS alice"),
        ("bob", "WALLOPS :hi"),
    ] {
        room.send(name, line);
    }
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn operators_have_commands() {
    let mut room = room();
    for name in ["alice", "bob", "carol", "dave"] {
        room.join_irc(name, "");
        room.send(name, "JOIN #a");
    }
    room.join_text("tina");
    for (name, line) in [
        ("bob", "KILL carol :no"),
        ("bob", "WALLOPS :no"),
        ("bob", "REHASH"),
        ("bob", "MODE bob +w"),
        ("alice", "OPER op secret"),
    ] {
        room.send(name, line);
    }
    room.answer_password(right());
    for line in [
        "KILL",
        "KILL nobody",
        "KILL carol :spam",
        "KILL dave",
        "KILL tina :no text",
        "WALLOPS",
        "WALLOPS :The server restarts at ten.",
        "REHASH",
    ] {
        room.send("alice", line);
    }
    for name in ["carol", "dave", "tina"] {
        assert!(room.is_closed(name), "{name}");
    }
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn invisible_users_are_listed_for_their_peers() {
    let mut room = room();
    for name in ["alice", "bob", "carol"] {
        room.join_irc(name, "");
    }
    for (name, line) in [
        ("alice", "MODE alice +iw"),
        ("alice", "MODE alice +w"),
        ("alice", "MODE alice -xw"),
        ("bob", "WHO a*"),
        ("bob", "WHO alice"),
        ("alice", "JOIN #a"),
        ("bob", "NAMES #a"),
        ("bob", "JOIN #a"),
        ("bob", "WHO a*"),
        ("carol", "NAMES #a"),
        ("carol", "LUSERS"),
        ("alice", "MODE alice -i"),
        ("carol", "WHO a*"),
    ] {
        room.send(name, line);
    }
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn help_shows_the_syntax_of_commands() {
    let mut room = room();
    room.join_irc("alice", "");
    for line in ["HELP", "helpop privmsg", "HELP nothing", "LINKS"] {
        room.send("alice", line);
    }
    insta::assert_snapshot!(room.transcript());
}
