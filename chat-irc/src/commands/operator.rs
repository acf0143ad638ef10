//! Commands of server operators.

use crate::client::Client;
use crate::identity::Word;
use crate::line::Line;
use crate::pending::Pending;
use chat_core::{Command, OperatorCommand, Secret, UserCommand};
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

/// The files are those of the program that embeds the server, which nobody can reach from here.
pub(super) fn rehash(client: &Client, reaction: &mut Reaction) {
    let text = "The files can be reloaded only on the server itself, with SIGHUP";
    if client.is_operator {
        let rest = format_args!("{} :{text}", Word("REHASH"));
        client.numeric(&mut reaction.frames, 400, rest);
    } else {
        client.numeric(&mut reaction.frames, 481, format_args!(":Permission denied. {text}"));
    }
}
