//! Reads a list of a channel, such as its bans. Every member may read them.

use super::reader::Reader;
use crate::{ChannelName, Event, List, QueryResult};

pub(super) fn show(
    reader: Reader<'_>,
    channel: &ChannelName,
    list: List,
    offset: usize,
    limit: usize,
) -> QueryResult {
    let (channel, found, _) = reader.state.joined_channel(channel, reader.user.nickname())?;
    let entries = found.list(list).entries();
    let rest = entries.get(offset..).unwrap_or_default();
    let limit = limit.min(reader.state.config.listing);
    let page = &rest[..limit.min(rest.len())];
    let (count, more) = (entries.len(), page.len() < rest.len());
    Ok(Event::ListShown { channel, list, entries: page.to_vec(), count, more })
}
