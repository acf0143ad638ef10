//! Lists channels.

use super::context::CommandContext;
use crate::{ChannelEntry, Event};

pub(super) fn list(context: &CommandContext<'_>) -> Event {
    let visible = context
        .state
        .durable
        .channels
        .iter()
        .filter(|(_, channel)| !channel.modes.secret || context.is_in(channel));
    let mut channels = alloc::vec::Vec::new();
    let mut omitted = 0;
    for (name, channel) in visible {
        if channels.len() == context.state.config.listing {
            omitted += 1;
            continue;
        }
        channels.push(ChannelEntry {
            name: name.clone(),
            topic: channel.topic.as_ref().map(|topic| topic.text.clone()),
            members: channel.presence.members.len(),
        });
    }
    Event::Channels { channels, omitted }
}
