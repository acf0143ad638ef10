//! Exempts a user from a channel's bans and mutes.

use super::authority::Authority;
use crate::{ChannelName, Event, List, Nickname, Refusal};

pub(super) fn exempt(
    authority: &mut Authority<'_>,
    channel: &ChannelName,
    nickname: &Nickname,
) -> Result<Event, Refusal> {
    let (name, channel, _) = authority.governed_channel(channel)?;
    if !authority.is_listed((&name, channel), List::Exceptions, nickname)? {
        authority.enlist(&name, List::Exceptions, nickname.clone(), None);
    }
    let (nickname, user) = (nickname.clone(), authority.holder(nickname));
    Ok(Event::Exempted { channel: name, nickname, user, by: authority.actor() })
}

pub(super) fn unexempt(
    authority: &mut Authority<'_>,
    channel: &ChannelName,
    nickname: &Nickname,
) -> Result<Event, Refusal> {
    let (channel, nickname) = authority.delist(channel, List::Exceptions, nickname)?;
    Ok(Event::Unexempted { channel, nickname, by: authority.actor() })
}
