//! Reads a channel's history.

use super::reader::Reader;
use crate::durable::Stored;
use crate::{ChannelName, Event, HistoryRange, QueryResult, Question, Refusal, Target};

pub(super) fn read(
    reader: Reader<'_>,
    channel: &ChannelName,
    range: HistoryRange,
    limit: usize,
    stored: Option<Stored>,
) -> QueryResult {
    let (channel, found, _) = reader.joined_channel(channel)?;
    // A host that mixes up its channels shows nobody the messages of another one.
    let is_here = |target: &Target| matches!(target, Target::Channel(name) if *name == channel);
    let stored = stored.map(|stored| stored.retain(|message| is_here(&message.target)));
    let oldest = reader.state.oldest_readable_in(found);
    let (messages, more) = reader.page(&found.history, oldest, range, limit, stored);
    Ok(Event::History { channel, messages, more })
}

/// Returns the question to the host if the page reaches beyond the messages in memory.
pub(super) fn question(
    reader: Reader<'_>,
    channel: &ChannelName,
    range: HistoryRange,
    limit: usize,
) -> Result<Option<Question>, Refusal> {
    let (channel, found, _) = reader.joined_channel(channel)?;
    let (id, limit) = (found.id, reader.history_limit(limit));
    let oldest = reader.state.oldest_readable_in(found);
    let asks = found.history.since(oldest).ends_before(range, limit);
    Ok(asks.then_some(Question::History { channel, id, range, limit }))
}
