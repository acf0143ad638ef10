//! Parses actions about messages that were said before.

use super::ScriptProblem;
use super::words::Words;
use crate::{Command, MessageAction, MessageCommand, MessageId};

/// Parses an action about a message, if the verb is one.
pub(super) fn parse(verb: &str, words: &mut Words<'_>) -> Result<Option<Command>, ScriptProblem> {
    let command = match verb {
        "delete" => {
            let usage = "delete ID [REASON]";
            let id = id(words, usage)?;
            let action = MessageAction::Delete { reason: words.rest()? };
            MessageCommand { id, channel: None, action }
        }
        "edit" => {
            let usage = "edit ID TEXT";
            let id = id(words, usage)?;
            let action = MessageAction::Edit { text: words.text(usage)? };
            MessageCommand { id, channel: None, action }
        }
        "react" | "unreact" => {
            let usage = "react ID EMOJI or unreact ID EMOJI";
            let id = id(words, usage)?;
            let action =
                MessageAction::React { emoji: words.text(usage)?, remove: verb == "unreact" };
            MessageCommand { id, channel: None, action }
        }
        "pin" | "unpin" => {
            let usage = "pin ID or unpin ID";
            let id = id(words, usage)?;
            words.end(usage)?;
            let action = MessageAction::Pin { pinned: verb == "pin" };
            MessageCommand { id, channel: None, action }
        }
        "delete-in" => {
            let usage = "delete-in CHANNEL ID [REASON]";
            let channel = Some(words.word(usage)?);
            let id = id(words, usage)?;
            let action = MessageAction::Delete { reason: words.rest()? };
            MessageCommand { id, channel, action }
        }
        _ => return Ok(None),
    };
    Ok(Some(Command::Message(command)))
}

fn id(words: &mut Words<'_>, usage: &'static str) -> Result<MessageId, ScriptProblem> {
    let id = words.next().and_then(|word| word.parse().ok());
    id.map(MessageId).ok_or(ScriptProblem::Usage(usage))
}
