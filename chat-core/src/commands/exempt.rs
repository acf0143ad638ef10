//! Freeing somebody from a channel's bans and mutes.

use super::turn::Turn;
use crate::{ChannelName, Event, List, Nickname, Refusal};

pub(super) fn exempt(
    turn: &mut Turn<'_>,
    channel: &ChannelName,
    nickname: &Nickname,
) -> Result<Event, Refusal> {
    let (name, channel, _) = turn.governed_channel(channel)?;
    if !turn.is_listed((&name, channel), List::Exceptions, nickname)? {
        turn.enlist(&name, List::Exceptions, nickname.clone(), None);
    }
    let (nickname, by) = (nickname.clone(), turn.nickname.clone());
    Ok(Event::Exempted { channel: name, nickname, by })
}

pub(super) fn unexempt(
    turn: &mut Turn<'_>,
    channel: &ChannelName,
    nickname: &Nickname,
) -> Result<Event, Refusal> {
    let (channel, nickname) = turn.delist(channel, List::Exceptions, nickname)?;
    Ok(Event::Unexempted { channel, nickname, by: turn.nickname.clone() })
}
