//! `MODE`.

use super::channel::is_channel;
use super::user_mode;
use crate::client::Client;
use crate::identity::Word;
use crate::line::Line;
use crate::mode::{MUTE, list_of_letter, status, switch};
use crate::pending::Pending;
use chat_core::{Command, List, ModeChange, Query, StatusChange, Text, UserMask};
use chat_dialects::Reaction;

pub(super) fn mode(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    let Some(name) = line.param(0) else {
        return client.needs_more("MODE", reaction);
    };
    if !name.starts_with('#') {
        return user_mode::mode(client, name, line, reaction);
    }
    if line.param(1).is_none() {
        let pending = Pending::Modes { channel: name.into() };
        let command = Command::ShowModes { channel: name.to_owned() };
        return client.ask(pending, command, reaction);
    }
    if is_channel(client, name, reaction) {
        of_channel(client, name, line, reaction);
    }
}

/// Changes modes of a channel: all plain modes in one step, then statuses and lists.
fn of_channel(client: &mut Client, name: &str, line: &Line<'_>, reaction: &mut Reaction) {
    let mut params = line.params.iter().copied().skip(2).filter(|param| !param.is_empty());
    let mut changes = Vec::new();
    let mut commands: Vec<(String, Command)> = Vec::new();
    let mut shown: Vec<List> = Vec::new();
    let mut is_on = true;
    for letter in line.params[1].chars() {
        if let Some(change) = switch(letter, is_on) {
            changes.push(change);
            continue;
        }
        match letter {
            '+' | '-' => is_on = letter == '+',
            'k' if !is_on => {
                // The key is given as well, or anything else.
                params.next();
                changes.push(ModeChange::Key(None));
            }
            'l' if !is_on => changes.push(ModeChange::MemberLimit(None)),
            'k' | 'l' => {
                let Some(param) = params.next() else {
                    invalid(client, name, letter, "*", "it needs a parameter", reaction);
                    continue;
                };
                if letter == 'k' {
                    changes.push(ModeChange::Key(Some(param.to_owned())));
                } else if let Ok(limit) = param.parse() {
                    changes.push(ModeChange::MemberLimit(Some(limit)));
                } else {
                    invalid(client, name, letter, param, "it has to be a number", reaction);
                }
            }
            'b' | 'e' | 'I' => {
                let list = list_of_letter(letter);
                let Some(param) = params.next() else {
                    if !shown.contains(&list) {
                        shown.push(list);
                    }
                    continue;
                };
                let (list, mask) = match param.strip_prefix(MUTE) {
                    Some(mask) if list == List::Bans => (List::Mutes, mask),
                    Some(mask) if list == List::Exceptions => (List::MuteExceptions, mask),
                    Some(_) | None => (list, param),
                };
                if let Err(error) = UserMask::parse(mask) {
                    invalid(client, name, letter, param, &error.to_string(), reaction);
                    continue;
                }
                let (channel, mask, reason) = (name.to_owned(), mask.to_owned(), None);
                let command = Command::SetMask { channel, list, mask, listed: is_on, reason };
                commands.push((param.to_owned(), command));
            }
            _ => {
                let Some(status) = status(letter) else {
                    let letter = Text::clean(&letter.to_string());
                    let rest =
                        format_args!("{} :is unknown mode char to me", Word(letter.as_str()));
                    client.numeric(&mut reaction.frames, 472, rest);
                    continue;
                };
                let Some(nickname) = params.next() else {
                    invalid(client, name, letter, "*", "it needs a nickname", reaction);
                    continue;
                };
                let change =
                    if is_on { StatusChange::Grant(status) } else { StatusChange::Revoke(status) };
                let (channel, nickname) = (name.to_owned(), nickname.to_owned());
                let subject = nickname.clone();
                commands.push((subject, Command::SetRole { channel, nickname, change }));
            }
        }
    }
    if !changes.is_empty() {
        let command = Command::SetModes { channel: name.to_owned(), changes };
        client.command("MODE", name, command, reaction);
    }
    for (subject, command) in commands {
        client.command("MODE", &subject, command, reaction);
    }
    for list in shown {
        let pending = Pending::List { channel: name.into(), shown: 0 };
        let (channel, offset, limit) = (name.to_owned(), 0, usize::MAX);
        let query = Query::List { channel, list, offset, limit };
        client.ask(pending, Command::Query(query), reaction);
    }
}

/// Answers a mode with a wrong parameter (`ERR_INVALIDMODEPARAM`).
fn invalid(
    client: &Client,
    name: &str,
    letter: char,
    param: &str,
    why: &str,
    reaction: &mut Reaction,
) {
    let rest = format_args!("{} {letter} {} :{why}", Word(name), Word(param));
    client.numeric(&mut reaction.frames, 696, rest);
}
