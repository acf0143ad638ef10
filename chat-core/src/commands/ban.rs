//! Bans a user from a channel, or lifts a ban.

use super::authority::Authority;
use super::kick::{expel, subordinate};
use crate::{ChannelName, Event, List, Nickname, Refusal, Text};

pub(super) fn ban(
    authority: &mut Authority<'_>,
    channel: &ChannelName,
    nickname: &Nickname,
    reason: Option<Text>,
) -> Result<Event, Refusal> {
    let (name, channel, role) = authority.governed_channel(channel)?;
    let member = subordinate(&name, channel, nickname, role)?;
    let listed = authority.is_listed((&name, channel), List::Bans, nickname)?;
    let exempt = authority
        .state
        .user_named(nickname)
        .is_some_and(|(id, user)| channel.list(List::Exceptions).covers(id, &user.info));

    if !listed {
        authority.enlist(&name, List::Bans, nickname.clone(), reason.clone());
    }
    if let Some(member) = member
        && !exempt
    {
        expel(authority, name.clone(), member, reason.clone(), true);
    }
    let (nickname, user) = (nickname.clone(), authority.holder(nickname));
    Ok(Event::Banned { channel: name, nickname, user, by: authority.actor(), reason })
}

pub(super) fn unban(
    authority: &mut Authority<'_>,
    channel: &ChannelName,
    nickname: &Nickname,
) -> Result<Event, Refusal> {
    let (channel, nickname) = authority.delist(channel, List::Bans, nickname)?;
    Ok(Event::Unbanned { channel, nickname, by: authority.actor() })
}
