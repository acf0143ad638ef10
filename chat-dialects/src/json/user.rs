//! Requests of users about themselves, and their answers.

use super::request::{Problem, Request};
use crate::Frames;
use chat_core::{
    Actor, Command, Counts, Query, Secret, Text, UserCommand, UserModeChange, UserModes,
};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct BecomeOperator {
    name: String,
    password: String,
}

#[derive(Deserialize)]
struct SetModes {
    invisible: Option<bool>,
    announcements: Option<bool>,
    operator: Option<bool>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Object<'a> {
    UserModes {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
        invisible: bool,
        announcements: bool,
        operator: bool,
    },
    Counts {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
        users: usize,
        invisible: usize,
        operators: usize,
        newcomers: usize,
        channels: usize,
        most_users: usize,
    },
    Announcement {
        by: &'a str,
        text: &'a str,
    },
}

/// Returns the engine's command for a request of a user about itself, or the request if it is
/// another.
pub(super) fn command(request: Request) -> Result<Result<Command, Problem>, Request> {
    let command = match request.kind.as_str() {
        "become_operator" => request.read().map(|BecomeOperator { name, password }| {
            let password = Secret::new(password);
            UserCommand::BecomeOperator { name, password }
        }),
        "user_modes" => request.read().and_then(SetModes::command),
        "counts" => return Ok(Ok(Command::Query(Query::Counts))),
        _ => return Err(request),
    };
    Ok(command.map(Command::User))
}

impl SetModes {
    fn command(self) -> Result<UserCommand, Problem> {
        let no_operator = match self.operator {
            Some(true) => return Err("user_modes: \"operator\" can only be false".into()),
            Some(false) => Some(UserModeChange::NoOperator),
            None => None,
        };
        let changes = [
            self.invisible.map(UserModeChange::Invisible),
            self.announcements.map(UserModeChange::Announcements),
            no_operator,
        ];
        Ok(UserCommand::SetModes { changes: changes.into_iter().flatten().collect() })
    }
}

/// Writes the user's modes, as an answer or as an event.
pub(super) fn write_modes(reference: Option<&str>, modes: UserModes, out: &mut Frames) {
    let UserModes { invisible, announcements, operator, .. } = modes;
    out.write_json(&Object::UserModes { reference, invisible, announcements, operator });
}

/// Writes the answer to `counts`.
pub(super) fn write_counts(reference: Option<&str>, counts: &Counts, out: &mut Frames) {
    let &Counts { users, invisible, operators, newcomers, channels, most_users, .. } = counts;
    out.write_json(&Object::Counts {
        reference,
        users,
        invisible,
        operators,
        newcomers,
        channels,
        most_users,
    });
}

/// Writes the announcement of a server operator.
pub(super) fn write_announced(by: &Actor, text: &Text, out: &mut Frames) {
    out.write_json(&Object::Announcement { by: by.name(), text: text.as_str() });
}
