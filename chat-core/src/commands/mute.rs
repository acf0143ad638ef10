//! Mutes a user in a channel, or lifts a mute.

use super::authority::Authority;
use super::kick::subordinate;
use crate::{ChannelName, Event, List, Nickname, Refusal, Text};

pub(super) fn mute(
    authority: &mut Authority<'_>,
    channel: &ChannelName,
    nickname: &Nickname,
    reason: Option<Text>,
) -> Result<Event, Refusal> {
    let (name, channel, role) = authority.governed_channel(channel)?;
    subordinate(&name, channel, nickname, role)?;
    let listed = authority.is_listed((&name, channel), List::Mutes, nickname)?;

    let (user, by) = (authority.holder(nickname), authority.actor());
    let event = Event::Muted {
        channel: name.clone(),
        nickname: nickname.clone(),
        user,
        by,
        reason: reason.clone(),
    };
    if !listed {
        authority.enlist(&name, List::Mutes, nickname.clone(), reason);
        authority.tell_channel(&name, || event.clone());
    }
    Ok(event)
}

pub(super) fn unmute(
    authority: &mut Authority<'_>,
    channel: &ChannelName,
    nickname: &Nickname,
) -> Result<Event, Refusal> {
    let (channel, nickname) = authority.delist(channel, List::Mutes, nickname)?;
    let event = Event::Unmuted { channel: channel.clone(), nickname, by: authority.actor() };
    authority.tell_channel(&channel, || event.clone());
    Ok(event)
}
