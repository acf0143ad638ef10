//! Replays the lines of real clients, which `scripts/irc-clients --record` has noted.

use crate::room::{Room, right_password};
use std::fs;
use std::path::Path;

/// Replays the two connections of a client: as a guest, and with the account `member`.
fn replay(recording: &Path) -> String {
    let mut room = Room::with_accounts();
    room.register("member", "member");
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
                room.answer_password(right_password());
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
