//! Disconnects users.

use super::super::authority::Authority;
use super::super::quit;
use crate::{CloseReason, Event, Nickname, Refusal, Text};

pub(super) fn disconnect(
    authority: &mut Authority<'_>,
    nickname: Nickname,
    reason: Option<Text>,
) -> Result<Event, Refusal> {
    let Some((id, user)) = authority.state.user_named(&nickname) else {
        return Err(Refusal::NoSuchUser(nickname));
    };
    let user = user.info.clone();
    let closed = CloseReason::Removed(reason.clone());
    quit::remove(authority.state, authority.out, id, &closed);
    Ok(Event::Disconnected { user, reason })
}
