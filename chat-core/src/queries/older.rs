//! Asks the host for messages that are no longer in memory.

use super::answer::complete;
use super::reader::Reader;
use super::{history, missed, playback, private_history, search};
use crate::durable::Stored;
use crate::effect::EffectBuffer;
use crate::state::{State, Waiting};
use crate::{
    Answer, Checked, MissedChannel, MissedRequest, Query, QueryResult, Question, Refusal,
    RequestId, SessionId, UserId,
};

/// Returns the question to the host if a query needs messages that are no longer in memory, and the
/// host has a store. The permissions are checked first.
pub(crate) fn question(
    reader: Reader<'_>,
    query: &Query<Checked>,
) -> Result<Option<Question>, Refusal> {
    match query {
        _ if !reader.state.config.older_history => Ok(None),
        Query::History { channel, range, limit } => {
            history::question(reader, channel, *range, *limit)
        }
        Query::Playback { of, range, event, limit } => {
            let part = playback::Part { range: *range, event: *event, limit: *limit };
            playback::question(reader, of, part)
        }
        Query::PrivateHistory { nickname, range, limit } => {
            private_history::question(reader, nickname, *range, *limit)
        }
        Query::Missed { after, limit } => Ok(missed::question(reader, *after, *limit)),
        Query::Search(query) => search::question(reader, query).map(Some),
        Query::Targets { .. }
        | Query::Users { .. }
        | Query::Channels { .. }
        | Query::Counts
        | Query::Topic { .. }
        | Query::Pins { .. }
        | Query::Modes { .. }
        | Query::List { .. }
        | Query::Invitations
        | Query::ServerBans { .. }
        | Query::AuditLog { .. }
        | Query::Reports { .. }
        | Query::User { .. }
        | Query::WasHere { .. } => Ok(None),
    }
}

/// Asks the host, and lets the query of the session wait for the answer. Refuses if the session has
/// a question already.
pub(crate) fn ask(
    state: &mut State,
    out: &mut EffectBuffer,
    session: SessionId,
    request: Option<RequestId>,
    (query, question): (Query<Checked>, Question),
) -> Result<(), Refusal> {
    let open = state.sessions.get(&session);
    if open.is_none_or(|open| open.asked.is_some()) {
        return Err(Refusal::HistoryUnavailable);
    }
    let waiting = Waiting::Query { query, question: question.clone() };
    state.ask(out, (session, request), question, waiting);
    Ok(())
}

/// Answers a query that has waited for the host. The permissions are checked again, because the
/// user may have left the channel meanwhile.
pub(crate) fn answered(
    state: &State,
    user: UserId,
    (query, question): (&Query<Checked>, &Question),
    answer: Answer,
) -> QueryResult {
    let reader = Reader::of(state, user).ok_or(Refusal::NotIdentified)?;
    reply(reader, (query, question), answer)
}

fn reply(
    reader: Reader<'_>,
    (query, question): (&Query<Checked>, &Question),
    answer: Answer,
) -> QueryResult {
    // Another channel of the same name, or another account, has another history.
    if !is_same_history(reader, question)? {
        return Err(Refusal::HistoryUnavailable);
    }
    if let (Query::Missed { after, limit }, Question::Missed(request)) = (query, question)
        && let Answer::Messages { messages, more } = answer
    {
        let stored = Stored { messages, more };
        return Ok(missed::read_stored(reader, (*after, *limit), request, stored));
    }
    match answer {
        Answer::Messages { messages, more } if !matches!(query, Query::Search(_)) => {
            complete(reader, query, Some(Stored { messages, more }))
        }
        Answer::Found { messages, next } => {
            let (Query::Search(query), Question::Search(request)) = (query, question) else {
                return Err(Refusal::HistoryUnavailable);
            };
            search::in_store(reader, query, request, messages, next)
        }
        Answer::Refused(reason) => Err(Refusal::Forbidden(reason.single_line())),
        Answer::Messages { .. }
        | Answer::Account(_)
        | Answer::Guest
        | Answer::Password { .. }
        | Answer::Challenge { .. }
        | Answer::PasswordRefused(_)
        | Answer::Unavailable => Err(Refusal::HistoryUnavailable),
    }
}

/// Returns true if a question is still about the history that the query asks for.
fn is_same_history(reader: Reader<'_>, question: &Question) -> Result<bool, Refusal> {
    Ok(match question {
        Question::History { channel, id, .. } => reader.joined_channel(channel)?.1.id == *id,
        Question::PrivateHistory { account, .. } => reader.user.account() == Some(account),
        Question::Missed(request) => is_same_missed(reader, request),
        // The messages that the user may read are selected from the answer.
        Question::Search(_) => true,
        Question::Authenticate { .. }
        | Question::Message(_)
        | Question::Register { .. }
        | Question::CheckPassword { .. }
        | Question::Exchange { .. } => false,
    })
}

/// Returns true if no channel of a question was replaced by another one of the same name.
fn is_same_missed(reader: Reader<'_>, request: &MissedRequest) -> bool {
    let channels = &reader.state.durable.channels;
    let is_same = |asked: &MissedChannel| {
        channels.get(&asked.channel).is_none_or(|channel| channel.id == asked.id)
    };
    let account = request.mailbox.as_ref().map(|(account, _)| account);
    request.channels.iter().all(is_same)
        && account.is_none_or(|account| reader.user.account() == Some(account))
}
