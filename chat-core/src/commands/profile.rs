//! Changes a user's profile.

use super::context::CommandContext;
use crate::{Event, PresenceChange, ProfileChange, Refusal, Text, UserInfo};
use alloc::sync::Arc;
use alloc::vec::Vec;

pub(super) fn set(
    context: &mut CommandContext<'_>,
    changes: Vec<ProfileChange<Text>>,
) -> Result<Event, Refusal> {
    let before = context.info.clone();
    let mut after = UserInfo::clone(&before);
    for change in changes {
        match change {
            ProfileChange::RealName(name) => after.real_name = name,
            ProfileChange::Bot(bot) => after.bot = bot,
        }
    }
    Ok(update(context, after))
}

/// Replaces the identity of the context's user, and tells its peers. Nickname and account stay.
pub(super) fn update(context: &mut CommandContext<'_>, after: UserInfo) -> Event {
    let before = context.info.clone();
    if after == *before {
        return Event::UserInfoChanged { before: before.clone(), after: before };
    }
    let after = Arc::new(after);
    context.state.update_user(context.user, after.clone());
    let event = Event::UserInfoChanged { before: before.clone(), after: after.clone() };
    context.tell_peers(|| event.clone());
    context.tell_watchers(&after, PresenceChange::Info(before));
    event
}
