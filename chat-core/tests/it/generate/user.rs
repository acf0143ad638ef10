//! Commands of users about themselves.

use super::{NICKNAMES, TEXTS, pick};
use chat_core::{DataChange, Secret, UserCommand, UserModeChange};

pub(super) fn command(first: u8, second: u8) -> UserCommand {
    let changes = [
        UserModeChange::Invisible(first & 4 == 0),
        UserModeChange::Announcements(first & 8 == 0),
        UserModeChange::NoOperator,
    ];
    let names =
        || vec![String::from(pick(NICKNAMES, second)), String::from(pick(NICKNAMES, first))];
    match first & 7 {
        4 => UserCommand::Watch { nicknames: names() },
        5 => UserCommand::Watch { nicknames: names()[..usize::from(second & 1)].to_vec() },
        6 => UserCommand::Unwatch { nicknames: (second & 1 == 0).then(names) },
        0 => UserCommand::SetModes { changes: changes.into_iter().skip(second.into()).collect() },
        1 => UserCommand::SetModes { changes: changes[..usize::from(second & 1)].to_vec() },
        _ => UserCommand::BecomeOperator {
            name: String::from(pick(&["op", "op", "al"], second)),
            password: Secret::new("old"),
        },
    }
}

/// Returns changes of application data, of keys that users may set or not.
pub(super) fn data_changes(byte: u8) -> Vec<DataChange> {
    let change = |bits: u8| {
        let text = (bits & 4 == 0).then(|| pick(TEXTS, bits >> 2).into());
        DataChange { key: ["a", "b", "c", "a"][usize::from(bits & 3)].into(), text }
    };
    vec![change(byte >> 1), change(byte >> 4)]
}
