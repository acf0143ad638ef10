//! Commands about masks as requests of JSON and as lines.

use chat_runtime::chat_core::List;
use serde_json::{Value, json};

/// Returns the request that adds a mask to a list of a channel, or removes it.
pub(crate) fn json(
    channel: &str,
    (list, mask, listed): (List, &str, bool),
    reason: &Option<String>,
) -> Value {
    let kind = match (list, listed) {
        (List::Bans, true) => "ban",
        (List::Bans, false) => "unban",
        (List::Mutes, true) => "mute",
        (List::Mutes, false) => "unmute",
        (List::Exceptions | List::MuteExceptions, true) => "exempt",
        (List::Exceptions | List::MuteExceptions, false) => "unexempt",
        (List::InviteExceptions, true) => "invite",
        (List::InviteExceptions, false) => "uninvite",
        _ => unreachable!("a variant that this test does not know"),
    };
    let mut request = json!({ "type": kind, "channel": channel, "mask": mask });
    if let Some(reason) = reason {
        request["reason"] = json!(reason);
    }
    if list == List::MuteExceptions {
        request["from"] = json!("mutes");
    }
    request
}

/// Does the same for the text dialect.
pub(crate) fn line(
    channel: &str,
    (list, mask, listed): (List, &str, bool),
    reason: &Option<String>,
) -> Result<String, &'static str> {
    if !mask.contains(['*', '?', '!', '@', '~']) {
        return Err("a line is about the user of this name");
    }
    match (list, listed, reason) {
        (List::Bans, true, Some(reason)) => Ok(format!("/ban {mask} {reason}")),
        (_, _, Some(_)) => Err("no line gives a reason for it"),
        (List::Bans, true, None) => Ok(format!("/ban {mask}")),
        (List::Bans, false, None) => Ok(format!("/unban {mask}")),
        (List::Mutes, true, None) => Ok(format!("/mute {mask}")),
        (List::Mutes, false, None) => Ok(format!("/unmute {mask}")),
        (List::InviteExceptions, true, None) => Ok(format!("/invite {mask} {channel}")),
        (List::InviteExceptions, false, None) => Ok(format!("/uninvite {mask}")),
        (_, _, None) => Err("no line exempts a user"),
    }
}
