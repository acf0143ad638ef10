//! Changes a member's statuses.

use super::context::CommandContext;
use crate::{ChannelName, Event, Nickname, Record, Refusal, Role, Status, StatusChange};

pub(super) fn set(
    context: &mut CommandContext<'_>,
    channel: &ChannelName,
    nickname: &Nickname,
    change: StatusChange,
) -> Result<Event, Refusal> {
    let (name, channel, role) = context.governed_channel(channel)?;
    let Some((nickname, member)) = channel.members.get_key_value(nickname) else {
        return Err(Refusal::UserNotInChannel { channel: name, nickname: nickname.clone() });
    };
    let (nickname, member) = (nickname.clone(), *member);
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
    if member.statuses.role() > role {
        return Err(Refusal::Outranked { channel: name, nickname });
    }

    let statuses = member.statuses.changed(change);
    let role = statuses.role();
    let event = Event::RoleChanged {
        channel: name.clone(),
        nickname: nickname.clone(),
        role,
        by: context.nickname.clone(),
    };
    if statuses != member.statuses {
        if let Some(channel) = context.state.channels.get_mut(&name)
            && let Some(member) = channel.members.get_mut(&nickname)
        {
            member.statuses = statuses;
        }
        let account = context.state.users.get(&member.user).and_then(|user| user.account.clone());
        context.out.record(Record::RoleChanged {
            channel: name.clone(),
            nickname,
            account,
            statuses,
        });
        // Giving voice to an owner does not change the visible role.
        if role != member.statuses.role() {
            context.tell_channel(&name, || event.clone());
        }
    }
    Ok(event)
}
