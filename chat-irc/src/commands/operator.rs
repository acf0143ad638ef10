//! Commands of server operators.

use crate::client::Client;
use crate::line::Line;
use crate::pending::Pending;
use chat_core::{Command, OperatorCommand, Query, Secret, UserCommand};
use chat_dialects::Reaction;

pub(super) fn oper(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    let (Some(name), Some(password)) = (line.param(0), line.param(1)) else {
        return client.needs_more("OPER", reaction);
    };
    if !client.settings.has_operators {
        let rest = format_args!(":No O-lines for your host");
        return client.numeric(&mut reaction.frames, 491, rest);
    }
    let (name, password) = (name.to_owned(), Secret::new(password));
    let command = Command::User(UserCommand::BecomeOperator { name, password });
    client.ask(Pending::Operator, command, reaction);
}

pub(super) fn kill(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    let Some(nickname) = line.param(0) else {
        return client.needs_more("KILL", reaction);
    };
    let (nickname, reason) = (nickname.to_owned(), line.param(1).map(str::to_owned));
    let subject = nickname.clone();
    let command = Command::Operator(OperatorCommand::Disconnect { nickname, reason });
    client.command("KILL", &subject, command, reaction);
}

pub(super) fn wallops(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    let Some(text) = line.param(0) else {
        return client.needs_more("WALLOPS", reaction);
    };
    let command = Command::Operator(OperatorCommand::Announce { text: text.to_owned() });
    client.command("WALLOPS", "", command, reaction);
}

/// Asks the host to reload its settings. A query that only server operators may make shows first
/// whether the client may.
pub(super) fn rehash(client: &mut Client, reaction: &mut Reaction) {
    let query = Query::ServerBans { offset: 0, limit: 1 };
    client.ask(Pending::Rehash, Command::Query(query), reaction);
}
