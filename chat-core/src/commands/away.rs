//! Saying that one is away, or back.

use super::turn::Turn;
use crate::{Event, Refusal, Text};

pub(super) fn set(turn: &mut Turn<'_>, message: Option<Text>) -> Result<Event, Refusal> {
    let event = Event::AwayChanged { nickname: turn.nickname.clone(), message: message.clone() };
    let Some(user) = turn.state.users.get_mut(&turn.user) else {
        return Ok(event);
    };
    if user.away() != message.as_ref() {
        user.set_away(message);
        let largest = turn.state.config.announce_up_to;
        let own = turn.state.sessions_of(turn.user);
        let audiences = turn.state.audiences(turn.user, largest).chain([own]);
        turn.out.deliver_once(audiences, turn.session, || event.clone());
    }
    Ok(event)
}
