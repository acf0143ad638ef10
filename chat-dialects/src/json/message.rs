//! Requests about messages that were said before, and the changes of such messages.

use super::deletion_object::DeletionObject;
use super::event::MessageObject;
use super::place::Place;
use super::request::{Problem, Request, Whole};
use crate::Frames;
use chat_core::{
    Command, Message, MessageAction, MessageChange, MessageChangeKind, MessageCommand, MessageId,
};
use serde::{Deserialize, Serialize};

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
    /// The message, with its new text.
    Edited(MessageObject<'a>),
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
        _ => Err(request),
    }
}

/// Writes the change of a message.
pub(super) fn write_change(change: &MessageChange, out: &mut Frames) {
    match change.kind {
        MessageChangeKind::Deleted => write_deleted(&change.message, out),
        MessageChangeKind::Edited => {
            out.write_json(&Object::Edited(change.message.as_ref().into()));
        }
        _ => {}
    }
}

fn write_deleted(message: &Message, out: &mut Frames) {
    let Some(deletion) = message.deletion() else { return };
    let Place { channel, role: _, to } = Place::from(&message.target);
    let (id, nickname) = (message.id.0, message.sender.name());
    out.write_json(&Object::Deleted { id, nickname, channel, to, deletion: deletion.into() });
}
