//! Lists channels.

use super::reader::Reader;
use crate::{ChannelEntry, ChannelName, Event};
use alloc::vec::Vec;

pub(super) fn list(reader: Reader<'_>, after: Option<&ChannelName>, limit: usize) -> Event {
    let state = reader.state;
    let is_after = |name: &&ChannelName| after.is_none_or(|after| *name > after);
    let is_secret = |name: &&ChannelName| !state.public_channels.contains(name);
    // A user is in few channels, and few of them are secret.
    let secret: Vec<&ChannelName> = reader.user.channels.iter().filter(is_secret).collect();
    let count = state.public_channels.len() + secret.len();

    let mut public = state.public_channels.after(after).peekable();
    let mut secret = secret.into_iter().filter(is_after).peekable();
    let mut next = || match (public.peek(), secret.peek()) {
        (Some(one), Some(other)) if other < one => secret.next(),
        (None, Some(_)) => secret.next(),
        (Some(_) | None, _) => public.next(),
    };
    let mut channels = Vec::new();
    let limit = limit.min(state.config.listing);
    let more = loop {
        let Some(name) = next() else { break false };
        if channels.len() == limit {
            break true;
        }
        let Some((name, channel)) = state.durable.channels.get_key_value(name) else { continue };
        channels.push(ChannelEntry {
            name: name.clone(),
            topic: channel.topic.as_ref().map(|topic| topic.text.clone()),
            topic_set: channel.topic.as_ref().map(|topic| topic.at),
            created: channel.created,
            members: channel.presence.members.len(),
        });
    };
    Event::Channels { channels, count, more }
}
