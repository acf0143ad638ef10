//! Removes a member from a channel.

use super::context::CommandContext;
use crate::state::Channel;
use crate::{ChannelName, Event, Nickname, Refusal, Role, Text, UserId};

pub(super) fn kick(
    context: &mut CommandContext<'_>,
    channel: &ChannelName,
    nickname: &Nickname,
    reason: Option<Text>,
) -> Result<Event, Refusal> {
    let (name, channel, role) = context.governed_channel(channel)?;
    let Some((nickname, user)) = subordinate(&name, channel, nickname, role)? else {
        return Err(Refusal::UserNotInChannel { channel: name, nickname: nickname.clone() });
    };
    Ok(expel(context, name, (nickname, user), reason, false))
}

/// Returns the member of this name, if there is one and its role is not higher than the caller's.
pub(super) fn subordinate(
    name: &ChannelName,
    channel: &Channel,
    nickname: &Nickname,
    role: Role,
) -> Result<Option<(Nickname, UserId)>, Refusal> {
    let Some((nickname, member)) = channel.members.get_key_value(nickname) else {
        return Ok(None);
    };
    if member.statuses.role() > role {
        return Err(Refusal::Outranked { channel: name.clone(), nickname: nickname.clone() });
    }
    Ok(Some((nickname.clone(), member.user)))
}

/// Announces the removal to the channel, including the removed member, and removes the member.
pub(super) fn expel(
    context: &mut CommandContext<'_>,
    channel: ChannelName,
    (nickname, user): (Nickname, UserId),
    reason: Option<Text>,
    banned: bool,
) -> Event {
    let by = context.nickname.clone();
    let event = Event::Kicked { channel: channel.clone(), nickname, by, reason, banned };
    context.tell_channel(&channel, || event.clone());
    context.remove_member(&channel, user);
    event
}
