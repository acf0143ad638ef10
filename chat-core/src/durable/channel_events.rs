//! The last events of a channel.

use crate::{ChannelEvent, Event, EventKey, Timestamp};
use alloc::collections::VecDeque;
use alloc::sync::Arc;

/// The last events of a channel that its members were told of, oldest first. They are not durable.
#[derive(Clone, Debug, Default)]
pub(crate) struct ChannelEvents(VecDeque<Arc<ChannelEvent<Event>>>);

impl ChannelEvents {
    /// Adds an event, and removes the oldest ones above `limit`.
    pub(crate) fn push(&mut self, event: Arc<ChannelEvent<Event>>, limit: usize) {
        while self.0.len() >= limit {
            if self.0.pop_front().is_none() {
                return;
            }
        }
        self.0.push_back(event);
    }

    /// Returns all events.
    pub(crate) fn all(&self) -> &VecDeque<Arc<ChannelEvent<Event>>> {
        &self.0
    }

    /// Returns the place of the last event of this key and time.
    pub(crate) fn find(&self, at: Timestamp, key: EventKey) -> Option<usize> {
        let end = self.0.partition_point(|event| event.at <= at);
        let same_time = (0..end).rev().take_while(|&index| self.0[index].at == at);
        same_time.into_iter().find(|&index| self.0[index].event.key() == Some(key))
    }
}
