//! The completions of Tab.

use super::room::{Room, RoomKind};
use crate::connect::command::COMMANDS;
use crate::connect::names::channel_title;
use chat_server::engine::Text;

/// The names that the client knows.
pub(super) struct Known<'a> {
    pub(super) rooms: &'a [Room],
    /// The room that is shown.
    pub(super) current: &'a Room,
    /// Channels that were listed.
    pub(super) listed: &'a [Text],
    /// The user's own name.
    pub(super) me: &'a str,
}

/// Returns the completions of a word, the most likely first, each with the character after it.
pub(super) fn candidates(known: &Known<'_>, before: &str, word: &str) -> Vec<String> {
    let command = before.split_whitespace().next();
    if command.is_none() && word.starts_with('/') {
        let names = COMMANDS.iter().map(|(name, ..)| format!("/{name}"));
        return matching(names, word, " ");
    }
    let is_first_argument = before.split_whitespace().count() == 1;
    let wants_channel =
        is_first_argument && command.is_some_and(|command| TAKES_CHANNEL.contains(&command));
    if wants_channel || word.starts_with('#') {
        let has_sign = word.starts_with('#');
        let joined = known.rooms.iter().filter(|room| room.kind == RoomKind::Channel);
        let names = joined.map(|room| room.name.as_str());
        let names = names.chain(known.listed.iter().map(|name| name.as_str()));
        let written = |name: &str| if has_sign { channel_title(name) } else { name.to_owned() };
        let mut names = matching(names.map(written), word, " ");
        if wants_channel && command == Some("/switch") {
            let users = known.rooms.iter().filter(|room| room.kind == RoomKind::User);
            names.extend(matching(users.map(|room| room.name.to_string()), word, " "));
        }
        return names;
    }
    // A nickname at the beginning of a line addresses a user, and gets a colon.
    let end = if before.is_empty() { ": " } else { " " };
    let here = known.current.people().into_iter().map(|person| person.nickname.to_string());
    let elsewhere = known.rooms.iter().flat_map(|room| {
        let partner = (room.kind == RoomKind::User).then(|| room.name.to_string());
        let people = room.people().into_iter().map(|person| person.nickname.to_string());
        people.chain(partner)
    });
    let names = here.chain(elsewhere).filter(|name| name != known.me);
    matching(names, word, end)
}

fn matching(names: impl Iterator<Item = String>, word: &str, end: &str) -> Vec<String> {
    let word = word.to_lowercase();
    let mut matching: Vec<String> = Vec::new();
    for name in names.filter(|name| name.to_lowercase().starts_with(&word)) {
        let name = format!("{name}{end}");
        if !matching.contains(&name) {
            matching.push(name);
        }
    }
    matching
}

const TAKES_CHANNEL: [&str; 6] = ["/join", "/leave", "/part", "/switch", "/users", "/who"];
