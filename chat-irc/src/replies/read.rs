//! Answers about the messages that were read.

use crate::capability::Capabilities;
use crate::client::Client;
use crate::identity::{Word, recipient};
use crate::pending::Pending;
use crate::read_marks::{ReadMark, written};
use chat_core::Timestamp;
use chat_core::{Command, Event, HistoryRange, Message, MessageId, Query, Target};
use chat_dialects::{Reaction, Rfc3339};
use std::sync::Arc;

/// Writes the mark of a channel or a conversation. If the engine has a mark whose time is not known
/// yet, asks for its message first.
pub(crate) fn show_read_mark(client: &mut Client, target: &str, reaction: &mut Reaction) {
    match client.read_marks.get(target) {
        ReadMark { at, message: None } => read_mark(client, target, at, reaction),
        ReadMark { message: Some(id), .. } => {
            let query = one_message(target, HistoryRange::Around(id));
            let pending = Pending::ReadMark { target: target.into(), id };
            client.ask(pending, Command::Query(query), reaction);
        }
    }
}

/// Writes a mark; `None` if there is none.
pub(crate) fn read_mark(
    client: &Client,
    target: &str,
    at: Option<Timestamp>,
    reaction: &mut Reaction,
) {
    let out = &mut reaction.frames;
    let target = Word(target);
    match at {
        Some(at) => {
            let at = Rfc3339::from(at);
            client.line(out, format_args!("MARKREAD {target} timestamp={}", at.as_str()));
        }
        None => client.line(out, format_args!("MARKREAD {target} *")),
    }
}

/// Writes a mark whose message the engine has shown.
pub(super) fn found(
    client: &mut Client,
    (target, id): (&str, MessageId),
    event: &Event,
    reaction: &mut Reaction,
) {
    let found = messages(event).iter().find(|message| message.id == id);
    let at = match found {
        Some(message) => Some(client.read_marks.note_time(target, message.at)),
        // The message has expired, and so have those before it.
        None => client.read_marks.get(target).at,
    };
    read_mark(client, target, at, reaction);
}

/// Marks the message that was found for a time.
pub(super) fn mark(client: &mut Client, target: &str, event: &Event, reaction: &mut Reaction) {
    let Some(message) = messages(event).last() else { return };
    let command = Command::MarkRead { of: recipient(target), id: message.id };
    client.ask(Pending::ReadMarked, command, reaction);
}

/// Writes the mark that another session of the user has set.
pub(crate) fn marked_elsewhere(
    client: &mut Client,
    (target, id): (&Target, MessageId),
    reaction: &mut Reaction,
) {
    let Some(target) = written(target).filter(|_| client.has(Capabilities::READ_MARKER)) else {
        return;
    };
    client.read_marks.note_message(&target, id);
    show_read_mark(client, &target, reaction);
}

/// Returns the query for one message of a channel or a conversation.
pub(crate) fn one_message(target: &str, range: HistoryRange) -> Query {
    let (target, limit) = (target.to_owned(), 1);
    if target.starts_with('#') {
        Query::History { channel: target, range, limit }
    } else {
        Query::PrivateHistory { nickname: target, range, limit }
    }
}

fn messages(event: &Event) -> &[Arc<Message>] {
    if let Event::History { messages, .. } | Event::PrivateHistory { messages, .. } = event {
        messages
    } else {
        &[]
    }
}
