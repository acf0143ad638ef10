//! The conditions of `LIST` (the token `ELIST` of `005`).

use crate::identity::channel;
use chat_core::matches_glob;
use chat_core::{ChannelEntry, Timestamp};
use std::cmp::Ordering;

/// The channels that a client wants to see.
///
/// A channel is shown if it fulfils all conditions, and matches one of the masks if there are some.
#[derive(Debug, Default)]
pub(crate) struct ListFilter {
    conditions: Vec<Condition>,
    masks: Vec<String>,
}

/// One condition. Times are the largest or smallest age in minutes.
#[derive(Debug)]
enum Condition {
    Members(Ordering, u64),
    Created(Ordering, u64),
    TopicSet(Ordering, u64),
    Not(String),
}

impl ListFilter {
    /// Reads the items of `LIST`, such as `>5`, `C<60`, `!*bot*` and `#rust`.
    pub(crate) fn read<'a>(items: impl Iterator<Item = &'a str>) -> Self {
        let mut filter = Self::default();
        for item in items.take(MOST_ITEMS) {
            match condition(item) {
                Some(condition) => filter.conditions.push(condition),
                None => filter.masks.push(item.to_owned()),
            }
        }
        filter
    }

    /// Returns true if the client wants to see a channel. A channel exists in IRC as long as
    /// somebody is in it.
    pub(crate) fn admits(&self, entry: &ChannelEntry, now: Timestamp) -> bool {
        let name = channel(&entry.name);
        let minutes = |at: Timestamp| now.as_millis().saturating_sub(at.as_millis()) / 60_000;
        let holds = |condition: &Condition| match condition {
            Condition::Members(order, count) => (entry.members as u64).cmp(count) == *order,
            Condition::Created(order, age) => minutes(entry.created).cmp(age) == *order,
            Condition::TopicSet(order, age) => {
                entry.topic_set.is_some_and(|at| minutes(at).cmp(age) == *order)
            }
            Condition::Not(pattern) => !matches_glob(pattern, &name),
        };
        entry.members > 0
            && self.conditions.iter().all(holds)
            && (self.masks.is_empty() || self.masks.iter().any(|mask| matches_glob(mask, &name)))
    }
}

fn condition(item: &str) -> Option<Condition> {
    if let Some(pattern) = item.strip_prefix('!') {
        return Some(Condition::Not(pattern.to_owned()));
    }
    let (make, rest): (fn(Ordering, u64) -> Condition, &str) =
        match item.as_bytes().first()?.to_ascii_uppercase() {
            b'C' => (Condition::Created, &item[1..]),
            b'T' => (Condition::TopicSet, &item[1..]),
            _ => (Condition::Members, item),
        };
    let (order, number) = match rest.as_bytes().first()? {
        b'<' => (Ordering::Less, &rest[1..]),
        b'>' => (Ordering::Greater, &rest[1..]),
        _ => return None,
    };
    Some(make(order, number.parse().ok()?))
}

/// The most items that are read.
const MOST_ITEMS: usize = 20;
