//! Parses actions of users about themselves.

use super::ScriptProblem;
use super::words::{Words, unescape};
use crate::{Command, Query, Secret, UserCommand, UserModeChange};
use alloc::vec::Vec;

/// Parses an action of a user about itself, if the verb is one.
pub(super) fn parse(verb: &str, words: &mut Words<'_>) -> Result<Option<Command>, ScriptProblem> {
    let command = match verb {
        "become-operator" => {
            let (name, password) = words.only_pair("become-operator NAME PASSWORD")?;
            UserCommand::BecomeOperator { name, password: Secret::new(password) }
        }
        "user-modes" => {
            let changes = words.map(change).collect::<Result<Vec<_>, _>>()?;
            UserCommand::SetModes { changes }
        }
        "watch" => UserCommand::Watch { nicknames: words.map(unescape).collect::<Result<_, _>>()? },
        "unwatch" => {
            let nicknames = words.map(unescape).collect::<Result<Vec<_>, _>>()?;
            UserCommand::Unwatch { nicknames: Some(nicknames).filter(|names| !names.is_empty()) }
        }
        "counts" => {
            words.end("counts")?;
            return Ok(Some(Command::Query(Query::Counts)));
        }
        _ => return Ok(None),
    };
    Ok(Some(Command::User(command)))
}

fn change(word: &str) -> Result<UserModeChange, ScriptProblem> {
    Ok(match word {
        "+invisible" => UserModeChange::Invisible(true),
        "-invisible" => UserModeChange::Invisible(false),
        "+announcements" => UserModeChange::Announcements(true),
        "-announcements" => UserModeChange::Announcements(false),
        "-operator" => UserModeChange::NoOperator,
        _ => {
            let usage = "user-modes [+invisible] [-invisible] [+announcements] [-announcements] \
                         [-operator]";
            return Err(ScriptProblem::Usage(usage));
        }
    })
}
