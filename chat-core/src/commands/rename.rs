//! Changes a user's nickname.

use super::context::CommandContext;
use crate::state::State;
use crate::{Event, Nickname, Refusal, UserId};

pub(super) fn rename(context: &mut CommandContext<'_>, to: Nickname) -> Result<Event, Refusal> {
    let session = context.state.sessions.get(&context.session);
    if to != context.nickname && session.is_some_and(|session| session.is_named_by_host()) {
        return Err(Refusal::NicknameGiven);
    }
    check_free(context.state, &to, Some(context.user))?;
    let from = context.nickname.clone();
    if from.shown() != to.shown() {
        context.state.rename(context.user, &to);
        let event = || Event::Renamed { from: from.clone(), to: to.clone() };
        let own = context.state.sessions_of(context.user);
        let audiences = context.state.audiences(context.user, usize::MAX).chain([own]);
        context.out.deliver_once(audiences, context.session, event);
    }
    Ok(Event::Renamed { from, to })
}

/// Checks that a nickname is free. `owner` may already have it, or a look-alike.
pub(super) fn check_free(
    state: &State,
    nickname: &Nickname,
    owner: Option<UserId>,
) -> Result<(), Refusal> {
    if state.names.is_taken(nickname, owner) {
        return Err(Refusal::NicknameInUse(nickname.clone()));
    }
    Ok(())
}
