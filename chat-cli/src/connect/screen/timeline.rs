//! The ordered entries of a room.

use crate::connect::event::{Kind, Message};
use crate::connect::names::same_user;
use crate::connect::request::Parent;
use chat_server::engine::Text;
use jiff::civil::{Date, DateTime};
use std::collections::VecDeque;

/// Messages in the order of their ids, each once, and lines about events between them.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    entries: VecDeque<Entry>,
    /// Ids grow within an era. A restart of the server begins a new era.
    era: u32,
    /// The newest message that was cleared from the screen.
    cleared_to: Option<(u32, u64)>,
}

/// An entry of the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    Message(TimelineMessage),
    /// A line about an event.
    Line(String),
    /// The line that marks a join: missed messages from the history are inserted before it, and
    /// messages that arrive later are after it.
    Join(String),
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TimelineMessage {
    era: u32,
    pub(super) id: u64,
    pub(super) at: Text,
    /// The day and the time of day, for people; `None` if the server's time cannot be read.
    pub(super) time: Option<DateTime>,
    pub(super) nickname: Text,
    /// The name of the sender as it is shown: in a reply, with the name that it replies to.
    pub(super) sender: String,
    /// True if the server itself says it.
    pub(super) system: bool,
    pub(super) text: Text,
    pub(super) kind: Kind,
    /// True if it mentions the user.
    pub(super) mentions: bool,
    /// True if it is hidden because its sender is ignored.
    pub(super) hidden: bool,
}

/// The most entries. The oldest are removed first.
const MOST: usize = 5_000;

impl TimelineMessage {
    pub(super) fn new(message: Message, time: Option<DateTime>) -> Self {
        let sender = message.shown_sender();
        let Message { id, at, nickname, system, text, kind, .. } = message;
        let (era, mentions, hidden) = (0, false, false);
        Self { era, id, at, time, nickname, sender, system, text, kind, mentions, hidden }
    }

    fn key(&self) -> (u32, u64) {
        (self.era, self.id)
    }
}

impl Timeline {
    /// Inserts a message that has just arrived. Returns false if it exists already.
    pub(super) fn insert_new(&mut self, said: TimelineMessage) -> bool {
        self.insert(said, |_, later, _| later)
    }

    /// Inserts a message from the history. Returns false if it exists already.
    pub(super) fn insert_old(&mut self, said: TimelineMessage) -> bool {
        self.insert(said, |earlier, later, entered| earlier.max(later.min(entered)))
    }

    /// Returns true if a message is here, regardless of its era.
    pub(super) fn has(&self, said: &TimelineMessage) -> bool {
        self.messages().rev().any(|known| (known.id, &known.at) == (said.id, &said.at))
    }

    /// Appends a line about an event.
    pub(super) fn push_line(&mut self, line: impl Into<String>) {
        self.push(Entry::Line(line.into()));
    }

    /// Inserts a line before the line of the last join.
    pub(super) fn insert_before_join(&mut self, line: impl Into<String>) {
        let entered = self.last_join().unwrap_or(self.entries.len());
        self.entries.insert(entered, Entry::Line(line.into()));
        self.trim();
    }

    /// Appends the line of a join.
    pub(super) fn push_join(&mut self, line: impl Into<String>) {
        self.push(Entry::Join(line.into()));
    }

    /// Removes all entries. Messages up to now are not inserted again from the history.
    pub(super) fn clear(&mut self) {
        let newest = self.messages().map(TimelineMessage::key).max();
        self.cleared_to = newest.max(self.cleared_to);
        self.entries.clear();
    }

    /// Hides the messages of some users, and shows those of the others.
    pub(super) fn hide(&mut self, is_hidden: impl Fn(&str) -> bool) {
        for entry in &mut self.entries {
            if let Entry::Message(said) = entry {
                said.hidden = is_hidden(said.nickname.as_str());
            }
        }
    }

    /// Replaces the text of a message of this era, if it is here.
    pub(super) fn replace(&mut self, id: u64, text: &Text) {
        let key = (self.era, id);
        for entry in &mut self.entries {
            if let Entry::Message(said) = entry
                && said.key() == key
            {
                said.text.clone_from(text);
            }
        }
    }

    /// Returns the newest message of a user, unless it is of an earlier era.
    pub(super) fn newest_of(&self, user: &str) -> Option<Parent> {
        let is_of_user = |said: &&TimelineMessage| {
            !said.hidden && !said.system && same_user(said.nickname.as_str(), user)
        };
        let found = self.messages().rev().find(is_of_user)?;
        let nickname = Some(found.nickname.clone());
        (found.era == self.era).then_some(Parent { id: found.id, nickname })
    }

    /// Begins a new era: further ids cannot be compared with earlier ones.
    pub(super) fn begin_era(&mut self) {
        self.era += 1;
    }

    /// Returns the visible entries, newest first, each with the day that begins with it.
    pub(super) fn shown(&self) -> impl Iterator<Item = (&Entry, Option<Date>)> {
        let shown =
            |index: &usize| !matches!(&self.entries[*index], Entry::Message(said) if said.hidden);
        let all = (0..self.entries.len()).rev().filter(shown);
        all.map(|index| (&self.entries[index], self.new_day(index)))
    }

    /// Returns the day that begins with this entry, if it is a message and the message before it is
    /// of another day.
    fn new_day(&self, index: usize) -> Option<Date> {
        let day = |entry: &Entry| match entry {
            Entry::Message(said) if !said.hidden => said.time.map(|time| time.date()),
            Entry::Message(_) | Entry::Line(_) | Entry::Join(_) => None,
        };
        let this = day(&self.entries[index])?;
        let before = self.entries.range(..index).rev().find_map(day);
        (before != Some(this)).then_some(this)
    }

    /// Returns the entries, oldest first.
    #[cfg(test)]
    pub(super) fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter()
    }

    /// Returns the oldest message of this era.
    pub(super) fn oldest(&self) -> Option<&TimelineMessage> {
        self.messages().find(|said| said.era == self.era)
    }

    /// Returns the newest message of this era.
    pub(super) fn newest(&self) -> Option<&TimelineMessage> {
        self.messages().next_back().filter(|said| said.era == self.era)
    }

    /// Returns the visible messages after an id of this era.
    pub(super) fn after(&self, id: u64) -> impl Iterator<Item = &TimelineMessage> {
        let is_after =
            move |said: &&TimelineMessage| said.era == self.era && said.id > id && !said.hidden;
        self.messages().rev().filter(is_after)
    }

    /// Returns true if there is no room for older messages.
    pub(super) fn is_full(&self) -> bool {
        self.entries.len() >= MOST
    }

    fn messages(&self) -> impl DoubleEndedIterator<Item = &TimelineMessage> {
        self.entries.iter().filter_map(said)
    }

    /// Inserts a message. `place` selects its index from three candidates: the index after all
    /// earlier messages, the index before all later ones, and the index of the last join.
    fn insert(
        &mut self,
        mut new: TimelineMessage,
        place: impl Fn(usize, usize, usize) -> usize,
    ) -> bool {
        new.era = self.era;
        if self.cleared_to.is_some_and(|cleared| new.key() <= cleared) {
            return false;
        }
        let (mut earlier, mut later) = (0, self.entries.len());
        for (index, entry) in self.entries.iter().enumerate().rev() {
            let Some(known) = said(entry) else { continue };
            if known.key() == new.key() {
                return false;
            }
            if known.key() < new.key() {
                earlier = index + 1;
                break;
            }
            later = index;
        }
        let entered = self.last_join().unwrap_or(self.entries.len());
        let place = place(earlier, later, entered);
        self.entries.insert(place, Entry::Message(new));
        self.trim();
        true
    }

    fn last_join(&self) -> Option<usize> {
        self.entries.iter().rposition(|entry| matches!(entry, Entry::Join(_)))
    }

    fn push(&mut self, entry: Entry) {
        self.entries.push_back(entry);
        self.trim();
    }

    fn trim(&mut self) {
        while self.entries.len() > MOST {
            self.entries.pop_front();
        }
    }
}

fn said(entry: &Entry) -> Option<&TimelineMessage> {
    match entry {
        Entry::Message(said) => Some(said),
        Entry::Line(_) | Entry::Join(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: u64) -> TimelineMessage {
        let message = Message {
            reply_to: None,
            id,
            at: Text::clean("2026-01-01T00:00:00.000Z"),
            nickname: Text::clean("alice"),
            account: None,
            system: false,
            channel: Some(Text::clean("lobby")),
            to: None,
            text: Text::clean("hi"),
            kind: Kind::Message,
        };
        TimelineMessage::new(message, None)
    }

    fn shown(timeline: &Timeline) -> String {
        let entries = timeline.entries().map(|entry| match entry {
            Entry::Message(said) => said.id.to_string(),
            Entry::Line(line) | Entry::Join(line) => line.clone(),
        });
        entries.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn missed_messages_are_inserted_once_before_later_ones() {
        let mut timeline = Timeline::default();
        timeline.push_join("in");
        timeline.insert_new(message(3));
        assert!(timeline.insert_old(message(1)));
        assert!(timeline.insert_old(message(2)));
        timeline.push_line("lost");
        timeline.push_join("back");
        assert!(timeline.insert_new(message(6)));
        for (id, is_new) in [(3, false), (4, true), (5, true), (6, false)] {
            assert_eq!(timeline.insert_old(message(id)), is_new, "{id}");
        }
        assert_eq!(shown(&timeline), "1 2 in 3 lost 4 5 back 6");
    }

    #[test]
    fn gap_between_messages_is_filled() {
        let mut timeline = Timeline::default();
        timeline.push_join("in");
        timeline.insert_new(message(1));
        timeline.push_line("missed");
        timeline.insert_new(message(4));
        timeline.insert_old(message(2));
        timeline.insert_old(message(3));
        assert_eq!(shown(&timeline), "in 1 2 3 missed 4");
    }

    #[test]
    fn new_era_may_use_the_same_ids() {
        let mut timeline = Timeline::default();
        timeline.insert_new(message(7));
        timeline.begin_era();
        assert_eq!((timeline.oldest(), timeline.newest()), (None, None));
        timeline.push_join("back");
        assert!(timeline.insert_old(message(7)));
        assert!(timeline.insert_new(message(8)));
        assert!(timeline.insert_old(message(1)));
        assert_eq!(shown(&timeline), "7 1 7 back 8");
    }

    #[test]
    fn oldest_entry_is_removed_when_the_timeline_is_full() {
        let mut timeline = Timeline::default();
        for id in 0..=MOST as u64 {
            timeline.insert_new(message(id));
        }
        assert!(timeline.is_full());
        assert_eq!(timeline.oldest().map(|said| said.id), Some(1));
    }

    #[test]
    fn cleared_messages_are_not_inserted_again() {
        let mut timeline = Timeline::default();
        timeline.insert_new(message(1));
        timeline.insert_new(message(2));
        timeline.push_line("then");
        timeline.clear();
        assert!(!timeline.insert_old(message(2)));
        assert!(timeline.insert_new(message(3)));
        assert_eq!(shown(&timeline), "3");
        timeline.begin_era();
        assert!(timeline.insert_new(message(1)), "ids start again in a new era");
    }

    #[test]
    fn day_begins_with_its_first_visible_message() {
        let at = |id: u64, time: Option<&str>, nickname: &str| {
            let mut said = message(id);
            said.time = time.map(|time| time.parse().expect("a time"));
            said.nickname = Text::clean(nickname);
            said
        };
        let mut timeline = Timeline::default();
        timeline.push_line("before");
        timeline.insert_new(at(1, Some("2026-01-01T23:59"), "bob"));
        timeline.push_line("midnight");
        timeline.insert_new(at(2, Some("2026-01-02T00:00"), "eve"));
        timeline.insert_new(at(3, None, "bob"));
        timeline.insert_new(at(4, Some("2026-01-02T00:01"), "bob"));
        let days = |timeline: &Timeline| {
            let days = timeline.shown().map(|(_, day)| day.map_or(0, |day| day.day()));
            days.collect::<Vec<_>>()
        };
        assert_eq!(days(&timeline), [0, 0, 2, 0, 1, 0]);
        timeline.hide(|nickname| nickname == "eve");
        assert_eq!(days(&timeline), [2, 0, 0, 1, 0]);
        timeline.hide(|_| false);
        assert_eq!(days(&timeline), [0, 0, 2, 0, 1, 0]);
    }
}
