//! Keeping somebody out of a channel.

use super::kick::{put_out, subordinate};
use super::turn::Turn;
use crate::{ChannelName, Event, List, Nickname, Refusal, Text};

pub(super) fn ban(
    turn: &mut Turn<'_>,
    channel: &ChannelName,
    nickname: &Nickname,
    reason: Option<Text>,
) -> Result<Event, Refusal> {
    let (name, channel, role) = turn.governed_channel(channel)?;
    let member = subordinate(&name, channel, nickname, role)?;
    let listed = turn.is_listed((&name, channel), List::Bans, nickname)?;
    let exempt = turn
        .state
        .user_named(nickname)
        .is_some_and(|(id, user)| channel.list(List::Exceptions).covers(id, user));

    if !listed {
        turn.enlist(&name, List::Bans, nickname.clone(), reason.clone());
    }
    if let Some(member) = member
        && !exempt
    {
        put_out(turn, name.clone(), member, reason.clone(), true);
    }
    let (nickname, by) = (nickname.clone(), turn.nickname.clone());
    Ok(Event::Banned { channel: name, nickname, by, reason })
}

pub(super) fn unban(
    turn: &mut Turn<'_>,
    channel: &ChannelName,
    nickname: &Nickname,
) -> Result<Event, Refusal> {
    let (channel, nickname) = turn.delist(channel, List::Bans, nickname)?;
    Ok(Event::Unbanned { channel, nickname, by: turn.nickname.clone() })
}
