//! Keeps the events of channels, which clients read with the messages.

use super::State;
use crate::{ChannelEvent, ChannelName, Event, ModeChange, UserId};
use alloc::sync::Arc;

impl State {
    /// Keeps an event of a channel, if [events are kept](crate::Config::events_per_channel).
    pub(crate) fn keep_event(&mut self, name: &ChannelName, event: impl FnOnce() -> Event) {
        if self.config.events_per_channel > 0 && self.durable.channels.contains_key(name) {
            let event = Arc::new(self.channel_event(event()));
            self.push_event(name, event, usize::MAX);
        }
    }

    /// Does the same for an event that a channel with too many members is not
    /// [told](crate::Config::announce_up_to) of.
    pub(crate) fn keep_announcement(&mut self, name: &ChannelName, event: impl FnOnce() -> Event) {
        let channel = self.durable.channels.get(name);
        let members = channel.map_or(0, |channel| channel.presence.members.len());
        if members <= self.config.announce_up_to {
            self.keep_event(name, event);
        }
    }

    /// Does the same for an event that all channels of a user are told of. They share it.
    pub(crate) fn keep_in_channels_of(&mut self, id: UserId, event: impl FnOnce() -> Event) {
        if self.config.events_per_channel == 0 {
            return;
        }
        let channels = self.user(id).map(|user| user.channels.to_vec()).unwrap_or_default();
        if channels.is_empty() {
            return;
        }
        let (event, largest) = (Arc::new(self.channel_event(event())), self.config.announce_up_to);
        for name in channels {
            self.push_event(&name, Arc::clone(&event), largest);
        }
    }

    /// Adds the time and place to an event.
    fn channel_event(&self, event: Event) -> ChannelEvent<Event> {
        ChannelEvent { at: self.now, after: self.durable.last_message(), event: without_key(event) }
    }

    /// Keeps an event of a channel with at most `largest` members.
    fn push_event(&mut self, name: &ChannelName, event: Arc<ChannelEvent<Event>>, largest: usize) {
        let limit = self.config.events_per_channel;
        if let Some(channel) = self.durable.channels.get_mut(name)
            && channel.presence.members.len() <= largest
        {
            channel.presence.events.push(event, limit);
        }
    }
}

/// Removes the key of a channel, which later members need not know.
fn without_key(mut event: Event) -> Event {
    if let Event::ModesChanged { changes, modes, .. } = &mut event {
        modes.key = None;
        for change in changes {
            if let ModeChange::Key(Some(key)) = change {
                *key = "*".into();
            }
        }
    }
    event
}
