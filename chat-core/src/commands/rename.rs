//! Taking another name.

use super::turn::Turn;
use crate::state::State;
use crate::{Event, Nickname, NicknameError, Refusal, UserId};

pub(super) fn rename(turn: &mut Turn<'_>, raw: &str) -> Result<Event, Refusal> {
    let to = wanted(turn.state, raw)?;
    let session = turn.state.sessions.get(&turn.session);
    if to != turn.nickname && session.is_some_and(|session| session.is_named_by_host()) {
        return Err(Refusal::NicknameGiven);
    }
    check(turn.state, &to, Some(turn.user))?;
    let from = turn.nickname.clone();
    if from.shown() != to.shown() {
        turn.state.rename(turn.user, &to);
        let event = || Event::Renamed { from: from.clone(), to: to.clone() };
        let own = turn.state.sessions_of(turn.user);
        let audiences = turn.state.audiences(turn.user, usize::MAX).chain([own]);
        turn.out.deliver_once(audiences, turn.session, event);
    }
    Ok(Event::Renamed { from, to })
}

/// Parses a name that somebody wants to have.
pub(super) fn wanted(state: &State, raw: &str) -> Result<Nickname, Refusal> {
    Nickname::parse(raw).map_err(|error| {
        // What counts is what the host allows, not what a name can be at most.
        let limit = state.config.nickname_length;
        let is_long = matches!(error, NicknameError::TooLong { .. });
        Refusal::NicknameInvalid(if is_long { NicknameError::TooLong { limit } } else { error })
    })
}

/// Whether a name is short enough and free, but for `owner`, who may have it in other letters.
pub(super) fn check(
    state: &State,
    nickname: &Nickname,
    owner: Option<UserId>,
) -> Result<(), Refusal> {
    let limit = state.config.nickname_length;
    if nickname.shown().chars().count() > limit {
        return Err(Refusal::NicknameInvalid(NicknameError::TooLong { limit }));
    }
    if state.names.is_taken(nickname, owner) {
        return Err(Refusal::NicknameInUse(nickname.clone()));
    }
    Ok(())
}
