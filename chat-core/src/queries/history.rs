//! Reads a channel's history.

use super::reader::Reader;
use crate::{ChannelName, Event, HistoryRange, QueryResult};

pub(super) fn read(
    reader: Reader<'_>,
    channel: &ChannelName,
    range: HistoryRange,
    limit: usize,
) -> QueryResult {
    let (channel, found, _) = reader.state.joined_channel(channel, reader.user.nickname())?;
    let limit = limit.min(reader.state.config.history_page);
    let (messages, more) = found.history.page(range, limit);
    Ok(Event::History { channel, messages, more })
}
