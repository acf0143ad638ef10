//! Changes a member's statuses.

use super::authority::Authority;
use crate::{ChannelName, Event, Nickname, Record, Refusal, Role, Status, StatusChange};

pub(super) fn set(
    authority: &mut Authority<'_>,
    channel: &ChannelName,
    nickname: &Nickname,
    change: StatusChange,
) -> Result<Event, Refusal> {
    let (name, channel, role) = authority.governed_channel(channel)?;
    let Some(member) = channel.presence.members.get(nickname) else {
        return Err(authority.state.no_member(name, nickname));
    };
    let (info, before) = (member.info.clone(), member.statuses);
    let needed = match change {
        StatusChange::Grant(Status::Owner)
        | StatusChange::Revoke(Status::Owner)
        | StatusChange::Become(Role::Owner) => Role::Owner,
        StatusChange::Grant(Status::Operator | Status::Voiced)
        | StatusChange::Revoke(Status::Operator | Status::Voiced)
        | StatusChange::Become(Role::Operator | Role::Voiced | Role::Member) => Role::Operator,
    };
    if role < needed {
        return Err(Refusal::NotPermitted { channel: name, needed });
    }
    let nickname = info.nickname.clone();
    if before.role() > role {
        return Err(Refusal::Outranked { channel: name, nickname });
    }
    let after = before.changed(change);
    let (account, by) = (info.account.clone(), authority.actor());
    let event = Event::RoleChanged { channel: name.clone(), user: info, before, after, by };
    if after != before {
        if let Some(channel) = authority.state.durable.channels.get_mut(&name)
            && let Some(member) = channel.presence.members.get_mut(&nickname)
        {
            member.statuses = after;
        }
        let (channel, statuses) = (name.clone(), after);
        authority.record(Record::RoleChanged { channel, nickname, account, statuses });
        authority.tell_channel_of_change(&name, &event);
    }
    Ok(event)
}
