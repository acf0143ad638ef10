//! Invites a user into a channel.

use super::authority::Authority;
use crate::{ChannelName, Event, Nickname, Refusal, Role};

pub(super) fn invite(
    authority: &mut Authority<'_>,
    channel: &ChannelName,
    nickname: &Nickname,
) -> Result<Event, Refusal> {
    let (name, channel, role) = authority.joined_channel(channel)?;
    if channel.modes.invite_only && role < Role::Operator {
        return Err(Refusal::NotPermitted { channel: name, needed: Role::Operator });
    }
    let (id, user) = authority.online(nickname)?;
    let info = user.info.clone();
    let nickname = info.nickname.clone();
    if user.channels.contains(&name) {
        return Err(Refusal::UserInChannel { channel: name, nickname });
    }
    let limit = authority.state.config.invitations_per_user;
    let is_invited = authority.state.is_invited(channel, id);
    if authority.state.invitation_count(user) >= limit && !is_invited {
        return Err(Refusal::TooManyInvitations { nickname, limit });
    }

    if !is_invited {
        authority.state.invite(authority.out, &name, id);
    }
    let event = Event::Invited { channel: name, user: info, by: authority.actor() };
    authority.out.deliver(authority.state.sessions_of(id), &[], || event.clone());
    Ok(event)
}
