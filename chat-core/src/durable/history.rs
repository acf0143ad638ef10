//! A channel's history of messages.

use crate::{HistoryRange, Message};
use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// The last messages of a channel, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct History(VecDeque<Arc<Message>>);

impl History {
    /// Adds a message, and removes the oldest ones above `limit`.
    #[inline(always)]
    pub(crate) fn push(&mut self, message: Arc<Message>, limit: usize) {
        if limit == 0 {
            return;
        }
        while self.0.len() >= limit {
            self.0.pop_front();
        }
        self.0.push_back(message);
    }

    /// Returns the messages that `keep` returns true for.
    pub(crate) fn filter(&self, keep: impl Fn(&Message) -> bool) -> Self {
        Self(self.0.iter().filter(|message| keep(message)).cloned().collect())
    }

    /// Returns at most `limit` messages of a range, oldest first, and whether there are more in its
    /// direction. The messages around another have both directions.
    pub(crate) fn page(&self, range: HistoryRange, limit: usize) -> (Vec<Arc<Message>>, bool) {
        let (start, end) = match range {
            HistoryRange::Latest => (0, self.0.len()),
            HistoryRange::Before(id) => (0, self.0.partition_point(|message| message.id < id)),
            HistoryRange::After(id) => {
                (self.0.partition_point(|message| message.id <= id), self.0.len())
            }
            HistoryRange::Around(id) => {
                let at = self.0.partition_point(|message| message.id < id);
                let start = at.saturating_sub(limit / 2);
                let kept = start..self.0.len().min(start.saturating_add(limit));
                let more = kept.len() < self.0.len();
                return (self.0.range(kept).cloned().collect(), more);
            }
        };
        let more = end - start > limit;
        let kept = match range {
            HistoryRange::Latest | HistoryRange::Before(_) => {
                end.saturating_sub(limit).max(start)..end
            }
            HistoryRange::After(_) | HistoryRange::Around(_) => {
                start..end.min(start.saturating_add(limit))
            }
        };
        (self.0.range(kept).cloned().collect(), more)
    }
}
