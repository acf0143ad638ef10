//! Changes the modes of a user.

use super::super::context::CommandContext;
use crate::{Event, UserModeChange, UserModes};

pub(super) fn set(context: &mut CommandContext<'_>, changes: &[UserModeChange]) -> Event {
    let mut modes = context.state.user_modes(context.user);
    for change in changes {
        match change {
            UserModeChange::Invisible(on) => modes.invisible = *on,
            UserModeChange::Announcements(on) => modes.announcements = *on,
            UserModeChange::NoOperator => modes.operator = false,
        }
    }
    replace(context, modes)
}

/// Replaces the modes of the user, and tells its other sessions.
pub(super) fn replace(context: &mut CommandContext<'_>, modes: UserModes) -> Event {
    let (user, before) = (context.info.clone(), context.state.user_modes(context.user));
    context.state.set_user_modes(context.user, modes);
    let after = context.state.user_modes(context.user);
    let event = Event::UserModesChanged { user, before, after };
    if before != after {
        context.tell_own(|| event.clone());
    }
    event
}
