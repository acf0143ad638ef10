//! Replays the lines of real clients, which `scripts/irc-clients --record` has noted.

use crate::room::Room;
use chat_core::{AccountCommand, Answer, Command, Config, PasswordLogin, Secret};
use chat_dialects::Inbound;
use chat_irc::IrcSettings;
use std::fs;
use std::path::Path;

fn right() -> Answer {
    Answer::Password {
        credentials: Some(Secret::new("credentials")),
        token: Some(Secret::new("a token of enough letters for a session")),
    }
}

/// Replays the two connections of a client: as a guest, and with the account `member`.
fn replay(recording: &Path) -> String {
    let config = Config { accounts: true, registration: true, ..Config::default() };
    let mut room = Room::with(IrcSettings::new("irc.test"), config);
    room.join_json("member");
    let login = PasswordLogin::new("member", Secret::new("four-sea-lions"));
    let command = Command::Account(AccountCommand::Register { login, code: None });
    room.receive("member", Inbound::Command { request: None, command });
    room.answer_password(right());
    room.send_silently("member", br#"{"type":"quit"}"#);
    room.take_silently("member");
    room.join_text("tina");
    room.send_silently("tina", b"/join meet");
    room.take_silently("tina");

    let lines = fs::read_to_string(recording).expect("a recording");
    let connections: Vec<_> = lines.trim().split("\n\n").collect();
    assert_eq!(connections.len(), 2, "{} has a guest and a member", recording.display());
    for (name, lines) in ["guest", "again"].into_iter().zip(connections) {
        room.connect(name);
        for line in lines.lines() {
            room.send(name, line);
            if room.has_questions() {
                room.answer_password(right());
            }
        }
        assert!(room.is_closed(name), "{name} has quit");
        if name == "guest" {
            room.send("tina", "meanwhile");
        }
    }
    room.transcript()
}

#[test]
fn clients_are_answered_as_when_they_were_recorded() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded");
    let mut recordings: Vec<_> = fs::read_dir(folder)
        .expect("the folder of recordings")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    recordings.sort();
    assert!(recordings.len() >= 6, "{recordings:?}");
    for recording in recordings {
        let name = recording.file_stem().expect("a name").to_str().expect("UTF-8").to_owned();
        insta::assert_snapshot!(name, replay(&recording));
    }
}
