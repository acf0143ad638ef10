//! Listing who is there.

use super::turn::Turn;
use crate::state::User;
use crate::{ChannelName, Event, Refusal, UserEntry};

pub(super) fn list(turn: &Turn<'_>, channel: Option<&ChannelName>) -> Result<Event, Refusal> {
    let state = &*turn.state;
    let limit = state.config.listing;
    let entry =
        |user: &User| UserEntry { nickname: user.nickname.clone(), away: user.away().cloned() };
    let Some(channel) = channel else {
        let users = state.names.iter().take(limit);
        let users = users.filter_map(|(_, id)| state.user(id)).map(entry).collect();
        return Ok(Event::Users { channel: None, users, count: state.users.len() });
    };
    let (name, channel) = turn.channel(channel)?;
    let members = channel.members.values().take(limit);
    let users = members.filter_map(|member| state.user(member.user)).map(entry).collect();
    Ok(Event::Users { channel: Some(name), users, count: channel.members.len() })
}
