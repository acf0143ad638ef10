//! Saying something, in a channel or to one user.

use super::turn::Turn;
use crate::state::Channel;
use crate::{
    ChannelName, Event, List, Message, MessageKind, Nickname, Record, Refusal, Role, Target, Text,
};
use alloc::sync::Arc;

pub(super) fn say(
    turn: &mut Turn<'_>,
    to: &Target,
    kind: MessageKind,
    text: Text,
) -> Result<Event, Refusal> {
    match to {
        Target::Channel(name) => to_channel(turn, name, kind, text),
        Target::User(nickname) => to_user(turn, nickname, kind, text),
    }
}

fn to_channel(
    turn: &mut Turn<'_>,
    name: &ChannelName,
    kind: MessageKind,
    text: Text,
) -> Result<Event, Refusal> {
    let (name, channel) = turn.channel(name)?;
    let role = channel.role(&turn.nickname);
    check_voice(turn, &name, channel, role)?;
    let message = message(turn, kind, Target::Channel(name.clone()), text);
    if let Some(channel) = turn.state.channels.get_mut(&name) {
        channel.history.push(message.clone(), turn.state.config.history_per_channel);
        let event = || Event::Said(message.clone());
        turn.out.deliver(&channel.audience, &[turn.session], event);
    }
    if role.is_none() {
        turn.tell_own(|| Event::Said(message.clone()));
    }
    Ok(Event::Sent { message, away: None })
}

fn to_user(
    turn: &mut Turn<'_>,
    nickname: &Nickname,
    kind: MessageKind,
    text: Text,
) -> Result<Event, Refusal> {
    let (id, user) = turn.online(nickname)?;
    let (nickname, away) = (user.nickname.clone(), user.away().cloned());
    let message = message(turn, kind, Target::User(nickname), text);
    let audiences = [id, turn.user].into_iter().map(|user| turn.state.sessions_of(user));
    turn.out.deliver_once(audiences, turn.session, || Event::Said(message.clone()));
    Ok(Event::Sent { message, away })
}

/// Whether one may speak in a channel that one has a role in, or none.
fn check_voice(
    turn: &Turn<'_>,
    name: &ChannelName,
    channel: &Channel,
    role: Option<Role>,
) -> Result<(), Refusal> {
    // Most channels keep no lists, and then it does not matter who somebody is.
    let listed = |list| {
        !channel.list(list).is_empty()
            && turn.user().is_some_and(|user| channel.restricts(list, turn.user, user))
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

fn message(turn: &mut Turn<'_>, kind: MessageKind, target: Target, text: Text) -> Arc<Message> {
    let at = turn.now();
    let id = turn.state.next_message_id();
    let mut account = None;
    if let Some(user) = turn.state.users.get_mut(&turn.user) {
        user.last_spoke = Some(at);
        account = user.account.clone();
    }
    let sender = turn.nickname.clone();
    let message = Arc::new(Message { id, at, kind, sender, account, target, text });
    turn.out.record(Record::Said(message.clone()));
    message
}
