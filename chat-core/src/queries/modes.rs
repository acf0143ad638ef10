//! Reads a channel's modes and application data.

use super::reader::Reader;
use crate::{AppData, ChannelName, Event, QueryResult};

pub(super) fn show(reader: Reader<'_>, channel: &ChannelName) -> QueryResult {
    let (channel, found) = reader.channel(channel)?;
    let mut modes = found.modes.clone();
    let mut data = AppData::default();
    if reader.is_in(found) {
        data = found.data.clone();
    } else {
        modes.key = None;
    }
    Ok(Event::ModesShown { channel, modes, created: found.created, data })
}
