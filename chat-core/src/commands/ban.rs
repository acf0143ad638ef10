//! Keeping somebody out of a channel.

use super::kick::{put_out, subordinate};
use super::turn::{Turn, nickname as parse};
use crate::{Event, List, Refusal};
use alloc::string::String;

pub(super) fn ban(
    turn: &mut Turn<'_>,
    raw_channel: &str,
    raw_nickname: &str,
    reason: Option<String>,
) -> Result<Event, Refusal> {
    let (name, channel, role) = turn.governed_channel(raw_channel)?;
    let nickname = parse(raw_nickname)?;
    let member = subordinate(&name, channel, &nickname, role)?;
    let listed = turn.is_listed((&name, channel), List::Bans, &nickname)?;
    let exempt = turn
        .state
        .user_named(&nickname)
        .is_some_and(|(id, user)| channel.list(List::Exceptions).covers(id, user));
    let reason = turn.reason(reason)?;

    if !listed {
        turn.enlist(&name, List::Bans, nickname.clone(), reason.clone());
    }
    if let Some((nickname, user)) = member
        && !exempt
    {
        put_out(turn, name.clone(), nickname, user, reason.clone());
    }
    Ok(Event::Banned { channel: name, nickname, by: turn.nickname.clone(), reason })
}

pub(super) fn unban(
    turn: &mut Turn<'_>,
    raw_channel: &str,
    raw_nickname: &str,
) -> Result<Event, Refusal> {
    let (channel, nickname) = turn.delist(raw_channel, List::Bans, raw_nickname)?;
    Ok(Event::Unbanned { channel, nickname, by: turn.nickname.clone() })
}
