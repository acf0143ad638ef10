//! Requests about messages that were missed or read, and their answers.

use super::event::MessageObject;
use super::request::{Problem, Request, Time, Whole, page};
use super::signal;
use crate::{Frames, Rfc3339};
use chat_core::{ActiveTarget, Command, Message, MessageId, Query, Recipient, Target, Timestamp};
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

/// The channels and private conversations with messages of a time.
#[derive(Deserialize)]
struct Targets {
    after: Option<Time>,
    before: Option<Time>,
    limit: Option<Whole<usize>>,
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
        /// The messages that the client has received before and that were changed since, as they
        /// are now.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        changed: Vec<MessageObject<'a>>,
    },
    Targets {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
        targets: Vec<TargetObject<'a>>,
        /// True if there are more targets after the last one.
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

#[derive(Serialize)]
struct TargetObject<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'a str>,
    last_id: u64,
    at: Rfc3339,
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
        "targets" => Ok(request.read().map(|Targets { after, before, limit }| {
            let after = after.map(|Time(at)| at).unwrap_or_default();
            let before = before.map_or(Timestamp::from_millis(u64::MAX), |Time(at)| at);
            Command::Query(Query::Targets { after, before, limit: page(limit) })
        })),
        "signal" => Ok(signal::command(request)),
        _ => Err(request),
    }
}

pub(super) fn write_missed(
    reference: Option<&str>,
    (messages, more): (&[Arc<Message>], bool),
    changed: &[Arc<Message>],
    out: &mut Frames,
) {
    let [messages, changed] = [messages, changed]
        .map(|messages| messages.iter().map(|message| message.as_ref().into()).collect());
    out.write_json(&Object::Missed { reference, messages, more, changed });
}

pub(super) fn write_targets(
    reference: Option<&str>,
    targets: &[ActiveTarget],
    more: bool,
    out: &mut Frames,
) {
    let targets = targets.iter().filter_map(|active| {
        let (channel, to) = match &active.target {
            Target::Channel(channel) | Target::Members { channel, .. } => {
                (Some(channel.shown()), None)
            }
            Target::User(nickname) => (None, Some(nickname.shown())),
            _ => return None,
        };
        Some(TargetObject { channel, to, last_id: active.newest.0, at: active.at.into() })
    });
    out.write_json(&Object::Targets { reference, targets: targets.collect(), more });
}

pub(super) fn write_read(target: &Target, id: MessageId, out: &mut Frames) {
    let (channel, to) = match target {
        Target::Channel(channel) | Target::Members { channel, .. } => (Some(channel.shown()), None),
        Target::User(nickname) => (None, Some(nickname.shown())),
        // There is nothing to mark in any other place.
        _ => return,
    };
    out.write_json(&Object::Read { channel, to, id: id.0 });
}
