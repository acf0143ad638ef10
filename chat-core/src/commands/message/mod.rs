//! Commands about messages that were said before.

mod change;
mod delete;
mod edit;
mod find;
mod pin;
mod react;
mod reply;

pub(super) use edit::check_text;
pub(super) use reply::{answered as reply_answered, reply};

use super::context::CommandContext;
use crate::effect::EffectBuffer;
use crate::state::{State, Waiting};
use crate::{
    Answer, Checked, Event, Message, MessageAction, MessageCommand, Question, Refusal, RequestId,
    SessionId, UserId,
};
use alloc::boxed::Box;
use alloc::sync::Arc;

/// Carries out a command about a message. Returns no event if the host is asked for the message
/// first; then [`answered`] replies.
pub(super) fn run(
    context: &mut CommandContext<'_>,
    (session, request): (SessionId, &Option<RequestId>),
    command: MessageCommand<Checked>,
) -> Result<Option<Event>, Refusal> {
    if let Some(message) = find::in_memory(context, (&command).into())? {
        return act(context, &message, command.action).map(Some);
    }
    let question = find::question(context, (&command).into())?;
    let open = context.state.sessions.get(&session);
    if open.is_none_or(|open| open.question().is_some()) {
        return Err(Refusal::HistoryUnavailable);
    }
    let asked = question.clone();
    let waiting = Waiting::Message { command: Box::new(command), question: asked };
    context.state.ask(context.out, (session, request.clone()), question, waiting);
    Ok(None)
}

/// Completes a command that has waited for a message of the host's store. The permissions are
/// checked again, because the user may have left the channel meanwhile.
pub(super) fn answered(
    state: &mut State,
    out: &mut EffectBuffer,
    (session, user): (SessionId, UserId),
    (command, question): (MessageCommand<Checked>, &Question),
    answer: Answer,
) -> Result<Event, Refusal> {
    let context = &mut CommandContext::of(state, out, Some(session), user)?;
    let message = match find::in_memory(context, (&command).into())? {
        Some(message) => message,
        None => find::in_answer(context, (&command).into(), question, answer)?,
    };
    act(context, &message, command.action)
}

fn act(
    context: &mut CommandContext<'_>,
    message: &Arc<Message>,
    action: MessageAction<Checked>,
) -> Result<Event, Refusal> {
    if message.deletion().is_some() {
        return Err(Refusal::NoSuchMessage(message.id));
    }
    match action {
        MessageAction::Delete { reason } => delete::delete(context, message, reason),
        MessageAction::Edit { text } => edit::edit(context, message, text),
        MessageAction::Pin { pinned } => pin::pin(context, message, pinned),
        MessageAction::React { emoji, remove } => react::react(context, message, emoji, remove),
    }
}
