//! Continues the user of a client that has lost its connection.

use super::context::CommandContext;
use super::join;
use crate::queries::{self, Reader};
use crate::state::{State, Waiting};
use crate::{
    Answer, ChannelName, Event, MessageId, Query, Question, Record, ResumePoint, SessionId, UserId,
};
use alloc::vec::Vec;

/// Joins the channels that the user's account has stayed in while it was offline.
pub(super) fn rejoin(context: &mut CommandContext<'_>) {
    let Some(account) = context.info.account.clone() else { return };
    for name in context.state.memberships(&account) {
        if join::rejoin(context, &name).is_err() && is_banned(context, &name) {
            let account = account.clone();
            context.record(Record::ChannelLeft { channel: name, account });
        }
    }
}

fn is_banned(context: &CommandContext<'_>, name: &ChannelName) -> bool {
    let channel = context.state.durable.channels.get(name);
    channel.is_some_and(|channel| join::is_banned(context, channel))
}

/// Returns true if the engine has every message after the last one that the client has received.
fn is_possible(context: &CommandContext<'_>, point: ResumePoint) -> bool {
    let durable = &context.state.durable;
    if point.epoch != durable.epoch() || point.id > durable.last_message() {
        return false;
    }
    let reader = Reader::of(context.state, context.user);
    reader.is_some_and(|reader| {
        queries::knows_changes(reader, point.id)
            && (context.state.config.older_history || queries::is_in_memory(reader, point.id))
    })
}

/// Sends a session the messages that its client has missed, if the engine has all of them. Returns
/// whether it has.
pub(super) fn resume(
    context: &mut CommandContext<'_>,
    session: SessionId,
    point: ResumePoint,
) -> bool {
    let possible = is_possible(context, point);
    if possible {
        send_missed(context, session, point);
    }
    possible
}

/// Sends a session the first page of the messages that its client has missed, or asks the host for
/// them.
fn send_missed(context: &mut CommandContext<'_>, session: SessionId, point: ResumePoint) {
    let Some(reader) = Reader::of(context.state, context.user) else { return };
    let query = Query::Missed { after: point.id, limit: usize::MAX };
    match queries::question(reader, &query) {
        Ok(Some(question)) => {
            let waiting = Waiting::Resume { after: point.id, question: question.clone() };
            context.state.ask(context.out, (session, None), question, waiting);
        }
        Ok(None) | Err(_) => {
            let missed = queries::answer(reader, &query).unwrap_or_else(|_| unavailable());
            let missed = with_changes(reader, point.id, missed);
            context.out.deliver(&[session], &[], || missed);
        }
    }
}

/// Completes a resumption for which the host was asked.
pub(super) fn answered(
    state: &State,
    user: UserId,
    (after, question): (MessageId, &Question),
    answer: Answer,
) -> Event {
    let query = Query::Missed { after, limit: usize::MAX };
    let missed = queries::answered(state, user, (&query, question), answer);
    let missed = missed.unwrap_or_else(|_| unavailable());
    match Reader::of(state, user) {
        Some(reader) => with_changes(reader, after, missed),
        None => missed,
    }
}

/// Adds the changes of messages that the client has received.
fn with_changes(reader: Reader<'_>, received: MessageId, mut missed: Event) -> Event {
    if let Event::Missed { changed, .. } = &mut missed {
        *changed = queries::changes(reader, received);
    }
    missed
}

/// Returns an empty page, so that the client asks for the messages itself.
fn unavailable() -> Event {
    Event::Missed { messages: Vec::new(), more: true, changed: Vec::new() }
}
