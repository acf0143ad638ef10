//! Lists users.

use super::context::CommandContext;
use crate::state::User;
use crate::{ChannelName, Event, Refusal, UserEntry};

pub(super) fn list(
    context: &CommandContext<'_>,
    channel: Option<&ChannelName>,
) -> Result<Event, Refusal> {
    let state = &*context.state;
    let limit = state.config.listing;
    let entry = |user: &User| UserEntry { user: user.info.clone(), away: user.away().cloned() };
    let Some(channel) = channel else {
        let users = state.names.iter().take(limit);
        let users = users.filter_map(|(_, id)| state.user(id)).map(entry).collect();
        return Ok(Event::Users { channel: None, users, count: state.users.len() });
    };
    let (name, channel) = context.channel(channel)?;
    let members = channel.presence.members.values().take(limit);
    let users = members.filter_map(|member| state.user(member.user)).map(entry).collect();
    Ok(Event::Users { channel: Some(name), users, count: channel.presence.members.len() })
}
