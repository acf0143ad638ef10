//! Asking somebody into a channel.

use super::turn::Turn;
use crate::{ChannelName, Event, Nickname, Refusal, Role};

pub(super) fn invite(
    turn: &mut Turn<'_>,
    channel: &ChannelName,
    nickname: &Nickname,
) -> Result<Event, Refusal> {
    let (name, channel, role) = turn.joined_channel(channel)?;
    if channel.modes.invite_only && role < Role::Operator {
        return Err(Refusal::NotPermitted { channel: name, needed: Role::Operator });
    }
    let (id, user) = turn.online(nickname)?;
    let nickname = user.nickname.clone();
    if user.channels.contains(&name) {
        return Err(Refusal::UserInChannel { channel: name, nickname });
    }
    let limit = turn.state.config.invitations_per_user;
    if user.invitations().len() >= limit && !user.invitations().contains(&name) {
        return Err(Refusal::TooManyInvitations { nickname, limit });
    }

    turn.state.invite(&name, id);
    let event = Event::Invited { channel: name, nickname, by: turn.nickname.clone() };
    turn.out.deliver(turn.state.sessions_of(id), &[], || event.clone());
    Ok(event)
}
