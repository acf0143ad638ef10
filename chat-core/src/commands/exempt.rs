//! Exempts a user from a channel's bans and mutes.

use super::authority::Authority;
use crate::{ChannelName, Event, List, Nickname, Refusal};

pub(super) fn exempt(
    authority: &mut Authority<'_>,
    channel: &ChannelName,
    nickname: &Nickname,
) -> Result<Event, Refusal> {
    let (name, channel, _) = authority.governed_channel(channel)?;
    let listed = authority.is_listed((&name, channel), List::Exceptions, nickname)?;
    let (user, by) = (authority.holder(nickname), authority.actor());
    let event = Event::Exempted { channel: name.clone(), nickname: nickname.clone(), user, by };
    if !listed {
        authority.enlist(&name, List::Exceptions, nickname.clone(), None);
        authority.tell_channel(&name, || event.clone());
    }
    Ok(event)
}

pub(super) fn unexempt(
    authority: &mut Authority<'_>,
    channel: &ChannelName,
    nickname: &Nickname,
) -> Result<Event, Refusal> {
    let (channel, nickname) = authority.delist(channel, List::Exceptions, nickname)?;
    let event = Event::Unexempted { channel: channel.clone(), nickname, by: authority.actor() };
    authority.tell_channel(&channel, || event.clone());
    Ok(event)
}
