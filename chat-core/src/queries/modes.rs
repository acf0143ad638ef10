//! Reads a channel's modes.

use super::reader::Reader;
use crate::{ChannelName, Event, QueryResult};

pub(super) fn show(reader: Reader<'_>, channel: &ChannelName) -> QueryResult {
    let (channel, found) = reader.channel(channel)?;
    let mut modes = found.modes.clone();
    if !reader.is_in(found) {
        modes.key = None;
    }
    Ok(Event::ModesShown { channel, modes, created: found.created })
}
