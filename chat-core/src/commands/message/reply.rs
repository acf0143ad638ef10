//! Says something in reply to a message.

use super::super::context::CommandContext;
use super::super::say::{Content, say};
use super::find::{self, Place, Sought};
use crate::effect::EffectBuffer;
use crate::state::{Reply, State, Waiting};
use crate::{
    Answer, Event, Message, Nickname, Question, Refusal, RequestId, SessionId, Target, UserId,
};
use alloc::boxed::Box;

/// Says something in reply to a message. Returns no event if the host is asked for that message
/// first; then [`answered`] replies.
///
/// The message may be deleted: a reply that was written meanwhile would be lost otherwise, and it
/// shows nothing of the deleted text.
pub(in crate::commands) fn reply(
    context: &mut CommandContext<'_>,
    (session, request): (SessionId, &Option<RequestId>),
    reply: Reply,
) -> Result<Option<Event>, Refusal> {
    if let Some(parent) = find::in_memory(context, sought(&reply))? {
        return send(context, reply, &parent).map(Some);
    }
    let question = find::question(context, sought(&reply))?;
    let open = context.state.sessions.get(&session);
    if open.is_none_or(|open| open.question().is_some()) {
        return Err(Refusal::HistoryUnavailable);
    }
    let waiting = Waiting::Reply { reply: Box::new(reply), question: question.clone() };
    context.state.ask(context.out, (session, request.clone()), question, waiting);
    Ok(None)
}

/// Completes a reply that has waited for a message of the host's store.
pub(in crate::commands) fn answered(
    state: &mut State,
    out: &mut EffectBuffer,
    (session, user): (SessionId, UserId),
    (reply, question): (Reply, &Question),
    answer: Answer,
) -> Result<Event, Refusal> {
    let context = &mut CommandContext::of(state, out, Some(session), user)?;
    let parent = match find::in_memory(context, sought(&reply))? {
        Some(parent) => parent,
        None => find::in_answer(context, sought(&reply), question, answer)?,
    };
    send(context, reply, &parent)
}

fn sought(reply: &Reply) -> Sought<'_> {
    let place = match &reply.to {
        Target::Channel(channel) | Target::Members { channel, .. } => Place::Channel(channel),
        Target::User(_) => Place::Private,
    };
    Sought { id: reply.parent, place }
}

fn send(
    context: &mut CommandContext<'_>,
    reply: Reply,
    parent: &Message,
) -> Result<Event, Refusal> {
    let Reply { to, kind, text, nonce, data, parent: id } = reply;
    if let Target::User(nickname) = &to
        && !is_with(context, parent, nickname)
    {
        return Err(Refusal::NoSuchMessage(id));
    }
    let content = Content { kind, text, data, reply_to: Some(parent.into()) };
    say(context, &to, content, nonce)
}

/// Returns true if a private message of the user is one to or from a user of this nickname, or from
/// the account of that user.
fn is_with(context: &CommandContext<'_>, message: &Message, nickname: &Nickname) -> bool {
    let Target::User(to) = &message.target else { return false };
    if context.user().is_some_and(|user| user.has_sent(message)) && to == nickname {
        return true;
    }
    let account = message.sender.user().and_then(|sender| sender.account.as_ref());
    let state = &*context.state;
    let online = state.user_named(nickname).map(|(_, user)| user.account().cloned());
    let other = online.unwrap_or_else(|| state.logins.named(nickname));
    message.sender.is_named(nickname) || account.is_some() && account == other.as_ref()
}
