//! Keeping somebody from speaking in a channel.

use super::kick::subordinate;
use super::turn::{Turn, nickname as parse};
use crate::{Event, List, Refusal};
use alloc::string::String;

pub(super) fn mute(
    turn: &mut Turn<'_>,
    raw_channel: &str,
    raw_nickname: &str,
    reason: Option<String>,
) -> Result<Event, Refusal> {
    let (name, channel, role) = turn.governed_channel(raw_channel)?;
    let nickname = parse(raw_nickname)?;
    subordinate(&name, channel, &nickname, role)?;
    let listed = turn.is_listed((&name, channel), List::Mutes, &nickname)?;
    let reason = turn.reason(reason)?;

    let by = turn.nickname.clone();
    let event = Event::Muted {
        channel: name.clone(),
        nickname: nickname.clone(),
        by,
        reason: reason.clone(),
    };
    if !listed {
        turn.enlist(&name, List::Mutes, nickname, reason);
        turn.tell_channel(&name, || event.clone());
    }
    Ok(event)
}

pub(super) fn unmute(
    turn: &mut Turn<'_>,
    raw_channel: &str,
    raw_nickname: &str,
) -> Result<Event, Refusal> {
    let (channel, nickname) = turn.delist(raw_channel, List::Mutes, raw_nickname)?;
    let event = Event::Unmuted { channel: channel.clone(), nickname, by: turn.nickname.clone() };
    turn.tell_channel(&channel, || event.clone());
    Ok(event)
}
