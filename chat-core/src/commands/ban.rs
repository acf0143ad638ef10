//! Bans a user from a channel, or lifts a ban.

use super::context::CommandContext;
use super::kick::{expel, subordinate};
use crate::{ChannelName, Event, List, Nickname, Refusal, Text};

pub(super) fn ban(
    context: &mut CommandContext<'_>,
    channel: &ChannelName,
    nickname: &Nickname,
    reason: Option<Text>,
) -> Result<Event, Refusal> {
    let (name, channel, role) = context.governed_channel(channel)?;
    let member = subordinate(&name, channel, nickname, role)?;
    let listed = context.is_listed((&name, channel), List::Bans, nickname)?;
    let exempt = context
        .state
        .user_named(nickname)
        .is_some_and(|(id, user)| channel.list(List::Exceptions).covers(id, &user.info));

    if !listed {
        context.enlist(&name, List::Bans, nickname.clone(), reason.clone());
    }
    if let Some(member) = member
        && !exempt
    {
        expel(context, name.clone(), member, reason.clone(), true);
    }
    let (nickname, user) = (nickname.clone(), context.holder(nickname));
    Ok(Event::Banned { channel: name, nickname, user, by: context.actor(), reason })
}

pub(super) fn unban(
    context: &mut CommandContext<'_>,
    channel: &ChannelName,
    nickname: &Nickname,
) -> Result<Event, Refusal> {
    let (channel, nickname) = context.delist(channel, List::Bans, nickname)?;
    Ok(Event::Unbanned { channel, nickname, by: context.actor() })
}
