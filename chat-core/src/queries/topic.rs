//! Reads a channel's topic.

use super::reader::Reader;
use crate::{ChannelName, Event, QueryResult};

pub(super) fn show(reader: Reader<'_>, channel: &ChannelName) -> QueryResult {
    let (channel, found) = reader.channel(channel)?;
    Ok(Event::TopicShown { channel, topic: found.topic.clone() })
}
