//! Removes accounts.

use super::super::authority::Authority;
use super::super::quit;
use crate::effect::EffectBuffer;
use crate::state::State;
use crate::{AccountName, ChannelName, CloseReason, Event, Record, Refusal, Status, Text};
use alloc::vec::Vec;

/// Removes an account for its user.
pub(in crate::commands) fn remove_account(
    state: &mut State,
    out: &mut EffectBuffer,
    account: AccountName,
) -> Result<Event, Refusal> {
    remove(&mut Authority::of_host(state, out), account)
}

pub(super) fn remove(
    authority: &mut Authority<'_>,
    account: AccountName,
) -> Result<Event, Refusal> {
    let Some(known) = authority.state.durable.account(&account) else {
        return Err(Refusal::NoSuchAccount(account));
    };
    let owned: Vec<ChannelName> = known.owned.iter().cloned().collect();
    if let Some(user) = authority.state.user_of_account(&account) {
        let reason = CloseReason::Removed(Some(Text::clean("account removed")));
        quit::remove(authority.state, authority.out, user, &reason);
    }
    authority.record(Record::AccountRemoved { account: account.clone() });
    for channel in owned {
        announce_successor(authority, &channel);
        authority.state.forget_if_empty(authority.out, &channel);
    }
    Ok(Event::AccountRemoved { account })
}

/// Gives the new owner of a channel, who may be online, the status there that its account has.
fn announce_successor(authority: &mut Authority<'_>, name: &ChannelName) {
    let Some(channel) = authority.state.durable.channels.get_mut(name) else { return };
    let owners = channel.standings.iter().filter(|(_, standing)| standing.is_owner());
    let owners: Vec<_> = owners.map(|(account, standing)| (account.clone(), *standing)).collect();
    for (account, standing) in owners {
        let Some(id) = authority.state.user_of_account(&account) else { continue };
        let Some(user) = authority.state.user(id).map(|user| user.info.clone()) else { continue };
        let Some(channel) = authority.state.durable.channels.get_mut(name) else { return };
        let Some(member) = channel.presence.members.get_mut(&user.nickname) else { continue };
        let before = member.statuses;
        if before.contains(Status::Owner) {
            continue;
        }
        let after = standing.statuses;
        member.statuses = after;
        let (channel, by) = (name.clone(), authority.actor());
        let event = Event::RoleChanged { channel, user, before, after, by };
        authority.state.keep_event(name, || event.clone());
        authority.tell_whole_channel(name, || event);
    }
}
