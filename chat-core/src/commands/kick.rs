//! Removes a member from a channel.

use super::authority::Authority;
use crate::durable::{Channel, Member};
use crate::{ChannelName, Event, Nickname, Refusal, Role, Text};

pub(super) fn kick(
    authority: &mut Authority<'_>,
    channel: &ChannelName,
    nickname: &Nickname,
    reason: Option<Text>,
) -> Result<Event, Refusal> {
    let (name, channel, role) = authority.governed_channel(channel)?;
    let Some(member) = subordinate(&name, channel, nickname, role)? else {
        return Err(authority.state.no_member(name, nickname));
    };
    Ok(expel(authority, name, member, reason, false))
}

/// Returns the member of this name, if there is one and its role is not higher than the caller's.
pub(super) fn subordinate(
    name: &ChannelName,
    channel: &Channel,
    nickname: &Nickname,
    role: Role,
) -> Result<Option<Member>, Refusal> {
    let Some(member) = channel.presence.members.get(nickname) else {
        return Ok(None);
    };
    if member.statuses.role() > role {
        return Err(Refusal::Outranked {
            channel: name.clone(),
            nickname: member.info.nickname.clone(),
        });
    }
    Ok(Some(member.clone()))
}

/// Announces the removal to the channel, including the removed member, and removes the member.
pub(super) fn expel(
    authority: &mut Authority<'_>,
    channel: ChannelName,
    member: Member,
    reason: Option<Text>,
    banned: bool,
) -> Event {
    let Member { user: id, info: user, .. } = member;
    let by = authority.actor();
    let event = Event::Kicked { channel: channel.clone(), user, by, reason, banned };
    authority.tell_channel_of_change(&channel, &event);
    authority.remove_member(&channel, id);
    event
}
