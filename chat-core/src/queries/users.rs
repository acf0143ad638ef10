//! Lists users.

use super::reader::Reader;
use crate::durable::{Channel, Member};
use crate::{ChannelName, Event, Nickname, QueryResult, StatusSet, UserEntry, UserId};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

pub(super) fn list(
    reader: Reader<'_>,
    channel: Option<&ChannelName>,
    after: Option<&Nickname>,
    limit: usize,
) -> QueryResult {
    let state = reader.state;
    let limit = limit.min(state.config.listing);
    let Some(channel) = channel else {
        let users = everybody(reader, after, limit.saturating_add(1));
        let more = users.len() > limit;
        let users = users.into_iter().take(limit).map(|id| (id, StatusSet::default()));
        let users = users.filter_map(|user| entry(reader, user)).collect();
        let count = state.users.len();
        return Ok(Event::Users { channel: None, users, count, more, is_secret: false });
    };
    let (channel, found) = reader.channel(channel)?;
    let (users, more) = members(reader, found, after, limit);
    let count = found.presence.members.len();
    let is_secret = found.modes.secret;
    Ok(Event::Users { channel: Some(channel), users, count, more, is_secret })
}

/// Returns the first users after a name, at most `most`: those who are not invisible, and those who
/// share a channel with the reader. The first ones of each of these sets are enough.
fn everybody(reader: Reader<'_>, after: Option<&Nickname>, most: usize) -> Vec<UserId> {
    let state = reader.state;
    let names = &state.names;
    if state.invisible_count() == 0 {
        return names.after(after).take(most).map(|(_, id)| *id).collect();
    }
    if state.is_operator(reader.id) {
        return names.all_after(after).take(most).map(|(_, id)| *id).collect();
    }
    let mut users: BTreeMap<&Nickname, UserId> =
        names.after(after).take(most).map(|(name, id)| (name, *id)).collect();
    let own = reader.user.nickname();
    if after.is_none_or(|after| own > after) {
        users.insert(own, reader.id);
    }
    for name in reader.user.channels.iter() {
        let Some(channel) = state.durable.channels.get(name) else { continue };
        let members = channel.presence.members_after(after).take(most);
        users.extend(members.map(|member| (&member.info.nickname, member.user)));
    }
    users.into_values().take(most).collect()
}

/// Returns the entries of the first members of a channel, and whether there are more. A reader who
/// is not in the channel does not see those who are invisible.
fn members(
    reader: Reader<'_>,
    channel: &Channel,
    after: Option<&Nickname>,
    limit: usize,
) -> (Vec<UserEntry>, bool) {
    let state = reader.state;
    let is_member = reader.is_in(channel);
    let is_shown = |member: &&Member| !state.is_hidden_from(member.user, reader.id, is_member);
    let mut members = channel.presence.members_after(after);
    // A page costs no more if most members are invisible: it is shorter then.
    let looked_at = members.by_ref().take(limit.saturating_mul(LOOKED_AT));
    let mut shown = looked_at.filter(is_shown);
    let first = shown.by_ref().take(limit).map(|member| (member.user, member.statuses));
    let entries = first.filter_map(|user| entry(reader, user)).collect();
    let more = shown.next().is_some() || members.next().is_some();
    (entries, more)
}

fn entry(reader: Reader<'_>, (id, statuses): (UserId, StatusSet)) -> Option<UserEntry> {
    let state = reader.state;
    let user = state.user(id)?;
    let (away, operator) = (state.away(user), state.is_operator(id));
    Some(UserEntry { user: user.info.clone(), away, statuses, operator })
}

/// The members that are looked at for each one that a page can have.
const LOOKED_AT: usize = 10;
