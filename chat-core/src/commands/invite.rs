//! Invites a user into a channel.

use super::context::CommandContext;
use crate::{ChannelName, Event, Nickname, Refusal, Role};

pub(super) fn invite(
    context: &mut CommandContext<'_>,
    channel: &ChannelName,
    nickname: &Nickname,
) -> Result<Event, Refusal> {
    let (name, channel, role) = context.joined_channel(channel)?;
    if channel.modes.invite_only && role < Role::Operator {
        return Err(Refusal::NotPermitted { channel: name, needed: Role::Operator });
    }
    let (id, user) = context.online(nickname)?;
    let info = user.info.clone();
    let nickname = info.nickname.clone();
    if user.channels.contains(&name) {
        return Err(Refusal::UserInChannel { channel: name, nickname });
    }
    let limit = context.state.config.invitations_per_user;
    let is_invited = context.state.is_invited(channel, id);
    if context.state.invitation_count(user) >= limit && !is_invited {
        return Err(Refusal::TooManyInvitations { nickname, limit });
    }

    if !is_invited {
        context.state.invite(context.out, &name, id);
    }
    let event = Event::Invited { channel: name, user: info, by: context.actor() };
    context.out.deliver(context.state.sessions_of(id), &[], || event.clone());
    Ok(event)
}
