//! Bans a user from a channel, or lifts a ban.

use super::authority::Authority;
use super::kick::{expel, subordinate};
use crate::{ChannelName, Event, List, Nickname, Record, Refusal, Text};

pub(super) fn ban(
    authority: &mut Authority<'_>,
    channel: &ChannelName,
    nickname: &Nickname,
    reason: Option<Text>,
) -> Result<Event, Refusal> {
    let (name, channel, role) = authority.governed_channel(channel)?;
    let member = subordinate(&name, channel, nickname, role)?;
    let listed = authority.is_listed((&name, channel), List::Bans, nickname)?;
    let exempt = authority
        .state
        .user_named(nickname)
        .is_some_and(|(id, user)| channel.list(List::Exceptions).covers(id, &user.info));

    let event = Event::Banned {
        channel: name.clone(),
        nickname: nickname.clone(),
        user: authority.holder(nickname),
        removed: member.is_some() && !exempt,
        by: authority.actor(),
        reason: reason.clone(),
    };
    if !listed {
        authority.enlist(&name, List::Bans, nickname.clone(), reason.clone());
        authority.tell_channel(&name, || event.clone());
    }
    match member {
        Some(member) if !exempt => drop(expel(authority, name, member, reason, true)),
        None if !exempt => end_membership(authority, &name, nickname),
        Some(_) | None => {}
    }
    Ok(event)
}

/// Ends the membership of the account of this nickname, whose user is not in the channel.
fn end_membership(authority: &mut Authority<'_>, channel: &ChannelName, nickname: &Nickname) {
    let online = authority.holder(nickname).and_then(|user| user.account.clone());
    let registered = || authority.state.logins.named(nickname);
    // An account that the host keeps may have the name of its user.
    let account = online.or_else(registered).unwrap_or_else(|| nickname.shown().into());
    // It may be online with another nickname.
    let user = authority.state.user_of_account(&account).and_then(|id| authority.state.user(id));
    let is_present = user.is_some_and(|user| user.channels.contains(channel));
    if !is_present && authority.state.membership(&account, channel).is_some() {
        authority.record(Record::ChannelLeft { channel: channel.clone(), account });
    }
}

pub(super) fn unban(
    authority: &mut Authority<'_>,
    channel: &ChannelName,
    nickname: &Nickname,
) -> Result<Event, Refusal> {
    let (channel, nickname) = authority.delist(channel, List::Bans, nickname)?;
    let event = Event::Unbanned { channel: channel.clone(), nickname, by: authority.actor() };
    authority.tell_channel(&channel, || event.clone());
    Ok(event)
}
