//! Keeps events, which clients read with the messages.

use super::State;
use crate::{ChannelName, Event, ModeChange, PlaybackEvent, Signal, UserId};
use alloc::sync::Arc;

impl State {
    /// Keeps an event of a channel, if [events are kept](crate::Config::events_per_channel).
    pub(crate) fn keep_event(&mut self, name: &ChannelName, event: impl FnOnce() -> Event) {
        if self.config.events_per_channel > 0 && self.durable.channels.contains_key(name) {
            let event = Arc::new(self.playback_event(event()));
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
        let (event, largest) = (Arc::new(self.playback_event(event())), self.config.announce_up_to);
        for name in channels {
            self.push_event(&name, Arc::clone(&event), largest);
        }
    }

    /// Keeps a signal to a channel.
    pub(crate) fn keep_signal(&mut self, name: &ChannelName, signal: &Arc<Signal>) {
        if signal.data.is_kept() {
            self.keep_event(name, || Event::Signalled(signal.clone()));
        }
    }

    /// Keeps a private signal for those of both users who have an account: others have no private
    /// history.
    pub(crate) fn keep_private_signal(&mut self, users: [UserId; 2], signal: &Arc<Signal>) {
        let limit = self.config.events_per_channel;
        if limit == 0 || !signal.data.is_kept() {
            return;
        }
        let event = Arc::new(self.playback_event(Event::Signalled(signal.clone())));
        let [first, second] = users;
        for id in [Some(first), (first != second).then_some(second)].into_iter().flatten() {
            if let Some(user) = self.users.get_mut(&id).filter(|user| user.account().is_some()) {
                user.keep_signal(event.clone(), limit);
            }
        }
    }

    /// Adds the time and place to an event.
    fn playback_event(&self, event: Event) -> PlaybackEvent<Event> {
        PlaybackEvent {
            at: self.now,
            after: self.durable.last_message(),
            event: without_key(event),
        }
    }

    /// Keeps an event of a channel with at most `largest` members.
    fn push_event(&mut self, name: &ChannelName, event: Arc<PlaybackEvent<Event>>, largest: usize) {
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
