//! Answers to `MONITOR`.

use crate::client::Client;
use crate::identity::Mask;
use crate::pending::Monitor;
use chat_core::{Event, Watched};
use chat_dialects::Reaction;

pub(super) fn monitor(client: &Client, answer: &Monitor, event: &Event, reaction: &mut Reaction) {
    let Event::WatchedShown { users } = event else { return };
    match answer {
        Monitor::Added { .. } | Monitor::Status => {
            let online = users.iter().filter_map(|watched| watched.user.as_ref());
            write(client, 730, online.map(|user| Mask(user).to_string()), reaction);
            let offline = users.iter().filter(|watched| watched.user.is_none());
            write(client, 731, offline.map(nickname), reaction);
        }
        Monitor::List => {
            write(client, 732, users.iter().map(nickname), reaction);
            client.numeric(&mut reaction.frames, 733, format_args!(":End of MONITOR list"));
        }
        Monitor::Removed => {}
    }
}

/// Writes that there is no room in the list.
pub(super) fn full(client: &Client, limit: usize, targets: &str, reaction: &mut Reaction) {
    let rest = format_args!("{limit} {targets} :Monitor list is full");
    client.numeric(&mut reaction.frames, 734, rest);
}

fn nickname(watched: &Watched) -> String {
    watched.nickname.shown().to_owned()
}

/// Writes names, as many in a line as fit.
fn write(client: &Client, code: u16, names: impl Iterator<Item = String>, reaction: &mut Reaction) {
    let room = client.room().saturating_sub(" :".len());
    let mut line = String::new();
    for name in names {
        if !line.is_empty() && line.len() + 1 + name.len() > room {
            client.numeric(&mut reaction.frames, code, format_args!(":{line}"));
            line.clear();
        }
        if !line.is_empty() {
            line.push(',');
        }
        line.push_str(&name);
    }
    if !line.is_empty() {
        client.numeric(&mut reaction.frames, code, format_args!(":{line}"));
    }
}
