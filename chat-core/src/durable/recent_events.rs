//! The last events of a channel or of a user.

use crate::{Event, EventKey, PlaybackEvent, Timestamp};
use alloc::collections::VecDeque;
use alloc::sync::Arc;

/// The last events that the members of a channel, or a user, were told of, oldest first. They are
/// not durable.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct RecentEvents(VecDeque<Arc<PlaybackEvent<Event>>>);

impl RecentEvents {
    pub(crate) const NONE: Self = Self(VecDeque::new());

    /// Adds an event, and removes the oldest ones above `limit`.
    pub(crate) fn push(&mut self, event: Arc<PlaybackEvent<Event>>, limit: usize) {
        while self.0.len() >= limit {
            if self.0.pop_front().is_none() {
                return;
            }
        }
        self.0.push_back(event);
    }

    /// Returns the events of a kind.
    pub(crate) fn filter(&self, keep: impl Fn(&Event) -> bool) -> Self {
        Self(self.0.iter().filter(|kept| keep(&kept.event)).cloned().collect())
    }

    /// Returns all events.
    pub(crate) fn all(&self) -> &VecDeque<Arc<PlaybackEvent<Event>>> {
        &self.0
    }

    /// Returns the place of the last event of this key and time.
    pub(crate) fn find(&self, at: Timestamp, key: EventKey) -> Option<usize> {
        let end = self.0.partition_point(|event| event.at <= at);
        let same_time = (0..end).rev().take_while(|&index| self.0[index].at == at);
        same_time.into_iter().find(|&index| self.0[index].event.key() == Some(key))
    }
}
