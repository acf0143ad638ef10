//! Requests to watch users, their answers, and the events about watched users.

use super::event::UserFields;
use super::request::{Problem, Request};
use crate::Frames;
use chat_core::{Command, PresenceChange, Text, UserCommand, UserInfo, Watched};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Watch {
    nicknames: Option<Vec<String>>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Object<'a> {
    Watched {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
        users: Vec<WatchedObject<'a>>,
    },
    Presence {
        online: bool,
        #[serde(flatten)]
        user: UserFields<'a>,
        /// Absent if only the identity of the user has changed.
        #[serde(skip_serializing_if = "Option::is_none")]
        away: Option<Option<&'a str>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        real_name: Option<&'a str>,
    },
}

/// A watched nickname.
#[derive(Serialize)]
struct WatchedObject<'a> {
    nickname: &'a str,
    online: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    away: Option<&'a str>,
}

/// Returns the engine's command for a request to watch users, or the request if it is another.
pub(super) fn command(request: Request) -> Result<Result<Command, Problem>, Request> {
    let command = match request.kind.as_str() {
        "watch" => request.read().map(|Watch { nicknames }| {
            let nicknames = nicknames.unwrap_or_default();
            UserCommand::Watch { nicknames }
        }),
        "unwatch" => request.read().map(|Watch { nicknames }| UserCommand::Unwatch { nicknames }),
        _ => return Err(request),
    };
    Ok(command.map(Command::User))
}

/// Writes the answer to `watch` and `unwatch`.
pub(super) fn write_watched(reference: Option<&str>, users: &[Watched], out: &mut Frames) {
    let users = users.iter().map(|watched| WatchedObject {
        nickname: watched.nickname.shown(),
        online: watched.user.is_some(),
        away: watched.away.as_ref().map(Text::as_str),
    });
    out.write_json(&Object::Watched { reference, users: users.collect() });
}

/// Writes the change of a watched user.
pub(super) fn write_presence(user: &UserInfo, change: &PresenceChange, out: &mut Frames) {
    let online = !matches!(change, PresenceChange::Offline);
    let away = match change {
        PresenceChange::Away(text) => Some(text.as_ref().map(Text::as_str)),
        PresenceChange::Online | PresenceChange::Offline | PresenceChange::Info(_) | _ => None,
    };
    let real_name = user.real_name.as_ref().map(Text::as_str);
    out.write_json(&Object::Presence { online, user: user.into(), away, real_name });
}
