//! Lists users.

use super::reader::Reader;
use crate::state::User;
use crate::{ChannelName, Event, Nickname, QueryResult, UserEntry, UserId};
use alloc::vec::Vec;

pub(super) fn list(
    reader: Reader<'_>,
    channel: Option<&ChannelName>,
    after: Option<&Nickname>,
    limit: usize,
) -> QueryResult {
    let state = reader.state;
    let Some(channel) = channel else {
        let (users, more) = page(reader, state.names.after(after).copied(), limit);
        return Ok(Event::Users { channel: None, users, count: state.users.len(), more });
    };
    let (channel, found) = reader.channel(channel)?;
    let members = found.presence.members_after(after).map(|member| member.user);
    let (users, more) = page(reader, members, limit);
    let count = found.presence.members.len();
    Ok(Event::Users { channel: Some(channel), users, count, more })
}

/// Returns the entries of the first users, and whether there are more.
fn page(
    reader: Reader<'_>,
    mut users: impl Iterator<Item = UserId>,
    limit: usize,
) -> (Vec<UserEntry>, bool) {
    let state = reader.state;
    let entry = |user: &User| UserEntry { user: user.info.clone(), away: state.away(user) };
    let first = users.by_ref().take(limit.min(state.config.listing));
    let entries = first.filter_map(|id| state.user(id)).map(entry).collect();
    (entries, users.next().is_some())
}
