//! Bans accounts, nicknames and addresses from the whole server.

use super::super::authority::Authority;
use super::super::quit;
use crate::{BanTarget, CloseReason, Event, Record, Refusal, ServerBan, Text};
use alloc::vec::Vec;
use core::time::Duration;

pub(super) fn ban(
    authority: &mut Authority<'_>,
    target: BanTarget,
    duration: Option<Duration>,
    reason: Option<Text>,
) -> Result<Event, Refusal> {
    let state = &*authority.state;
    let (bans, limit) = (state.durable.server_bans(), state.config.server_bans);
    if bans.find(&target, state.now).is_none() && bans.active(state.now).count() >= limit {
        return Err(Refusal::TooManyServerBans { limit });
    }
    let until = duration.map(|duration| state.now + duration);
    let user = match &target {
        BanTarget::Account(account) => state.user_of_account(account),
        BanTarget::Nickname(nickname) => state.user_named(nickname).map(|(id, _)| id),
        BanTarget::Addresses(_) => None,
    };
    let sessions = match &target {
        BanTarget::Addresses(range) => state.sessions_within(*range),
        BanTarget::Account(_) | BanTarget::Nickname(_) => Vec::new(),
    };
    let ban = ServerBan { target, until, reason: reason.clone() };
    // A ban that has ended before it began changes nothing.
    if ban.is_active(state.now) {
        authority.record(Record::ServerBanned(ban.clone()));
        let reason = CloseReason::Removed(reason);
        if let Some(user) = user {
            quit::remove(authority.state, authority.out, user, &reason);
        }
        for session in sessions {
            quit::depart(authority.state, authority.out, session, reason.clone());
        }
    }
    Ok(Event::ServerBanned(ban))
}

pub(super) fn unban(authority: &mut Authority<'_>, target: BanTarget) -> Result<Event, Refusal> {
    let state = &*authority.state;
    if state.durable.server_bans().find(&target, state.now).is_none() {
        return Err(Refusal::NotServerBanned(target));
    }
    authority.record(Record::ServerUnbanned { target: target.clone() });
    Ok(Event::ServerUnbanned { target })
}
