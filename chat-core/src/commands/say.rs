//! Sends a message to a channel or to one user.

use super::context::CommandContext;
use crate::state::Channel;
use crate::{
    ChannelName, Event, List, Message, MessageKind, Nickname, Record, Refusal, Role, Target, Text,
};
use alloc::sync::Arc;

pub(super) fn say(
    context: &mut CommandContext<'_>,
    to: &Target,
    kind: MessageKind,
    text: Text,
) -> Result<Event, Refusal> {
    match to {
        Target::Channel(name) => to_channel(context, name, kind, text),
        Target::User(nickname) => to_user(context, nickname, kind, text),
    }
}

fn to_channel(
    context: &mut CommandContext<'_>,
    name: &ChannelName,
    kind: MessageKind,
    text: Text,
) -> Result<Event, Refusal> {
    let (name, channel) = context.channel(name)?;
    let role = channel.role(&context.info.nickname);
    check_voice(context, &name, channel, role)?;
    let message = message(context, kind, Target::Channel(name.clone()), text);
    if let Some(channel) = context.state.channels.get_mut(&name) {
        channel.history.push(message.clone(), context.state.config.history_per_channel);
        let event = || Event::Said(message.clone());
        context.out.deliver(&channel.audience, &[context.session], event);
    }
    if role.is_none() {
        context.tell_own(|| Event::Said(message.clone()));
    }
    Ok(Event::Sent { message, away: None })
}

fn to_user(
    context: &mut CommandContext<'_>,
    nickname: &Nickname,
    kind: MessageKind,
    text: Text,
) -> Result<Event, Refusal> {
    let (id, user) = context.online(nickname)?;
    let (nickname, away) = (user.nickname().clone(), user.away().cloned());
    let message = message(context, kind, Target::User(nickname), text);
    let audiences = [id, context.user].into_iter().map(|user| context.state.sessions_of(user));
    context.out.deliver_once(audiences, context.session, || Event::Said(message.clone()));
    Ok(Event::Sent { message, away })
}

/// Checks that a user with this role, or a non-member, may speak in a channel.
fn check_voice(
    context: &CommandContext<'_>,
    name: &ChannelName,
    channel: &Channel,
    role: Option<Role>,
) -> Result<(), Refusal> {
    // Most channels have empty lists, so that the user need not be looked up.
    let listed = |list| {
        !channel.list(list).is_empty()
            && context.user().is_some_and(|user| channel.restricts(list, context.user, user))
    };
    let role = match role {
        Some(role) => role,
        None if channel.modes.members_only => return Err(Refusal::NotInChannel(name.clone())),
        None if listed(List::Bans) => return Err(Refusal::Banned(name.clone())),
        None => Role::Member,
    };
    if role < Role::Operator && listed(List::Mutes) {
        return Err(Refusal::Muted(name.clone()));
    }
    if role < Role::Voiced && channel.modes.moderated {
        return Err(Refusal::Moderated(name.clone()));
    }
    Ok(())
}

fn message(
    context: &mut CommandContext<'_>,
    kind: MessageKind,
    target: Target,
    text: Text,
) -> Arc<Message> {
    let at = context.now();
    let id = context.state.next_message_id();
    if let Some(user) = context.state.users.get_mut(&context.user) {
        user.last_spoke = Some(at);
    }
    let sender = context.actor();
    let message = Arc::new(Message { id, at, kind, sender, target, text });
    context.out.record(Record::Said(message.clone()));
    message
}
