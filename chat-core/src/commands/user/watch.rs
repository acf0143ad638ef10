//! Watches nicknames.

use super::super::context::CommandContext;
use crate::{Event, Nickname, Refusal, SessionId, Watched};
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

pub(super) fn watch(
    context: &mut CommandContext<'_>,
    session: SessionId,
    nicknames: Vec<Nickname>,
) -> Result<Event, Refusal> {
    if nicknames.is_empty() {
        return Ok(all(context, session));
    }
    let state = &mut *context.state;
    let limit = state.config.watched_nicknames;
    let new: BTreeSet<&Nickname> =
        nicknames.iter().filter(|nickname| !state.watches.has(session, nickname)).collect();
    if state.watches.of(session).count() + new.len() > limit {
        return Err(Refusal::TooManyWatched { limit });
    }
    for nickname in &nicknames {
        state.watches.insert(session, nickname.clone());
    }
    Ok(show(context, nicknames.iter()))
}

pub(super) fn unwatch(
    context: &mut CommandContext<'_>,
    session: SessionId,
    nicknames: Option<&[Nickname]>,
) -> Event {
    let watches = &mut context.state.watches;
    match nicknames {
        Some(nicknames) => {
            nicknames.iter().for_each(|nickname| watches.remove(session, nickname));
        }
        None => watches.forget(session),
    }
    all(context, session)
}

/// Shows all nicknames that a session watches.
fn all(context: &CommandContext<'_>, session: SessionId) -> Event {
    show(context, context.state.watches.of(session))
}

fn show<'a>(context: &CommandContext<'_>, nicknames: impl Iterator<Item = &'a Nickname>) -> Event {
    let state = &context.state;
    let watched = |nickname: &Nickname| {
        let user = state.user_named(nickname).map(|(_, user)| user);
        Watched {
            nickname: user.map_or(nickname, |user| user.nickname()).clone(),
            user: user.map(|user| user.info.clone()),
            away: user.and_then(|user| state.away(user)),
        }
    };
    Event::WatchedShown { users: nicknames.map(watched).collect() }
}
