//! Sends a message to a channel or to one user, once for each nonce.

use super::authority::Authority;
use super::context::CommandContext;
use super::voice::check_voice;
use crate::durable::{Acknowledgement, Channel, NonceLimits};
use crate::effect::EffectBuffer;
use crate::state::State;
use crate::{
    AccountName, AppData, ChannelName, Command, Event, Message, MessageKind, Nickname, Nonce,
    Record, Refusal, ReplyTo, Role, Target, Text, UserId,
};
use alloc::sync::Arc;

/// The content of a message.
pub(super) struct Content {
    pub(super) kind: MessageKind,
    pub(super) text: Text,
    pub(super) data: AppData,
    pub(super) reply_to: Option<ReplyTo>,
}

pub(super) fn say(
    context: &mut CommandContext<'_>,
    to: &Target,
    content: Content,
    nonce: Option<Nonce>,
) -> Result<Event, Refusal> {
    // The engine has looked for the client's nonce, but a policy may have set another one.
    if let Some(nonce) = &nonce
        && let Some(event) = acknowledged(context.state, context.user, nonce)
    {
        return Ok(event);
    }
    // After a message, the next signal that the user is typing is news.
    context.state.typing.forget(context.user);
    match to {
        Target::Channel(name) => to_channel(context, name, content, nonce),
        Target::Members { channel, least } => to_members(context, channel, *least, content),
        Target::User(nickname) => to_user(context, nickname, content, nonce),
    }
}

/// Returns the answer to a message that the user sends again with the same nonce.
///
/// It comes before every check of the message, and before the policy: nothing of it reaches
/// anybody, and a refusal would make the client believe that the first one was not accepted.
pub(crate) fn repeated(state: &State, user: UserId, command: &Command) -> Option<Event> {
    let Command::Say { nonce: Some(nonce), .. } = command else {
        return None;
    };
    acknowledged(state, user, &Nonce::parse(nonce).ok()?)
}

/// Returns the acknowledgement of an earlier message of the user with this nonce.
fn acknowledged(state: &State, user: UserId, nonce: &Nonce) -> Option<Event> {
    let Acknowledgement { message, away } = state.acknowledgement(user, nonce)?.clone();
    Some(Event::Sent { message, away, repeated: true, offline: false })
}

fn to_channel(
    context: &mut CommandContext<'_>,
    name: &ChannelName,
    content: Content,
    nonce: Option<Nonce>,
) -> Result<Event, Refusal> {
    let (name, channel) = context.channel(name)?;
    let role = channel.presence.role(&context.info.nickname);
    check_voice(context, &name, channel, role)?;
    let message = message(context, Target::Channel(name), content);
    let except = context.session;
    let (channel, out) = accept(context, &message, (None, None), nonce);
    if let Some(channel) = channel {
        out.deliver(&channel.presence.audience, except.as_slice(), || Event::Said(message.clone()));
    }
    if role.is_none() {
        context.tell_own(|| Event::Said(message.clone()));
    }
    Ok(Event::Sent { message, away: None, repeated: false, offline: false })
}

/// Sends a message to some of the members of a channel. Its nonce is not remembered, because the
/// message is not kept.
fn to_members(
    context: &mut CommandContext<'_>,
    name: &ChannelName,
    least: Role,
    content: Content,
) -> Result<Event, Refusal> {
    let (channel, found) = context.channel(name)?;
    let role = found.presence.role(&context.info.nickname);
    check_voice(context, &channel, found, role)?;
    let target = Target::Members { channel: channel.clone(), least };
    let message = message(context, target, content);
    accept(context, &message, (None, None), None);
    context.tell_members(&channel, least, || Event::Said(message.clone()));
    Ok(Event::Sent { message, away: None, repeated: false, offline: false })
}

fn to_user(
    context: &mut CommandContext<'_>,
    nickname: &Nickname,
    content: Content,
    nonce: Option<Nonce>,
) -> Result<Event, Refusal> {
    let (id, user) = match context.online(nickname) {
        Ok(online) => online,
        Err(refusal) => {
            let account = offline_account(context.state, nickname).ok_or(refusal)?;
            return to_offline(context, account, content, nonce);
        }
    };
    let (recipient, away) = (user.info.clone(), user.away().cloned());
    let target = Target::User(recipient.nickname.clone());
    let message = message(context, target, content);
    accept(context, &message, (recipient.account.as_ref(), away.as_ref()), nonce);
    let audiences = [id, context.user].into_iter().map(|user| context.state.sessions_of(user));
    context.out.deliver_once(audiences, context.session, || Event::Said(message.clone()));
    Ok(Event::Sent { message, away, repeated: false, offline: false })
}

/// Returns the account that can read a message to this nickname later, because it has no user
/// online, or one who has lost the connection. Returns the nickname, too, as it is written.
fn offline_account(state: &State, nickname: &Nickname) -> Option<(Nickname, AccountName)> {
    if let Some((_, user)) = state.user_named(nickname) {
        return Some((user.nickname().clone(), user.account()?.clone()));
    }
    let account = state.logins.named(nickname)?;
    // Its user may be online with another nickname.
    let name = Nickname::parse(account.as_str()).ok()?;
    state.user_of_account(&account).is_none().then_some((name, account))
}

/// Stores a message for an account that can read it later.
fn to_offline(
    context: &mut CommandContext<'_>,
    (nickname, account): (Nickname, AccountName),
    content: Content,
    nonce: Option<Nonce>,
) -> Result<Event, Refusal> {
    let message = message(context, Target::User(nickname), content);
    accept(context, &message, (Some(&account), None), nonce);
    context.tell_own(|| Event::Said(message.clone()));
    Ok(Event::Sent { message, away: None, repeated: false, offline: true })
}

/// Says something as the server.
pub(super) fn say_by_host(
    authority: &mut Authority<'_>,
    to: &Target,
    (kind, text, data): (MessageKind, Text, AppData),
) -> Result<Event, Refusal> {
    let state = &mut *authority.state;
    let (target, recipient, away) = match to {
        Target::Channel(name) => {
            let (name, _) = state.visible_channel(name, None)?;
            (Target::Channel(name), None, None)
        }
        Target::Members { channel, least } => {
            let (channel, _) = state.visible_channel(channel, None)?;
            (Target::Members { channel, least: *least }, None, None)
        }
        Target::User(nickname) => {
            let (id, user) = state.online(nickname)?;
            let target = Target::User(user.nickname().clone());
            (target, Some((id, user.account().cloned())), user.away().cloned())
        }
    };
    let (id, at, sender) = (state.next_message_id(), state.now, authority.actor());
    let message = Arc::new(Message { id, at, kind, sender, target, text, data, details: None });
    let (recipient, account) = recipient.unzip();
    let said = Record::Said {
        message: message.clone(),
        recipient: account.flatten(),
        nonce: None,
        away: None,
    };
    authority.record(said);
    let event = || Event::Said(message.clone());
    if let Some(id) = recipient {
        authority.out.deliver(authority.state.sessions_of(id), &[], event);
    } else if let Target::Channel(name) = &message.target {
        authority.tell_channel(name, event);
    } else if let Target::Members { channel, least } = &message.target {
        let members = authority.state.sessions_of_members(channel, *least);
        authority.out.deliver_once(members, None, event);
    }
    Ok(Event::Sent { message, away, repeated: false, offline: false })
}

#[inline(always)]
fn message(
    context: &mut CommandContext<'_>,
    target: Target,
    Content { kind, text, data, reply_to }: Content,
) -> Arc<Message> {
    let at = context.now();
    let id = context.state.next_message_id();
    if let Some(user) = context.state.users.get_mut(&context.user) {
        user.last_spoke = Some(at);
    }
    let sender = context.actor();
    let message = Message { id, at, kind, sender, target, text, data, details: None };
    Arc::new(match reply_to {
        Some(parent) => message.replying_to(parent),
        None => message,
    })
}

/// Records a message, and remembers its acknowledgement if it has a nonce. Returns the channel of
/// the message, and the buffer for its deliveries.
#[inline(always)]
fn accept<'a>(
    context: &'a mut CommandContext<'_>,
    message: &Arc<Message>,
    (recipient, away): (Option<&AccountName>, Option<&Text>),
    nonce: Option<Nonce>,
) -> (Option<&'a Channel>, &'a mut EffectBuffer) {
    let away = away.filter(|_| nonce.is_some());
    if let (Some(nonce), None) = (&nonce, &context.info.account) {
        let known = Acknowledgement { message: message.clone(), away: away.cloned() };
        let limits = NonceLimits::of(&context.state.config);
        context.state.nonces.insert(context.user, nonce.clone(), known, limits);
    }
    // The same as `State::record`, but the channel need not be searched again.
    let channel = context.state.durable.said(message, recipient, nonce.as_ref(), away);
    let (message, recipient) = (message.clone(), recipient.cloned());
    context.out.record(Record::Said { message, recipient, nonce, away: away.cloned() });
    (channel, context.out)
}
