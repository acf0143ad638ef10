//! The row of counters.

use crate::times::{millis, timestamp};
use chat_core::{ChannelId, Counters, MessageId, Record, Timestamp};
use rusqlite::Connection;
use std::time::Duration;

/// The counters and the time of the last record.
///
/// A message that is stored carries its id and time itself, so that a round of messages writes no
/// row of counters. The counters count as at least those of the newest message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CounterRow {
    pub(crate) created: Timestamp,
    pub(crate) at: Timestamp,
    pub(crate) counters: Counters,
    /// True if the row in the database is older, and no stored message makes up for it.
    is_behind: bool,
}

impl CounterRow {
    pub(crate) fn load(connection: &Connection) -> rusqlite::Result<Self> {
        let mut row = connection.query_row(
            "SELECT created, at, last_channel, last_message, user_ids, guest_numbers, epoch \
             FROM counters",
            (),
            |row| {
                let mut counters = Counters::default();
                counters.last_channel = ChannelId(number(row.get(2)?));
                counters.last_message = MessageId(number(row.get(3)?));
                counters.user_ids = number(row.get(4)?);
                counters.guest_numbers = number(row.get(5)?);
                counters.epoch = row.get::<_, Option<i64>>(6)?.map(timestamp);
                let [created, at] = [timestamp(row.get(0)?), timestamp(row.get(1)?)];
                Ok(Self { created, at, counters, is_behind: false })
            },
        )?;
        let newest = "SELECT id, at FROM messages ORDER BY id DESC LIMIT 1";
        let mut statement = connection.prepare(newest)?;
        let mut found = statement.query(())?;
        if let Some(message) = found.next()? {
            row.counters.last_message.0 = row.counters.last_message.0.max(number(message.get(0)?));
            row.at = row.at.max(timestamp(message.get(1)?));
        }
        Ok(row)
    }

    /// Begins a new epoch, because ids have been given that this store does not have. Skips as many
    /// as may have been given since the last record, so that none is given twice. `seen` is a
    /// message that was certainly given.
    pub(crate) fn begin_epoch(&mut self, now: Timestamp, seen: MessageId) {
        let since = u64::try_from(now.since(self.at).as_millis()).unwrap_or(u64::MAX).min(LONGEST);
        let counters = &mut self.counters;
        counters.last_message.0 = counters.last_message.max(seen).0 + LOST_MESSAGES + since;
        counters.last_channel.0 += LOST_OTHERS + since / 1_000;
        counters.user_ids += LOST_OTHERS + since;
        counters.guest_numbers += LOST_OTHERS;
        // Differs from each earlier one, even if the clock was set back.
        counters.epoch = Some(now.max(self.at + Duration::from_millis(1)));
        self.is_behind = true;
    }

    /// Notes that ids may have been given that this store does not have: a new epoch begins when it
    /// is opened.
    pub(crate) fn end_epoch(&mut self) {
        self.counters.epoch = None;
        self.is_behind = true;
    }

    /// Takes a record into account. `is_stored` is true for a message that has a row.
    pub(crate) fn note(&mut self, at: Timestamp, record: &Record, is_stored: bool) {
        self.at = self.at.max(at);
        self.is_behind |= !is_stored;
        let counters = &mut self.counters;
        if let Record::ChannelCreated { id, .. } = record {
            counters.last_channel = counters.last_channel.max(*id);
        }
        if let Record::Said { message, .. } = record {
            counters.last_message = counters.last_message.max(message.id);
            self.at = self.at.max(message.at);
        }
        if let Record::UserIdsReserved { up_to } = record {
            counters.user_ids = counters.user_ids.max(*up_to);
        }
        if let Record::GuestNumbersReserved { up_to } = record {
            counters.guest_numbers = counters.guest_numbers.max(*up_to);
        }
    }

    /// Notes that messages are about to be deleted, perhaps the one that makes up for the row.
    pub(crate) fn mark_behind(&mut self) {
        self.is_behind = true;
    }

    /// Writes the row if it is behind.
    pub(crate) fn save(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        if !std::mem::take(&mut self.is_behind) {
            return Ok(());
        }
        let mut statement = connection.prepare_cached(
            "UPDATE counters SET at = ?, last_channel = ?, last_message = ?, user_ids = ?, \
             guest_numbers = ?, epoch = ?",
        )?;
        let Counters { last_channel, last_message, user_ids, guest_numbers, epoch, .. } =
            self.counters;
        let ids = [last_channel.0, last_message.0, user_ids, guest_numbers].map(u64::cast_signed);
        let epoch = epoch.map(millis);
        statement.execute((millis(self.at), ids[0], ids[1], ids[2], ids[3], epoch))?;
        Ok(())
    }
}

/// More messages than a server accepts within the seconds that a loss of power may lose.
const LOST_MESSAGES: u64 = 10_000_000;
/// The same for channels, users and guests.
const LOST_OTHERS: u64 = 100_000;
/// The longest time, in milliseconds, for each of which an id is skipped: ten years. Even if the
/// clock is wrong, ids stay far below 2^53, up to which every client can read them.
const LONGEST: u64 = 10 * 365 * 86_400_000;

/// A number that is stored; ids are far below the limit of the column.
fn number(stored: i64) -> u64 {
    u64::try_from(stored).unwrap_or_default()
}
