//! Reads the pinned messages of a channel.

use super::reader::Reader;
use crate::{ChannelName, Event, QueryResult, Refusal};

pub(super) fn read(reader: Reader<'_>, channel: &ChannelName) -> QueryResult {
    let (channel, found) = reader.channel(channel)?;
    if !reader.is_in(found) {
        return Err(Refusal::NotInChannel(channel));
    }
    let oldest = reader.state.oldest_readable_in(found);
    let readable = found.pins.iter().filter(|message| message.at >= oldest);
    Ok(Event::PinsShown { channel, messages: readable.cloned().collect() })
}
