//! Sets or clears the user's away message.

use super::context::CommandContext;
use crate::{Event, PresenceChange, Refusal, Text};

pub(super) fn set(
    context: &mut CommandContext<'_>,
    message: Option<Text>,
) -> Result<Event, Refusal> {
    let event = Event::AwayChanged { user: context.info.clone(), message: message.clone() };
    let Some(user) = context.state.users.get_mut(&context.user) else {
        return Ok(event);
    };
    if user.away() != message.as_ref() {
        user.set_away(message.clone());
        context.tell_peers(|| event.clone());
        context.tell_watchers(&context.info.clone(), PresenceChange::Away(message));
    }
    Ok(event)
}
