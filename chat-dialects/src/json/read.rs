//! Requests about messages that were missed or read, and their answers.

use super::event::MessageObject;
use super::request::{Problem, Request, Whole, page};
use crate::Frames;
use chat_core::{Command, Message, MessageId, Query, Recipient, Target};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Deserialize)]
struct Missed {
    after: Whole<u64>,
    limit: Option<Whole<usize>>,
}

#[derive(Deserialize)]
struct Read {
    channel: Option<String>,
    to: Option<String>,
    id: Whole<u64>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Object<'a> {
    Missed {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
        messages: Vec<MessageObject<'a>>,
        /// True if there are more messages after the last one.
        more: bool,
    },
    Read {
        #[serde(skip_serializing_if = "Option::is_none")]
        channel: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        to: Option<&'a str>,
        id: u64,
    },
}

/// Returns the engine's command for a request about missed or read messages, or the request if it
/// is another.
pub(super) fn command(request: Request) -> Result<Result<Command, Problem>, Request> {
    match request.kind.as_str() {
        "missed" => Ok(request.read().map(|Missed { after: Whole(after), limit }| {
            Command::Query(Query::Missed { after: MessageId(after), limit: page(limit) })
        })),
        "read" => Ok(request.read().and_then(|Read { channel, to, id: Whole(id) }| {
            let of = match (channel, to) {
                (Some(channel), None) => Recipient::Channel(channel),
                (None, Some(nickname)) => Recipient::User(nickname),
                (Some(_), Some(_)) | (None, None) => {
                    return Err("read: give \"channel\" or \"to\"".into());
                }
            };
            Ok(Command::MarkRead { of, id: MessageId(id) })
        })),
        _ => Err(request),
    }
}

pub(super) fn write_missed(
    reference: Option<&str>,
    messages: &[Arc<Message>],
    more: bool,
    out: &mut Frames,
) {
    let messages = messages.iter().map(|message| message.as_ref().into()).collect();
    out.write_json(&Object::Missed { reference, messages, more });
}

pub(super) fn write_read(target: &Target, id: MessageId, out: &mut Frames) {
    let (channel, to) = match target {
        Target::Channel(channel) => (Some(channel.shown()), None),
        Target::User(nickname) => (None, Some(nickname.shown())),
        // There is nothing to mark in any other place.
        _ => return,
    };
    out.write_json(&Object::Read { channel, to, id: id.0 });
}
