//! Requests about messages that were said before, and the changes of such messages.

use super::deletion_object::DeletionObject;
use super::event::MessageObject;
use super::place::Place;
use super::request::{Problem, Request, Whole};
use crate::Frames;
use chat_core::{
    ChannelName, Command, Message, MessageAction, MessageChange, MessageChangeKind, MessageCommand,
    MessageId, Query,
};
use serde::{Deserialize, Serialize};
use std::ops::Not;
use std::sync::Arc;

#[derive(Deserialize)]
struct Delete {
    id: Whole<u64>,
    channel: Option<String>,
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Edit {
    id: Whole<u64>,
    channel: Option<String>,
    text: String,
}

#[derive(Deserialize)]
struct Pinning {
    id: Whole<u64>,
    channel: Option<String>,
}

#[derive(Deserialize)]
struct Pins {
    channel: String,
}

#[derive(Deserialize)]
struct React {
    id: Whole<u64>,
    channel: Option<String>,
    emoji: String,
    #[serde(default)]
    remove: bool,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Object<'a> {
    Deleted {
        id: u64,
        /// The sender of the message.
        nickname: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        channel: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        to: Option<&'a str>,
        #[serde(flatten)]
        deletion: DeletionObject<'a>,
    },
    Reacted {
        id: u64,
        /// The user who has reacted.
        nickname: &'a str,
        /// The sender of the message.
        sender: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        channel: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        to: Option<&'a str>,
        emoji: &'a str,
        #[serde(skip_serializing_if = "Not::not")]
        removed: bool,
    },
    Pins {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
        channel: &'a str,
        messages: Vec<MessageObject<'a>>,
    },
    Pinned {
        id: u64,
        /// The sender of the message.
        sender: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        channel: Option<&'a str>,
        by: &'a str,
        #[serde(skip_serializing_if = "Not::not")]
        removed: bool,
    },
    /// The message, with its new text.
    Edited(Box<MessageObject<'a>>),
}

/// Returns the engine's command for a request about a message, or the request if it is another.
pub(super) fn command(request: Request) -> Result<Result<Command, Problem>, Request> {
    match request.kind.as_str() {
        "delete" => Ok(request.read().map(|Delete { id: Whole(id), channel, reason }| {
            let action = MessageAction::Delete { reason };
            Command::Message(MessageCommand { id: MessageId(id), channel, action })
        })),
        "edit" => Ok(request.read().map(|Edit { id: Whole(id), channel, text }| {
            let action = MessageAction::Edit { text };
            Command::Message(MessageCommand { id: MessageId(id), channel, action })
        })),
        "pin" | "unpin" => {
            let pinned = request.kind == "pin";
            Ok(request.read().map(|Pinning { id: Whole(id), channel }| {
                let action = MessageAction::Pin { pinned };
                Command::Message(MessageCommand { id: MessageId(id), channel, action })
            }))
        }
        "pins" => {
            Ok(request.read().map(|Pins { channel }| Command::Query(Query::Pins { channel })))
        }
        "react" => Ok(request.read().map(|React { id: Whole(id), channel, emoji, remove }| {
            let action = MessageAction::React { emoji, remove };
            Command::Message(MessageCommand { id: MessageId(id), channel, action })
        })),
        _ => Err(request),
    }
}

/// Writes the change of a message.
pub(super) fn write_change(change: &MessageChange, out: &mut Frames) {
    match &change.kind {
        MessageChangeKind::Deleted => write_deleted(&change.message, out),
        MessageChangeKind::Edited => {
            let message = Box::new(change.message.as_ref().into());
            out.write_json(&Object::Edited(message));
        }
        MessageChangeKind::Pinned | MessageChangeKind::Unpinned => {
            let Place { channel, role: _, to: _ } = Place::from(&change.message.target);
            let (id, sender) = (change.message.id.0, change.message.sender.name());
            let removed = matches!(change.kind, MessageChangeKind::Unpinned);
            out.write_json(&Object::Pinned { id, sender, channel, by: change.by.name(), removed });
        }
        MessageChangeKind::Reacted { emoji, removed } => {
            let Place { channel, role: _, to } = Place::from(&change.message.target);
            let (nickname, sender) = (change.by.name(), change.message.sender.name());
            let (id, emoji, removed) = (change.message.id.0, emoji.as_str(), *removed);
            let reacted = Object::Reacted { id, nickname, sender, channel, to, emoji, removed };
            out.write_json(&reacted);
        }
        _ => {}
    }
}

/// Writes the pinned messages of a channel.
pub(super) fn write_pins(
    reference: Option<&str>,
    channel: &ChannelName,
    messages: &[Arc<Message>],
    out: &mut Frames,
) {
    let messages = messages.iter().map(|message| message.as_ref().into()).collect();
    out.write_json(&Object::Pins { reference, channel: channel.shown(), messages });
}

fn write_deleted(message: &Message, out: &mut Frames) {
    let Some(deletion) = message.deletion() else { return };
    let Place { channel, role: _, to } = Place::from(&message.target);
    let (id, nickname) = (message.id.0, message.sender.name());
    out.write_json(&Object::Deleted { id, nickname, channel, to, deletion: deletion.into() });
}
