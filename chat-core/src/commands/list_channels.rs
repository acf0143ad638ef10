//! Listing which channels there are.

use super::turn::Turn;
use crate::{ChannelEntry, Event};

pub(super) fn list(turn: &Turn<'_>) -> Event {
    let visible = turn
        .state
        .channels
        .iter()
        .filter(|(_, channel)| !channel.modes.secret || turn.is_in(channel));
    let mut channels = alloc::vec::Vec::new();
    let mut omitted = 0;
    for (name, channel) in visible {
        if channels.len() == turn.state.config.listing {
            omitted += 1;
            continue;
        }
        channels.push(ChannelEntry {
            name: name.clone(),
            topic: channel.topic.as_ref().map(|topic| topic.text.clone()),
            members: channel.members.len(),
        });
    }
    Event::Channels { channels, omitted }
}
