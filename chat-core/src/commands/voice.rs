//! The permission to speak in a channel.

use super::context::CommandContext;
use crate::durable::Channel;
use crate::{ChannelName, List, Refusal, Role};

/// Checks that a user with this role, or a non-member, may speak in a channel.
pub(super) fn check_voice(
    context: &CommandContext<'_>,
    name: &ChannelName,
    channel: &Channel,
    role: Option<Role>,
) -> Result<(), Refusal> {
    // Most channels have empty lists, so that the user need not be looked up.
    let listed = |list| {
        !channel.list(list).is_empty()
            && context.user().is_some_and(|user| channel.restricts(list, context.user, &user.info))
    };
    let role = match role {
        Some(role) => role,
        None if channel.modes.members_only => return Err(Refusal::NotInChannel(name.clone())),
        None if listed(List::Bans) => return Err(Refusal::Banned(name.clone())),
        None => Role::Member,
    };
    if role < Role::Voiced && listed(List::Mutes) {
        return Err(Refusal::Muted(name.clone()));
    }
    if role < Role::Voiced && channel.modes.moderated {
        return Err(Refusal::Moderated(name.clone()));
    }
    Ok(())
}
