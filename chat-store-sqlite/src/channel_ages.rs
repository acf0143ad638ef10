//! The channels that keep their messages for a time of their own.

use crate::error::Failure;
use chat_core::Modes;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::ops::Bound;

/// The times for which channels keep their messages, where an owner has set one.
#[derive(Debug, Default)]
pub(crate) struct ChannelAges {
    /// Milliseconds, by the ids of the channels.
    ages: BTreeMap<i64, i64>,
    /// The channel that was examined last.
    last: i64,
}

impl ChannelAges {
    /// Reads the times of all channels.
    pub(crate) fn load(connection: &Connection) -> Result<Self, Failure> {
        let mut statement = connection.prepare("SELECT id, modes FROM channels")?;
        let mut rows = statement.query(())?;
        let mut ages = Self::default();
        while let Some(row) = rows.next()? {
            ages.note(row.get(0)?, &serde_json::from_str(&row.get::<_, String>(1)?)?);
        }
        Ok(ages)
    }

    /// Notes the modes that a channel has now.
    pub(crate) fn note(&mut self, channel: i64, modes: &Modes) {
        match modes.keep {
            Some(keep) => {
                let age = i64::try_from(keep.as_millis()).unwrap_or(i64::MAX);
                self.ages.insert(channel, age);
            }
            None => self.forget(channel),
        }
    }

    pub(crate) fn forget(&mut self, channel: i64) {
        self.ages.remove(&channel);
    }

    /// Returns the number of the channels.
    pub(crate) fn len(&self) -> usize {
        self.ages.len()
    }

    /// Returns the next channel, with its time, and after the last one the first one again.
    pub(crate) fn next(&mut self) -> Option<(i64, i64)> {
        let after = (Bound::Excluded(self.last), Bound::Unbounded);
        let next = self.ages.range(after).next().or_else(|| self.ages.first_key_value());
        let (channel, age) = next.map(|(channel, age)| (*channel, *age))?;
        self.last = channel;
        Some((channel, age))
    }

    /// Returns to a channel, which is the next one again.
    pub(crate) fn return_to(&mut self, channel: i64) {
        self.last = channel.saturating_sub(1);
    }
}
