//! Looks up a user who is online.

use super::reader::Reader;
use crate::{ChannelName, Event, Nickname, QueryResult, Refusal, StatusSet, UserCard};
use alloc::boxed::Box;

pub(super) fn show(reader: Reader<'_>, nickname: &Nickname) -> QueryResult {
    let state = reader.state;
    let found = state.user_named(nickname);
    let (id, user) = found.ok_or_else(|| Refusal::NoSuchUser(nickname.clone()))?;
    let visible = |name: &ChannelName| -> Option<(ChannelName, StatusSet)> {
        let (name, channel) = reader.channel(name).ok()?;
        let member = channel.presence.members.get(user.nickname())?;
        Some((name, member.statuses))
    };
    let last_active = user.last_spoke.unwrap_or(user.signed_on);
    Ok(Event::UserShown(Box::new(UserCard {
        user: user.info.clone(),
        away: state.away(user),
        channels: user.channels.iter().filter_map(visible).collect(),
        signed_on: user.signed_on,
        idle: state.now.since(last_active),
        operator: state.is_operator(id),
    })))
}
