//! Answers queries.

use super::reader::Reader;
use super::{
    audit_log, channels, counts, history, invitations, list, missed, modes, pins, playback,
    private_history, reports, search, server_bans, targets, topic, user, users, was_here,
};
use crate::commands::check;
use crate::durable::Stored;
use crate::state::State;
use crate::{Checked, Query, QueryResult, Refusal, SessionId};

/// Answers a query that the host makes for a session, whose names are not parsed yet.
pub(crate) fn from_host(state: &State, session: SessionId, query: Query) -> QueryResult {
    let user = state.sessions.get(&session).and_then(|open| open.user());
    let reader = user.and_then(|user| Reader::of(state, user)).ok_or(Refusal::NotIdentified)?;
    let query = check::check_query(state, Some(reader.id), query)?;
    answer(reader, &query)
}

/// Answers a query from memory.
pub(crate) fn answer(reader: Reader<'_>, query: &Query<Checked>) -> QueryResult {
    complete(reader, query, None)
}

/// Answers a query from memory, and from the messages of the host's store if it was asked for them.
pub(super) fn complete(
    reader: Reader<'_>,
    query: &Query<Checked>,
    stored: Option<Stored>,
) -> QueryResult {
    match query {
        Query::History { channel, range, limit } => {
            history::read(reader, channel, *range, *limit, stored)
        }
        Query::Playback { of, range, event, limit } => {
            let part = playback::Part { range: *range, event: *event, limit: *limit };
            playback::read(reader, of, part, stored)
        }
        Query::PrivateHistory { nickname, range, limit } => {
            private_history::read(reader, nickname, *range, *limit, stored)
        }
        Query::Missed { after, limit } => Ok(missed::read(reader, *after, *limit)),
        Query::Targets { after, before, limit } => {
            Ok(targets::list(reader, (*after, *before), *limit))
        }
        Query::Search(query) => search::in_memory(reader, query),
        Query::Users { channel, after, limit } => {
            users::list(reader, channel.as_ref(), after.as_ref(), *limit)
        }
        Query::Channels { after, limit } => Ok(channels::list(reader, after.as_ref(), *limit)),
        Query::Counts => Ok(counts::show(reader)),
        Query::Pins { channel } => pins::read(reader, channel),
        Query::Topic { channel } => topic::show(reader, channel),
        Query::Modes { channel } => modes::show(reader, channel),
        Query::List { channel, list, offset, limit } => {
            list::show(reader, channel, *list, *offset, *limit)
        }
        Query::AuditLog { older_than, limit } => audit_log::show(reader, *older_than, *limit),
        Query::Reports { after, limit } => reports::show(reader, *after, *limit),
        Query::ServerBans { offset, limit } => server_bans::show(reader, *offset, *limit),
        Query::Invitations => Ok(invitations::list(reader)),
        Query::User { nickname } => user::show(reader, nickname),
        Query::WasHere { nickname, limit } => Ok(was_here::show(reader, nickname, *limit)),
    }
}
