//! A channel's history of messages.

use crate::{HistoryRange, Message, MessageId, Timestamp};
use alloc::borrow::Cow;
use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// A page of messages from the store of a host.
pub(crate) struct Stored {
    pub(crate) messages: Vec<Arc<Message>>,
    /// True if the store has more messages in the direction that was asked for.
    pub(crate) more: bool,
}

impl Stored {
    /// Drops the messages that `keep` returns false for.
    pub(crate) fn retain(mut self, keep: impl Fn(&Message) -> bool) -> Self {
        self.messages.retain(|message| keep(message));
        self
    }

    /// Drops the messages before `oldest`. Further ones beyond them are older still.
    pub(crate) fn since(mut self, oldest: Timestamp, range: HistoryRange) -> Self {
        let len = self.messages.len();
        self.messages.retain(|message| message.at >= oldest);
        if self.messages.len() < len {
            self.more &= !range.is_backwards();
        }
        self
    }
}

/// The last messages of a channel, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct History(VecDeque<Arc<Message>>);

/// The messages of a history that clients may read.
pub(crate) struct Readable<'a> {
    history: Cow<'a, History>,
    /// True if there are older messages, which are not readable. Those of a store that are older
    /// than all in memory are not readable either.
    has_expired: bool,
}

impl Readable<'_> {
    /// Returns true if a page may need messages that are older than all in memory.
    pub(crate) fn ends_before(&self, range: HistoryRange, limit: usize) -> bool {
        !self.has_expired && self.history.ends_before(range, limit)
    }

    /// Returns true if a store may have readable messages that are older than all in memory.
    pub(crate) fn may_have_older(&self) -> bool {
        !self.has_expired
    }

    /// Returns true if older messages have expired.
    pub(crate) fn has_expired(&self) -> bool {
        self.has_expired
    }

    /// Does the same as [`History::page`].
    pub(crate) fn page(&self, range: HistoryRange, limit: usize) -> (Vec<Arc<Message>>, bool) {
        self.history.page(range, limit)
    }

    /// Does the same as [`History::page_with`], with messages of a store that are readable.
    pub(crate) fn page_with(
        &self,
        stored: Stored,
        range: HistoryRange,
        limit: usize,
    ) -> (Vec<Arc<Message>>, bool) {
        self.history.page_with(stored, range, limit)
    }
}

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

    /// Returns the number of messages.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns the oldest messages, at most `count`.
    pub(crate) fn oldest(&self, count: usize) -> impl Iterator<Item = &Arc<Message>> {
        self.0.iter().take(count)
    }

    /// Replaces the message of the same id, if there is one.
    pub(crate) fn replace(&mut self, message: &Arc<Message>) {
        let at = self.0.partition_point(|known| known.id < message.id);
        if let Some(known) = self.0.get_mut(at).filter(|known| known.id == message.id) {
            known.clone_from(message);
        }
    }

    /// Returns the message of an id.
    pub(crate) fn get(&self, id: MessageId) -> Option<&Arc<Message>> {
        let at = self.0.partition_point(|message| message.id < id);
        self.0.get(at).filter(|message| message.id == id)
    }

    /// Returns the messages with an id below `bound`, newest first.
    pub(crate) fn newest_first(
        &self,
        bound: Option<MessageId>,
    ) -> impl Iterator<Item = &Arc<Message>> {
        let end = bound.map(|bound| self.0.partition_point(|message| message.id < bound));
        self.0.range(..end.unwrap_or(self.0.len())).rev()
    }

    /// Returns the messages that `keep` returns true for.
    pub(crate) fn filter(&self, keep: impl Fn(&Message) -> bool) -> Self {
        Self(self.0.iter().filter(|message| keep(message)).cloned().collect())
    }

    /// Returns the messages that are not before `oldest`.
    pub(crate) fn since(&self, oldest: Timestamp) -> Readable<'_> {
        // Times grow with ids, so that the first message tells whether there are any.
        let has_expired = self.0.front().is_some_and(|first| first.at < oldest);
        let history = if has_expired {
            Cow::Owned(self.filter(|message| message.at >= oldest))
        } else {
            Cow::Borrowed(self)
        };
        Readable { history, has_expired }
    }

    /// Returns true if there may be messages after one, here or in a store.
    pub(crate) fn may_follow(&self, after: MessageId) -> bool {
        self.0.back().is_none_or(|last| last.id > after)
    }

    /// Returns true if messages after one may be older than all of these. A history of fewer than
    /// `reach` messages has lost none, and there is none between consecutive ids.
    pub(crate) fn ends_after(&self, after: MessageId, reach: usize) -> bool {
        let next = MessageId(after.0.saturating_add(1));
        self.0.len() >= reach && self.0.front().is_none_or(|first| first.id > next)
    }

    /// Returns true if a page may need messages that are older than all of these.
    fn ends_before(&self, range: HistoryRange, limit: usize) -> bool {
        let before = |id| self.0.partition_point(|message| message.id < id);
        let is_older = |id| self.0.front().is_none_or(|first| id < first.id);
        match range {
            HistoryRange::Latest => self.0.len() < limit,
            HistoryRange::Before(id) => before(id) < limit,
            HistoryRange::BeforeTime(at) => self.len_before_time(at) < limit,
            HistoryRange::After(id) => limit > 0 && is_older(id),
            // An older message may be later than the time.
            HistoryRange::AfterTime(at) => {
                limit > 0 && self.0.front().is_none_or(|first| at < first.at)
            }
            HistoryRange::Around(id) => limit > 0 && (is_older(id) || before(id) < limit / 2),
            HistoryRange::At(_) => {
                let before = self.len_before_middle(range);
                // An older message may be the first at that time or later.
                limit > 0 && (before == 0 || before < limit / 2)
            }
        }
    }

    /// Returns the page of a range, from these messages and those that a store has. Where both have
    /// a message of the same id, the one in memory counts.
    fn page_with(
        &self,
        Stored { messages, more }: Stored,
        range: HistoryRange,
        limit: usize,
    ) -> (Vec<Arc<Message>>, bool) {
        let newest_stored = messages.iter().map(|message| message.id).max();
        let ends_in_store = match range {
            HistoryRange::Latest | HistoryRange::Before(_) | HistoryRange::BeforeTime(_) => false,
            HistoryRange::After(_) | HistoryRange::AfterTime(_) => more,
            // The half from the message on is full. Otherwise, only older messages are left out.
            HistoryRange::Around(_) | HistoryRange::At(_) => {
                let newer = messages.iter().filter(|message| !range.is_after(message)).count();
                more && newer >= limit - limit / 2
            }
        };
        // Further messages of the store may lie between its page and those in memory.
        let has_gap = ends_in_store
            && self.0.front().is_some_and(|first| newest_stored.is_none_or(|id| id < first.id));
        let known = self.0.iter().filter(|_| !has_gap);
        let mut all: Vec<Arc<Message>> = known.cloned().chain(messages).collect();
        // The sort is stable, so that the first of equals is the one in memory.
        all.sort_by_key(|message| message.id);
        all.dedup_by_key(|message| message.id);
        let (page, is_cut) = Self(all.into()).page(range, limit);
        (page, more || is_cut)
    }

    /// Returns at most `limit` messages of a range, oldest first, and whether there are more in its
    /// direction. The messages around another, or around a time, have both directions.
    fn page(&self, range: HistoryRange, limit: usize) -> (Vec<Arc<Message>>, bool) {
        let (start, end) = match range {
            HistoryRange::Latest => (0, self.0.len()),
            HistoryRange::Before(id) => (0, self.0.partition_point(|message| message.id < id)),
            HistoryRange::BeforeTime(at) => (0, self.len_before_time(at)),
            HistoryRange::After(id) => {
                (self.0.partition_point(|message| message.id <= id), self.0.len())
            }
            HistoryRange::AfterTime(at) => {
                (self.0.partition_point(|message| message.at <= at), self.0.len())
            }
            HistoryRange::Around(_) | HistoryRange::At(_) => {
                let start = self.len_before_middle(range).saturating_sub(limit / 2);
                let kept = start..self.0.len().min(start.saturating_add(limit));
                let more = kept.len() < self.0.len();
                return (self.0.range(kept).cloned().collect(), more);
            }
        };
        let more = end - start > limit;
        let kept = if range.is_backwards() {
            end.saturating_sub(limit).max(start)..end
        } else {
            start..end.min(start.saturating_add(limit))
        };
        (self.0.range(kept).cloned().collect(), more)
    }

    /// Returns the number of messages that are earlier than a time.
    fn len_before_time(&self, at: Timestamp) -> usize {
        self.0.partition_point(|message| message.at < at)
    }

    /// Returns the number of messages before the middle of a range. Times grow with ids, because
    /// the engine's time never goes back.
    fn len_before_middle(&self, range: HistoryRange) -> usize {
        self.0.partition_point(|message| range.is_after(message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Nickname, Target, Text, UserInfo};
    use alloc::vec;

    /// Messages with the ids of a range. Two of them each have the same time.
    fn messages(ids: core::ops::RangeInclusive<u64>) -> History {
        let alice = Nickname::parse("alice").expect("a nickname");
        let sender = Arc::new(UserInfo::guest(alice.clone()));
        let message = |id| {
            let at = Timestamp::from_millis(id / 2);
            let target = Target::User(alice.clone());
            Arc::new(Message::new(MessageId(id), at, sender.clone(), target, Text::clean("hi")))
        };
        History(ids.map(message).collect())
    }

    fn ids(page: &(Vec<Arc<Message>>, bool)) -> Vec<u64> {
        page.0.iter().map(|message| message.id.0).collect()
    }

    #[test]
    fn pages_of_memory_and_a_store_are_those_of_the_whole_history() {
        let last = 9;
        let whole = messages(1..=last);
        // The store may lack the last messages, and memory the first ones.
        for (first_known, last_stored) in
            (1..=last + 1).flat_map(|first| (first - 1..=last).map(move |stored| (first, stored)))
        {
            let known = messages(first_known..=last);
            let store = messages(1..=last_stored);
            let ranges = (0..=last + 1).map(MessageId).flat_map(|id| {
                [
                    HistoryRange::Before(id),
                    HistoryRange::After(id),
                    HistoryRange::Around(id),
                    HistoryRange::At(Timestamp::from_millis(id.0)),
                    HistoryRange::BeforeTime(Timestamp::from_millis(id.0)),
                    HistoryRange::AfterTime(Timestamp::from_millis(id.0)),
                ]
            });
            for range in ranges.chain([HistoryRange::Latest]) {
                for limit in 0..=usize::try_from(last).expect("a small number") + 1 {
                    let expected = whole.page(range, limit);
                    let asks = known.ends_before(range, limit);
                    let page = if asks {
                        let (messages, more) = store.page(range, limit);
                        known.page_with(Stored { messages, more }, range, limit)
                    } else {
                        known.page(range, limit)
                    };
                    let case = (first_known, last_stored, range, limit);
                    assert_eq!(ids(&page), ids(&expected), "{case:?}");
                    if asks {
                        assert_eq!(page.1, expected.1, "{case:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn pages_have_no_expired_messages() {
        let last = 9;
        let whole = messages(1..=last);
        for (first_known, oldest) in
            (1..=last + 1).flat_map(|first| (0..=last / 2 + 1).map(move |oldest| (first, oldest)))
        {
            let oldest = Timestamp::from_millis(oldest);
            let known = messages(first_known..=last);
            let expected_whole = whole.filter(|message| message.at >= oldest);
            let ranges = (0..=last + 1).map(MessageId).flat_map(|id| {
                [
                    HistoryRange::Before(id),
                    HistoryRange::After(id),
                    HistoryRange::Around(id),
                    HistoryRange::BeforeTime(Timestamp::from_millis(id.0)),
                    HistoryRange::AfterTime(Timestamp::from_millis(id.0)),
                ]
            });
            for range in ranges.chain([HistoryRange::Latest]) {
                // A store that has not deleted anything, and one that has.
                for store in [messages(1..=last), expected_whole.clone()] {
                    let limit = usize::MAX;
                    let (expected, more) = expected_whole.page(range, limit);
                    let readable = known.since(oldest);
                    let page = if readable.ends_before(range, limit) {
                        let (messages, more) = store.page(range, limit);
                        let stored = Stored { messages, more }.since(oldest, range);
                        readable.page_with(stored, range, limit)
                    } else {
                        readable.page(range, limit)
                    };
                    assert_eq!(page, (expected, more), "{:?}", (first_known, oldest, range));
                }
            }
        }
    }

    #[test]
    fn page_ends_at_the_first_message_that_is_not_expired() {
        let (messages, more) = messages(1..=9).page(HistoryRange::Before(MessageId(8)), 4);
        assert!(more);
        let stored = Stored { messages, more };
        let stored = stored.since(Timestamp::from_millis(3), HistoryRange::Before(MessageId(8)));
        assert_eq!((ids(&(stored.messages, true)), stored.more), (vec![6, 7], false));
    }

    #[test]
    fn page_has_no_gap_between_a_store_and_memory() {
        let known = messages(8..=9);
        let (messages, more) = messages(1..=7).page(HistoryRange::After(MessageId(1)), 3);
        let stored = Stored { messages, more };
        let page = known.page_with(stored, HistoryRange::After(MessageId(1)), 5);
        assert_eq!((ids(&page), page.1), (vec![2, 3, 4], true));
    }

    #[test]
    fn message_in_memory_precedes_that_of_the_store() {
        let (known, stored) = (messages(2..=3), messages(1..=2));
        let known_two = known.0[0].clone();
        let stored = Stored { messages: stored.0.into(), more: false };
        let page = known.page_with(stored, HistoryRange::Latest, 5);
        assert_eq!(ids(&page), [1, 2, 3]);
        assert!(Arc::ptr_eq(&page.0[1], &known_two));
    }
}
