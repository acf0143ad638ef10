//! Requests about masks on the lists of a channel, and the event about them.

use super::request::{Problem, Request};
use crate::Frames;
use chat_core::{Actor, ChannelName, Command, List, MaskChange, Nickname, Text};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Masked {
    channel: String,
    mask: String,
    reason: Option<String>,
    from: Option<String>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "mask")]
struct MaskObject<'a> {
    channel: &'a str,
    list: &'static str,
    mask: &'a str,
    listed: bool,
    by: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

/// A ban or an exception of a single user.
#[derive(Serialize)]
struct UserObject<'a> {
    r#type: &'static str,
    channel: &'a str,
    nickname: &'a str,
    by: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

/// Returns the engine's command for a request about a mask, or the request if it is another.
pub(super) fn command(request: Request) -> Result<Result<Command, Problem>, Request> {
    let (list, listed) = match request.kind.as_str() {
        "ban" => (List::Bans, true),
        "unban" => (List::Bans, false),
        "mute" => (List::Mutes, true),
        "unmute" => (List::Mutes, false),
        "exempt" => (List::Exceptions, true),
        "unexempt" => (List::Exceptions, false),
        "invite" => (List::InviteExceptions, true),
        "uninvite" => (List::InviteExceptions, false),
        _ => return Err(request),
    };
    let is_removal_of_mask = request.kind == "uninvite";
    match (request.has("nickname"), request.has("mask")) {
        (true, true) => {
            let kind = &request.kind;
            Ok(Err(format!("{kind}: give \"nickname\" or \"mask\", not both")))
        }
        (false, true) => Ok(request.read().and_then(|masked: Masked| {
            let Masked { channel, mask, reason, from } = masked;
            let list = match from.as_deref() {
                None => list,
                Some("mutes") if list == List::Exceptions => List::MuteExceptions,
                Some(_) => return Err("\"from\" must be \"mutes\", in \"exempt\"".to_owned()),
            };
            Ok(Command::SetMask { channel, list, mask, listed, reason })
        })),
        (_, false) if is_removal_of_mask => Ok(Err("uninvite: missing field `mask`".to_owned())),
        (_, false) => Err(request),
    }
}

/// Writes that a mask was added to a list, or removed from it.
pub(super) fn write(change: &MaskChange, out: &mut Frames) {
    out.write_json(&MaskObject {
        channel: change.channel.shown(),
        list: change.list.name(),
        mask: change.mask.as_str(),
        listed: change.listed,
        by: change.by.name(),
        reason: change.reason.as_ref().map(Text::as_str),
    });
}

/// Writes that a user was banned or exempted, or no longer is.
pub(super) fn write_user(
    kind: &'static str,
    (channel, nickname): (&ChannelName, &Nickname),
    by: &Actor,
    reason: Option<&Text>,
    out: &mut Frames,
) {
    out.write_json(&UserObject {
        r#type: kind,
        channel: channel.shown(),
        nickname: nickname.shown(),
        by: by.name(),
        reason: reason.map(Text::as_str),
    });
}
