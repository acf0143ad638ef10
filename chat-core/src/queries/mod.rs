//! The look-ups, one file each: required rights, and answers. They read the state and change
//! nothing.

mod channels;
mod history;
mod invitations;
mod list;
mod modes;
mod private_history;
mod reader;
mod topic;
mod user;
mod users;
mod was_here;

pub(crate) use reader::Reader;

use crate::commands::check;
use crate::state::State;
use crate::{Checked, Query, QueryResult, Refusal, SessionId};

/// Answers a query of a session, whose names are not parsed yet.
pub(crate) fn ask(state: &State, session: SessionId, query: Query) -> QueryResult {
    let user = state.sessions.get(&session).and_then(|open| open.user());
    let reader = user.and_then(|user| Reader::of(state, user)).ok_or(Refusal::NotIdentified)?;
    let query = check::check_query(state, Some(reader.id), query)?;
    answer(reader, &query)
}

/// Answers a query from memory.
pub(crate) fn answer(reader: Reader<'_>, query: &Query<Checked>) -> QueryResult {
    match query {
        Query::History { channel, range, limit } => history::read(reader, channel, *range, *limit),
        Query::PrivateHistory { nickname, range, limit } => {
            private_history::read(reader, nickname, *range, *limit)
        }
        Query::Users { channel, after, limit } => {
            users::list(reader, channel.as_ref(), after.as_ref(), *limit)
        }
        Query::Channels { after, limit } => Ok(channels::list(reader, after.as_ref(), *limit)),
        Query::Topic { channel } => topic::show(reader, channel),
        Query::Modes { channel } => modes::show(reader, channel),
        Query::List { channel, list, offset, limit } => {
            list::show(reader, channel, *list, *offset, *limit)
        }
        Query::Invitations => Ok(invitations::list(reader)),
        Query::User { nickname } => user::show(reader, nickname),
        Query::WasHere { nickname, limit } => Ok(was_here::show(reader, nickname, *limit)),
    }
}
