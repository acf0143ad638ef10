//! What was said and done in one place, in order.

use crate::connect::event::{Kind, Message};
use chat_core::Text;
use jiff::civil::{Date, DateTime};
use std::collections::VecDeque;

/// Lines in order: messages by their ids, each once, and between them what happened.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    entries: VecDeque<Entry>,
    /// Ids grow within an era; a server that was restarted begins another.
    era: u32,
    /// What is not newer than this message has been cleared off the screen.
    cleared_to: Option<(u32, u64)>,
}

/// One thing that was said or happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    Said(Said),
    /// Something that happened.
    Happened(String),
    /// Here the user came in: what was said before is known from the history, what comes after was
    /// heard.
    Entered(String),
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    era: u32,
    pub(super) id: u64,
    pub(super) at: Text,
    /// The day and the time of day, for people; `None` if the server's time cannot be read.
    pub(super) time: Option<DateTime>,
    pub(super) nickname: Text,
    pub(super) text: Text,
    pub(super) kind: Kind,
    /// Whether it has the user's name in it.
    pub(super) mentions: bool,
    /// Who said it is ignored: it is known, but not shown.
    pub(super) hidden: bool,
}

/// The most that is kept; the oldest goes first.
const MOST: usize = 5_000;

impl Said {
    pub(super) fn new(message: Message, time: Option<DateTime>) -> Self {
        let Message { id, at, nickname, text, kind, .. } = message;
        Self { era: 0, id, at, time, nickname, text, kind, mentions: false, hidden: false }
    }

    fn key(&self) -> (u32, u64) {
        (self.era, self.id)
    }
}

impl Timeline {
    /// Adds what is heard now. `false` if it is known already.
    pub(super) fn heard(&mut self, said: Said) -> bool {
        self.insert(said, |_, later, _| later)
    }

    /// Adds what the history says. `false` if it is known already.
    pub(super) fn remembered(&mut self, said: Said) -> bool {
        self.insert(said, |earlier, later, entered| earlier.max(later.min(entered)))
    }

    /// Adds a message to a place that has no history, whatever its id.
    pub(super) fn append(&mut self, said: Said) {
        self.push(Entry::Said(said));
    }

    /// Adds a line about something that happened now.
    pub(super) fn happened(&mut self, line: impl Into<String>) {
        self.push(Entry::Happened(line.into()));
    }

    /// Adds a line about what happened while the user was not here.
    pub(super) fn happened_before(&mut self, line: impl Into<String>) {
        let entered = self.last_entrance().unwrap_or(self.entries.len());
        self.entries.insert(entered, Entry::Happened(line.into()));
        self.trim();
    }

    /// The user has just come in.
    pub(super) fn entered(&mut self, line: impl Into<String>) {
        self.push(Entry::Entered(line.into()));
    }

    /// Takes everything off the screen. What was said so far does not come back from the history.
    pub(super) fn clear(&mut self) {
        let newest = self.messages().map(Said::key).max();
        self.cleared_to = newest.max(self.cleared_to);
        self.entries.clear();
    }

    /// Hides what these people have said, and shows what others have.
    pub(super) fn hide(&mut self, is_hidden: impl Fn(&str) -> bool) {
        for entry in &mut self.entries {
            if let Entry::Said(said) = entry {
                said.hidden = is_hidden(said.nickname.as_str());
            }
        }
    }

    /// From now on, ids have nothing to do with those before.
    pub(super) fn begin_era(&mut self) {
        self.era += 1;
    }

    /// The entries that are shown, newest first, each with the day that begins with it.
    pub(super) fn shown(&self) -> impl Iterator<Item = (&Entry, Option<Date>)> {
        let shown =
            |index: &usize| !matches!(&self.entries[*index], Entry::Said(said) if said.hidden);
        let all = (0..self.entries.len()).rev().filter(shown);
        all.map(|index| (&self.entries[index], self.new_day(index)))
    }

    /// The day that begins with this entry: it is a message, and the one before it was said on
    /// another day.
    fn new_day(&self, index: usize) -> Option<Date> {
        let day = |entry: &Entry| match entry {
            Entry::Said(said) if !said.hidden => said.time.map(|time| time.date()),
            Entry::Said(_) | Entry::Happened(_) | Entry::Entered(_) => None,
        };
        let this = day(&self.entries[index])?;
        let before = self.entries.range(..index).rev().find_map(day);
        (before != Some(this)).then_some(this)
    }

    /// The entries, oldest first.
    #[cfg(test)]
    pub(super) fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter()
    }

    /// The oldest message of this era.
    pub(super) fn oldest(&self) -> Option<&Said> {
        self.messages().find(|said| said.era == self.era)
    }

    /// The newest message of this era.
    pub(super) fn newest(&self) -> Option<&Said> {
        self.messages().next_back().filter(|said| said.era == self.era)
    }

    /// Whether nothing older has room.
    pub(super) fn is_full(&self) -> bool {
        self.entries.len() >= MOST
    }

    fn messages(&self) -> impl DoubleEndedIterator<Item = &Said> {
        self.entries.iter().filter_map(said)
    }

    /// Inserts a message between what is after all earlier ones, before all later ones, and before
    /// the user came in.
    fn insert(&mut self, mut new: Said, place: impl Fn(usize, usize, usize) -> usize) -> bool {
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
        let entered = self.last_entrance().unwrap_or(self.entries.len());
        let place = place(earlier, later, entered);
        self.entries.insert(place, Entry::Said(new));
        self.trim();
        true
    }

    fn last_entrance(&self) -> Option<usize> {
        self.entries.iter().rposition(|entry| matches!(entry, Entry::Entered(_)))
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

fn said(entry: &Entry) -> Option<&Said> {
    match entry {
        Entry::Said(said) => Some(said),
        Entry::Happened(_) | Entry::Entered(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: u64) -> Said {
        let message = Message {
            id,
            at: Text::clean("2026-01-01T00:00:00.000Z"),
            nickname: Text::clean("alice"),
            channel: Some(Text::clean("lobby")),
            to: None,
            text: Text::clean("hi"),
            kind: Kind::Message,
        };
        Said::new(message, None)
    }

    fn shown(timeline: &Timeline) -> String {
        let entries = timeline.entries().map(|entry| match entry {
            Entry::Said(said) => said.id.to_string(),
            Entry::Happened(line) | Entry::Entered(line) => line.clone(),
        });
        entries.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_was_missed_comes_before_what_is_heard_since_and_once() {
        let mut timeline = Timeline::default();
        timeline.entered("in");
        timeline.heard(message(3));
        assert!(timeline.remembered(message(1)));
        assert!(timeline.remembered(message(2)));
        timeline.happened("lost");
        timeline.entered("back");
        assert!(timeline.heard(message(6)));
        for (id, is_new) in [(3, false), (4, true), (5, true), (6, false)] {
            assert_eq!(timeline.remembered(message(id)), is_new, "{id}");
        }
        assert_eq!(shown(&timeline), "1 2 in 3 lost 4 5 back 6");
    }

    #[test]
    fn a_hole_in_what_was_heard_is_filled() {
        let mut timeline = Timeline::default();
        timeline.entered("in");
        timeline.heard(message(1));
        timeline.happened("missed");
        timeline.heard(message(4));
        timeline.remembered(message(2));
        timeline.remembered(message(3));
        assert_eq!(shown(&timeline), "in 1 2 3 missed 4");
    }

    #[test]
    fn another_era_may_use_the_same_ids() {
        let mut timeline = Timeline::default();
        timeline.heard(message(7));
        timeline.begin_era();
        assert_eq!((timeline.oldest(), timeline.newest()), (None, None));
        timeline.entered("back");
        assert!(timeline.remembered(message(7)));
        assert!(timeline.heard(message(8)));
        assert!(timeline.remembered(message(1)));
        assert_eq!(shown(&timeline), "7 1 7 back 8");
    }

    #[test]
    fn the_oldest_is_forgotten() {
        let mut timeline = Timeline::default();
        for id in 0..=MOST as u64 {
            timeline.heard(message(id));
        }
        assert!(timeline.is_full());
        assert_eq!(timeline.oldest().map(|said| said.id), Some(1));
    }

    #[test]
    fn what_was_cleared_does_not_come_back() {
        let mut timeline = Timeline::default();
        timeline.heard(message(1));
        timeline.heard(message(2));
        timeline.happened("then");
        timeline.clear();
        assert!(!timeline.remembered(message(2)));
        assert!(timeline.heard(message(3)));
        assert_eq!(shown(&timeline), "3");
        timeline.begin_era();
        assert!(timeline.heard(message(1)), "another era begins anew");
    }

    #[test]
    fn a_day_begins_with_its_first_message_that_is_shown() {
        let at = |id: u64, time: Option<&str>, nickname: &str| {
            let mut said = message(id);
            said.time = time.map(|time| time.parse().expect("a time"));
            said.nickname = Text::clean(nickname);
            said
        };
        let mut timeline = Timeline::default();
        timeline.happened("before");
        timeline.heard(at(1, Some("2026-01-01T23:59"), "bob"));
        timeline.happened("midnight");
        timeline.heard(at(2, Some("2026-01-02T00:00"), "eve"));
        timeline.heard(at(3, None, "bob"));
        timeline.heard(at(4, Some("2026-01-02T00:01"), "bob"));
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
