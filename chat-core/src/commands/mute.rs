//! Mutes a user in a channel, or lifts a mute.

use super::context::CommandContext;
use super::kick::subordinate;
use crate::{ChannelName, Event, List, Nickname, Refusal, Text};

pub(super) fn mute(
    context: &mut CommandContext<'_>,
    channel: &ChannelName,
    nickname: &Nickname,
    reason: Option<Text>,
) -> Result<Event, Refusal> {
    let (name, channel, role) = context.governed_channel(channel)?;
    subordinate(&name, channel, nickname, role)?;
    let listed = context.is_listed((&name, channel), List::Mutes, nickname)?;

    let (user, by) = (context.holder(nickname), context.actor());
    let event = Event::Muted {
        channel: name.clone(),
        nickname: nickname.clone(),
        user,
        by,
        reason: reason.clone(),
    };
    if !listed {
        context.enlist(&name, List::Mutes, nickname.clone(), reason);
        context.tell_channel(&name, || event.clone());
    }
    Ok(event)
}

pub(super) fn unmute(
    context: &mut CommandContext<'_>,
    channel: &ChannelName,
    nickname: &Nickname,
) -> Result<Event, Refusal> {
    let (channel, nickname) = context.delist(channel, List::Mutes, nickname)?;
    let event = Event::Unmuted { channel: channel.clone(), nickname, by: context.actor() };
    context.tell_channel(&channel, || event.clone());
    Ok(event)
}
