//! Deletes the identities of senders of whom no message is left.
//!
//! Nothing counts the messages of a sender, and there is no index of them, since either would make
//! each commit slower. Instead, a sweep reads the senders of all messages once, some at a time, and
//! then deletes the rows that it has not met.

use crate::error::Failure;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

/// The sweeps of a store, at most one at a time.
#[derive(Debug, Default)]
pub(crate) struct SenderSweep {
    /// True if messages were deleted since the last sweep began.
    has_deleted: bool,
    /// The time at which the last sweep began, or the first call.
    begun: Option<i64>,
    /// The id of the sender with which the next sweep begins.
    next: i64,
    sweep: Option<Sweep>,
}

/// A sweep of the senders with ids from `first` on and below `end`.
#[derive(Debug)]
struct Sweep {
    first: i64,
    end: i64,
    /// A bit for each sender, set if a message of it was met.
    used: Vec<u64>,
    /// The last message that was read.
    message: i64,
    /// The sender up to which unused rows are deleted.
    deleted: i64,
}

impl SenderSweep {
    /// Notes that messages were deleted.
    pub(crate) fn note_deleted(&mut self) {
        self.has_deleted = true;
    }

    /// Does a part of a sweep, or begins one if messages were deleted and the last one began an
    /// hour ago. Returns true if there is more to do. `forget` is called when rows were deleted.
    pub(crate) fn step(
        &mut self,
        connection: &mut Connection,
        now: i64,
        forget: impl FnOnce(),
    ) -> Result<bool, Failure> {
        let Some(sweep) = &mut self.sweep else { return self.begin(connection, now) };
        // A message that is committed meanwhile has a higher id than those that were read.
        if sweep.read(connection)? {
            return Ok(true);
        }
        if sweep.delete(connection, forget)? {
            return Ok(true);
        }
        self.next = sweep.end;
        self.sweep = None;
        Ok(false)
    }

    fn begin(&mut self, connection: &Connection, now: i64) -> Result<bool, Failure> {
        let begun = *self.begun.get_or_insert(now);
        if !self.has_deleted || now.saturating_sub(begun) < PAUSE {
            return Ok(false);
        }
        (self.has_deleted, self.begun) = (false, Some(now));
        self.sweep = Sweep::begin(connection, self.next)?;
        if self.sweep.is_none() && self.next > 0 {
            // All ids have had their turn.
            self.next = 0;
            self.sweep = Sweep::begin(connection, 0)?;
        }
        Ok(self.sweep.is_some())
    }
}

impl Sweep {
    /// Begins with the first sender from an id on; `None` if there is none that may be deleted.
    fn begin(connection: &Connection, from: i64) -> Result<Option<Self>, Failure> {
        // The row with the highest id stays, so that SQLite gives no id twice.
        let ids: Option<(i64, i64)> = connection
            .prepare_cached(
                "SELECT id, (SELECT max(id) FROM senders) FROM senders WHERE id >= ? \
                 ORDER BY id LIMIT 1",
            )?
            .query_row((from,), |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((first, highest)) = ids.filter(|(first, highest)| first < highest) else {
            return Ok(None);
        };
        let end = highest.min(first.saturating_add(SWEPT_AT_ONCE));
        let words = usize::try_from((end - first) / 64 + 1).unwrap_or_default();
        Ok(Some(Self { first, end, used: vec![0; words], message: 0, deleted: first - 1 }))
    }

    /// Reads the senders of some messages. Returns true if there may be more.
    fn read(&mut self, connection: &Connection) -> Result<bool, Failure> {
        let mut statement = connection
            .prepare_cached("SELECT id, sender FROM messages WHERE id > ? ORDER BY id LIMIT ?")?;
        let mut rows = statement.query((self.message, READ_AT_ONCE))?;
        let mut count = 0;
        while let Some(row) = rows.next()? {
            self.message = row.get(0)?;
            count += 1;
            if let Some((word, bit)) = self.place(row.get(1)?) {
                self.used[word] |= bit;
            }
        }
        Ok(count == READ_AT_ONCE)
    }

    /// Deletes some rows that no message refers to. Returns true if there may be more.
    fn delete(
        &mut self,
        connection: &mut Connection,
        forget: impl FnOnce(),
    ) -> Result<bool, Failure> {
        let ids: Vec<i64> = connection
            .prepare_cached("SELECT id FROM senders WHERE id > ? AND id < ? ORDER BY id LIMIT ?")?
            .query_map((self.deleted, self.end, DELETED_AT_ONCE), |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let Some(last) = ids.last().copied() else { return Ok(false) };
        let is_unused =
            |id: &i64| self.place(*id).is_some_and(|(word, bit)| self.used[word] & bit == 0);
        let unused: Vec<i64> = ids.into_iter().filter(is_unused).collect();
        if !unused.is_empty() {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut delete = transaction.prepare_cached("DELETE FROM senders WHERE id = ?")?;
            for id in &unused {
                delete.execute((id,))?;
            }
            drop(delete);
            transaction.commit()?;
            forget();
        }
        self.deleted = last;
        Ok(true)
    }

    /// Returns the bit of a sender, if it belongs to this sweep.
    fn place(&self, sender: i64) -> Option<(usize, u64)> {
        let index = sender.checked_sub(self.first).filter(|_| sender < self.end)?;
        let index = usize::try_from(index).ok()?;
        Some((index / 64, 1 << (index % 64)))
    }
}

/// The milliseconds from the beginning of a sweep to that of the next one: an hour. A sweep reads
/// the whole table of messages, a million of them in some 0.3 seconds.
const PAUSE: i64 = 3_600_000;
/// The most senders of one sweep, for which it needs 1 MiB.
const SWEPT_AT_ONCE: i64 = 8 * 1_024 * 1_024;
/// The messages that one step reads.
const READ_AT_ONCE: i64 = 5_000;
/// The most senders that one step looks at.
const DELETED_AT_ONCE: i64 = 500;
