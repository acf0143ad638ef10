//! Keeping somebody from speaking in a channel.

use super::kick::subordinate;
use super::turn::Turn;
use crate::{ChannelName, Event, List, Nickname, Refusal, Text};

pub(super) fn mute(
    turn: &mut Turn<'_>,
    channel: &ChannelName,
    nickname: &Nickname,
    reason: Option<Text>,
) -> Result<Event, Refusal> {
    let (name, channel, role) = turn.governed_channel(channel)?;
    subordinate(&name, channel, nickname, role)?;
    let listed = turn.is_listed((&name, channel), List::Mutes, nickname)?;

    let by = turn.nickname.clone();
    let event = Event::Muted {
        channel: name.clone(),
        nickname: nickname.clone(),
        by,
        reason: reason.clone(),
    };
    if !listed {
        turn.enlist(&name, List::Mutes, nickname.clone(), reason);
        turn.tell_channel(&name, || event.clone());
    }
    Ok(event)
}

pub(super) fn unmute(
    turn: &mut Turn<'_>,
    channel: &ChannelName,
    nickname: &Nickname,
) -> Result<Event, Refusal> {
    let (channel, nickname) = turn.delist(channel, List::Mutes, nickname)?;
    let event = Event::Unmuted { channel: channel.clone(), nickname, by: turn.nickname.clone() };
    turn.tell_channel(&channel, || event.clone());
    Ok(event)
}
