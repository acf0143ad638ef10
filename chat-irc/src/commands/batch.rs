//! `BATCH`: a message of several lines (IRCv3 draft/multiline).

use super::message::{client_data, say_text};
use crate::capability::Capabilities;
use crate::client::Client;
use crate::identity::Word;
use crate::line::Line;
use crate::multiline::{Multiline, MultilineError};
use chat_dialects::Reaction;

pub(super) fn batch(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    let Some(reference) = line.param(0) else {
        return client.needs_more("BATCH", reaction);
    };
    if let Some(id) = reference.strip_prefix('+') {
        begin(client, id, line, reaction);
    } else if let Some(id) = reference.strip_prefix('-') {
        end(client, id, reaction);
    } else {
        fail(client, "MULTILINE_INVALID", "A batch begins with + and ends with -", reaction);
    }
}

/// Adds a line to the open message, and returns true if it has the tag of a batch.
pub(super) fn add(
    client: &mut Client,
    line: &Line<'_>,
    command: &'static str,
    reaction: &mut Reaction,
) -> bool {
    let Some(id) = line.tags.get("batch").filter(|_| client.has(MULTILINE)) else { return false };
    let Some(mut message) = client.multiline.take() else {
        fail(client, "MULTILINE_INVALID", "There is no such batch", reaction);
        return true;
    };
    if message.has_failed {
        client.multiline = Some(message);
        return true;
    }
    let is_concat = line.tags.iter().any(|(key, _)| key == CONCAT);
    let target = line.param(0).unwrap_or_default();
    let text = line.params.get(1).copied().unwrap_or_default();
    let problem = if *message.id != *id {
        Some(("MULTILINE_INVALID".to_owned(), "There is no such batch"))
    } else if !message.target.eq_ignore_ascii_case(target) {
        let targets = format!("{} {}", Word(&message.target), Word(target));
        Some((format!("MULTILINE_INVALID_TARGET {targets}"), "All lines have the same recipient"))
    } else {
        let limits = &reaction.limits;
        match message.add(command, (text, is_concat), limits) {
            Ok(()) => None,
            Err(MultilineError::Invalid) => {
                Some(("MULTILINE_INVALID".to_owned(), "The line cannot be part of the message"))
            }
            Err(MultilineError::TooManyLines) => Some((
                format!("MULTILINE_MAX_LINES {}", limits.message_lines),
                "The message has too many lines",
            )),
            Err(MultilineError::TooManyBytes) => Some((
                format!("MULTILINE_MAX_BYTES {}", limits.message_bytes),
                "The message is too long",
            )),
        }
    };
    if let Some((code, text)) = problem {
        message.has_failed = true;
        client.responses.resume(message.response.take());
        fail(client, &code, text, reaction);
    }
    client.multiline = Some(message);
    true
}

fn begin(client: &mut Client, id: &str, line: &Line<'_>, reaction: &mut Reaction) {
    let is_multiline = line.param(1) == Some("draft/multiline") && client.has(MULTILINE);
    let Some(target) = line.param(2).filter(|_| is_multiline) else {
        return fail(client, "MULTILINE_INVALID", "The batch cannot be understood", reaction);
    };
    if let Some(open) = client.multiline.take() {
        client.responses.resume(open.response);
        return fail(client, "MULTILINE_INVALID", "Another batch is open", reaction);
    }
    let Some(data) = client_data(client, line, reaction) else { return };
    let response = client.responses.note_asked();
    client.multiline = Some(Multiline::new(id, target, data, response).into());
}

fn end(client: &mut Client, id: &str, reaction: &mut Reaction) {
    let Some(message) = client.multiline.take_if(|message| *message.id == *id) else {
        return fail(client, "MULTILINE_INVALID", "There is no such batch", reaction);
    };
    let Multiline { target, data, response, command, text, has_failed, .. } = *message;
    if has_failed {
        return;
    }
    client.responses.resume(response);
    match command {
        Some(command) => say_text(client, command, (&target, &text), data, reaction),
        None => fail(client, "MULTILINE_INVALID", "The message has no lines", reaction),
    }
}

fn fail(client: &Client, code: &str, text: &str, reaction: &mut Reaction) {
    client.line(&mut reaction.frames, format_args!("FAIL BATCH {code} :{text}"));
}

/// The capabilities without which a client cannot send a message of several lines.
const MULTILINE: Capabilities = Capabilities::MULTILINE;
/// The tag of a line that continues the line before.
const CONCAT: &str = "draft/multiline-concat";
