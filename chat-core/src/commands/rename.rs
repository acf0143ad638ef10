//! Taking another name.

use super::turn::Turn;
use crate::state::State;
use crate::{Event, Nickname, Refusal, UserId};

pub(super) fn rename(turn: &mut Turn<'_>, to: Nickname) -> Result<Event, Refusal> {
    let session = turn.state.sessions.get(&turn.session);
    if to != turn.nickname && session.is_some_and(|session| session.is_named_by_host()) {
        return Err(Refusal::NicknameGiven);
    }
    check_free(turn.state, &to, Some(turn.user))?;
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

/// Whether a name is free, but for `owner`, who may have it in other letters.
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
