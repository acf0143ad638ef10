//! Writes messages and their changes as text for transcripts.

use crate::{
    Actor, AppData, Deletion, Message, MessageChange, MessageChangeKind, MessageKind, Target, Text,
};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Writes a change of a message.
pub(super) fn change_of(change: &MessageChange) -> String {
    let MessageChange { message, by, kind } = change;
    match kind {
        MessageChangeKind::Deleted | MessageChangeKind::Edited => said(message),
        MessageChangeKind::Pinned => format!("pinned by {by}: {}", said(message)),
        MessageChangeKind::Unpinned => format!("unpinned by {by}: {}", said(message)),
        MessageChangeKind::Reacted { emoji, removed } => {
            let done = if *removed { "removed" } else { "reacted with" };
            format!("{by} {done} {emoji}: {}", said(message))
        }
    }
}

pub(super) fn said(message: &Message) -> String {
    let verb = match message.kind {
        MessageKind::Message => "said",
        MessageKind::Action => "done",
        MessageKind::Notice => "noticed",
    };
    let place = place_of(&message.target);
    let reply = message.reply_to().map(|parent| {
        let sender =
            parent.nickname.as_ref().map_or_else(|| Actor::Server.to_string(), ToString::to_string);
        format!(" in reply to {} of {sender}", parent.id.0)
    });
    let reply = reply.unwrap_or_default();
    let text = escape(&message.text);
    let data = data_of(&message.data);
    let text = match message.deletion() {
        Some(Deletion { by, at: _, reason }) => format!("deleted by {by}{}", because(reason)),
        None => text,
    };
    let reactions = reactions_of(message);
    let pinned = if message.pin().is_some() { " (pinned)" } else { "" };
    let edited = if message.edited_at().is_some() { " (edited)" } else { "" };
    format!(
        "{} {verb} by {} {place}{reply}: {text}{edited}{pinned}{data}{reactions}",
        message.id.0, message.sender
    )
}

/// Writes the reactions to a message after its text.
fn reactions_of(message: &Message) -> String {
    let all = message.reactions_by_emoji().into_iter().map(|(emoji, users)| {
        let users = users.into_iter().map(ToString::to_string).collect::<Vec<_>>();
        format!("{emoji} {}", users.join(", "))
    });
    let all = all.collect::<Vec<_>>();
    if all.is_empty() { String::new() } else { format!(" [{}]", all.join("; ")) }
}

/// Writes application data after something else, if there is any.
pub(super) fn data_of(data: &AppData) -> String {
    if data.is_empty() { String::new() } else { format!(" {data}") }
}

/// Writes a message on one line, with the escapes of a script.
pub(super) fn escape(text: &Text) -> String {
    text.as_str().replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t")
}

pub(super) fn place_of(target: &Target) -> String {
    match target {
        Target::Channel(channel) => format!("in {channel}"),
        Target::Members { channel, least } => format!("to {least}@{channel}"),
        Target::User(nickname) => format!("to {nickname}"),
    }
}

pub(super) fn target_of(target: &Target) -> String {
    match target {
        Target::Channel(channel) | Target::Members { channel, .. } => channel.to_string(),
        Target::User(nickname) => format!("messages with {nickname}"),
    }
}

/// Writes the messages of a history, a line each.
pub(super) fn messages_of(messages: &[Arc<Message>], more: bool) -> String {
    let mut text = String::from(if more { ", with more:" } else { ":" });
    for message in messages {
        text.push_str(&format!("\n        {}", said(message)));
    }
    text
}

fn because(reason: &Option<Text>) -> String {
    reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default()
}
