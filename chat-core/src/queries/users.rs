//! Lists users.

use super::reader::Reader;
use crate::{ChannelName, Event, Nickname, QueryResult, StatusSet, UserEntry, UserId};
use alloc::vec::Vec;

pub(super) fn list(
    reader: Reader<'_>,
    channel: Option<&ChannelName>,
    after: Option<&Nickname>,
    limit: usize,
) -> QueryResult {
    let state = reader.state;
    let Some(channel) = channel else {
        let users = state.names.after(after).map(|&id| (id, StatusSet::default()));
        let (users, more) = page(reader, users, limit);
        let count = state.users.len();
        return Ok(Event::Users { channel: None, users, count, more, is_secret: false });
    };
    let (channel, found) = reader.channel(channel)?;
    let members = found.presence.members_after(after);
    let members = members.map(|member| (member.user, member.statuses));
    let (users, more) = page(reader, members, limit);
    let count = found.presence.members.len();
    let is_secret = found.modes.secret;
    Ok(Event::Users { channel: Some(channel), users, count, more, is_secret })
}

/// Returns the entries of the first users, and whether there are more.
fn page(
    reader: Reader<'_>,
    mut users: impl Iterator<Item = (UserId, StatusSet)>,
    limit: usize,
) -> (Vec<UserEntry>, bool) {
    let state = reader.state;
    let entry = |(id, statuses)| {
        let user = state.user(id)?;
        Some(UserEntry { user: user.info.clone(), away: state.away(user), statuses })
    };
    let first = users.by_ref().take(limit.min(state.config.listing));
    let entries = first.filter_map(entry).collect();
    (entries, users.next().is_some())
}
