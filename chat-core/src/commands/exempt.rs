//! Exempts a user from a channel's bans and mutes.

use super::context::CommandContext;
use crate::{ChannelName, Event, List, Nickname, Refusal};

pub(super) fn exempt(
    context: &mut CommandContext<'_>,
    channel: &ChannelName,
    nickname: &Nickname,
) -> Result<Event, Refusal> {
    let (name, channel, _) = context.governed_channel(channel)?;
    if !context.is_listed((&name, channel), List::Exceptions, nickname)? {
        context.enlist(&name, List::Exceptions, nickname.clone(), None);
    }
    let (nickname, user) = (nickname.clone(), context.holder(nickname));
    Ok(Event::Exempted { channel: name, nickname, user, by: context.actor() })
}

pub(super) fn unexempt(
    context: &mut CommandContext<'_>,
    channel: &ChannelName,
    nickname: &Nickname,
) -> Result<Event, Refusal> {
    let (channel, nickname) = context.delist(channel, List::Exceptions, nickname)?;
    Ok(Event::Unexempted { channel, nickname, by: context.actor() })
}
