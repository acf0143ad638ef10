//! Freeing somebody from a channel's bans and mutes.

use super::turn::{Turn, nickname as parse};
use crate::{Event, List, Refusal};

pub(super) fn exempt(
    turn: &mut Turn<'_>,
    raw_channel: &str,
    raw_nickname: &str,
) -> Result<Event, Refusal> {
    let (name, channel, _) = turn.governed_channel(raw_channel)?;
    let nickname = parse(raw_nickname)?;
    if !turn.is_listed((&name, channel), List::Exceptions, &nickname)? {
        turn.enlist(&name, List::Exceptions, nickname.clone(), None);
    }
    Ok(Event::Exempted { channel: name, nickname, by: turn.nickname.clone() })
}

pub(super) fn unexempt(
    turn: &mut Turn<'_>,
    raw_channel: &str,
    raw_nickname: &str,
) -> Result<Event, Refusal> {
    let (channel, nickname) = turn.delist(raw_channel, List::Exceptions, raw_nickname)?;
    Ok(Event::Unexempted { channel, nickname, by: turn.nickname.clone() })
}
