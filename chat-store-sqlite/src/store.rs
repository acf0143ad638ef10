//! The store.

use crate::channel_ages::ChannelAges;
use crate::commit::Writer;
use crate::counters::CounterRow;
use crate::durability::Durability;
use crate::error::{Failure, failed};
use crate::files::{beside, folder, sync};
use crate::lock::{Lock, Mark, unmarked};
use crate::log_pages::LogPages;
use crate::prune::{Keep, Pruned, prune_channels, prune_some, shrink};
use crate::reader::SqliteReader;
use crate::search_index::{self, Indexed};
use crate::sender_sweep::SenderSweep;
use crate::senders::SenderIds;
use crate::times::millis;
use crate::traces::{Traces, secure};
use chat_core::{ChannelName, Record, StampedRecord, Timestamp};
use chat_store::{Reader, Store, StoreError, StoreLevels};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, TransactionBehavior};
use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A store in a file. It is used by one thread.
pub(crate) struct SqliteStore {
    pub(crate) connection: Connection,
    pub(crate) path: PathBuf,
    pub(crate) senders: SenderIds,
    pub(crate) sweep: SenderSweep,
    pub(crate) channels: HashMap<ChannelName, i64>,
    pub(crate) ages: ChannelAges,
    pub(crate) counters: CounterRow,
    /// The milliseconds for which a nonce is valid.
    pub(crate) nonce_window: i64,
    pub(crate) keep: Keep,
    pub(crate) durability: Durability,
    /// True if there is something that a loss of power would lose.
    pub(crate) is_unsynced: bool,
    /// True if an operation has failed, so that the state of the log on the disk is not known.
    pub(crate) has_failed: bool,
    /// The messages that are in the index for searches.
    pub(crate) indexed: Indexed,
    /// True if a reader has found the index damaged.
    pub(crate) damage: Arc<AtomicBool>,
    pub(crate) log_pages: LogPages,
    pub(crate) traces: Traces,
    pub(crate) lock: Lock,
}

/// The most messages, and the most nonces, that one call of `maintain` deletes.
const DELETED_AT_ONCE: i64 = 500;
/// The messages that are indexed at once. The fewer these are, the more often FTS5 writes the same
/// page, and the more segments it has to merge; the more, the longer a commit waits.
const INDEXED_AT_ONCE: i64 = 1_024;
/// The messages that are left to searches while the store is busy, which read them one by one.
const USUAL_TAIL: i64 = 1_000;
/// The most messages that searches have to read because they are not indexed yet, which takes some
/// 40 milliseconds. Above it, a commit indexes at least twice as many messages as it stores.
const LONGEST_TAIL: i64 = 8_192;

impl SqliteStore {
    /// Applies records. The bytes of texts that they replace are overwritten.
    fn apply(&mut self, records: &[StampedRecord]) -> Result<CounterRow, Failure> {
        let replaces =
            |stamped: &StampedRecord| matches!(stamped.record, Record::MessageChanged { .. });
        if !records.iter().any(replaces) {
            return self.apply_all(records);
        }
        secure(&self.connection, true)?;
        let applied = self.apply_all(records);
        secure(&self.connection, false)?;
        applied
    }

    fn apply_all(&mut self, records: &[StampedRecord]) -> Result<CounterRow, Failure> {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut counters = self.counters;
        let mut writer = Writer {
            connection: &transaction,
            senders: &mut self.senders,
            channels: &mut self.channels,
            ages: &mut self.ages,
            newest: counters.counters.last_message,
            replaces_text: false,
            damage: &self.damage,
        };
        for StampedRecord { at, record } in records {
            writer.newest = counters.counters.last_message;
            let is_stored = writer.apply(*at, record)?;
            counters.note(*at, record, is_stored);
        }
        let replaces_text = writer.replaces_text;
        counters.save(&transaction)?;
        let mut indexed = self.indexed;
        if indexed.tail(&counters) > LONGEST_TAIL {
            // The store has no rest. An index that is damaged is left to `maintain`.
            let count = i64::try_from(2 * records.len()).unwrap_or(i64::MAX).max(INDEXED_AT_ONCE);
            match indexed.extend(&transaction, count)? {
                Some(extended) => indexed = extended,
                None => self.damage.store(true, Ordering::Relaxed),
            }
        }
        transaction.commit()?;
        if replaces_text {
            self.traces.found();
        }
        self.indexed = indexed;
        Ok(counters)
    }

    /// Returns to what is committed, because a transaction was rolled back.
    fn forget_rolled_back(&mut self) -> Result<(), Failure> {
        // Ids that it has given away do not exist.
        self.senders.forget();
        self.channels = crate::commit::channel_ids(&self.connection)?;
        self.ages = ChannelAges::load(&self.connection)?;
        Ok(())
    }

    /// Notes beside the database, before anything of the first commit is delivered, that the log is
    /// needed from now on.
    fn mark_open(&mut self) -> Result<(), StoreError> {
        let mark = Mark::Open(self.durability);
        if self.lock.mark() == mark {
            return Ok(());
        }
        let marked = sync(&beside(&self.path, "-wal"))
            .and_then(|()| sync(folder(&self.path)))
            .and_then(|()| self.lock.set(mark));
        marked.map_err(|error| unmarked(&self.path, &error))
    }

    /// Indexes some messages for searches, or makes a new index if that is damaged. Returns true if
    /// there may be more to index.
    fn index_some(&mut self) -> Result<bool, Failure> {
        let newest = self.counters.counters.last_message.0.cast_signed();
        let is_damaged = self.damage.swap(false, Ordering::Relaxed);
        if !is_damaged && self.indexed == (Indexed { low: 0, high: newest }) {
            return Ok(false);
        }
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let extended = if is_damaged {
            Indexed::replace(&transaction, newest)?
        } else {
            match self.indexed.extend(&transaction, INDEXED_AT_ONCE)? {
                Some(extended) if extended == self.indexed => return Ok(false),
                Some(extended) => extended,
                None => {
                    self.damage.store(true, Ordering::Relaxed);
                    return Ok(true);
                }
            }
        };
        transaction.commit()?;
        self.indexed = extended;
        Ok(true)
    }

    /// Moves the log into the database as far as no reader needs it. The log's file keeps its
    /// length, so that the next commits need not make it longer.
    fn checkpoint(&mut self) -> Result<(), StoreError> {
        let mut checkpoint =
            self.connection.prepare_cached("PRAGMA wal_checkpoint(PASSIVE)").map_err(failed)?;
        checkpoint.query_row((), |_| Ok(())).map_err(failed)?;
        self.log_pages.note_moved();
        Ok(())
    }

    /// Moves a long log into the database after a commit. If the disk is full, the commit is valid
    /// all the same, and the next one tries again.
    fn shorten_log(&mut self) -> Result<(), StoreError> {
        if !self.log_pages.are_many() {
            return Ok(());
        }
        self.checkpoint().or_else(|error| if error.is_temporary() { Ok(()) } else { Err(error) })
    }

    fn tidy_up(&mut self, now: Timestamp) -> Result<bool, StoreError> {
        let expired = self.time(now).saturating_sub(self.nonce_window);
        if self.has_garbage(expired).map_err(failed)?
            && self.delete_some(expired).map_err(failed)?
        {
            return Ok(true);
        }
        if self.prune_or_shrink(now).map_err(failed)? {
            return Ok(true);
        }
        if self.index_some().map_err(failed)? {
            return Ok(true);
        }
        let (time, senders) = (self.time(now), &mut self.senders);
        let swept = self.sweep.step(&mut self.connection, time, || senders.forget());
        if swept.map_err(failed)? {
            return Ok(true);
        }
        if self.traces.are_due(time) && self.traces.leave_index(&self.connection).map_err(failed)? {
            return Ok(true);
        }
        self.checkpoint()?;
        if self.traces.are_due(time) {
            let log = beside(&self.path, "-wal");
            let left = self.traces.leave_log(&self.connection, &log, LogPages::count, time);
            left.map_err(failed)?;
            self.checkpoint()?;
        }
        Ok(false)
    }

    /// Deletes some messages that are no longer kept, or returns some space. Returns true if there
    /// may be more to do.
    fn prune_or_shrink(&mut self, now: Timestamp) -> Result<bool, Failure> {
        let now = self.time(now);
        let (connection, counters) = (&mut self.connection, &mut self.counters);
        let mut pruned = [prune_some(connection, self.keep, counters, &self.damage, now)?; 2];
        if pruned[0] != (Pruned::Some { more: true }) {
            pruned[1] = prune_channels(connection, &mut self.ages, counters, &self.damage, now)?;
        }
        if pruned != [Pruned::Nothing; 2] {
            self.sweep.note_deleted();
        }
        Ok(pruned.contains(&Pruned::Some { more: true }) || shrink(connection, &self.damage)?)
    }

    /// Does what a busy store cannot leave to its next rest. Returns true if there may be more to
    /// delete. If many messages wait to be indexed, one call indexes some of them, since this may
    /// delay a commit.
    fn prune_or_index(&mut self, now: Timestamp) -> Result<bool, Failure> {
        let more = self.prune_or_shrink(now)?;
        if !more && self.indexed.tail(&self.counters) > USUAL_TAIL {
            self.index_some()?;
        }
        Ok(more)
    }

    /// Returns the time, which is never before what is stored.
    fn time(&self, now: Timestamp) -> i64 {
        millis(now.max(self.counters.at))
    }

    fn note<T>(&mut self, result: &Result<T, StoreError>) {
        self.has_failed |= result.as_ref().is_err_and(|error| !error.is_temporary());
    }

    /// Deletes some nonces that have expired, those up to a time, and some messages of forgotten
    /// channels that no nonce refers to. Returns true if there may be more.
    fn delete_some(&mut self, expired: i64) -> Result<bool, Failure> {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let nonces = transaction
            .prepare_cached(
                "DELETE FROM nonces WHERE (account, nonce) IN \
                 (SELECT account, nonce FROM nonces WHERE at <= ? LIMIT ?)",
            )?
            .execute((expired, DELETED_AT_ONCE))?;
        let messages: Vec<i64> = transaction
            .prepare_cached(
                "SELECT messages.id FROM forgotten_channels \
                 JOIN messages ON messages.channel = forgotten_channels.id \
                 WHERE NOT EXISTS (SELECT 1 FROM nonces WHERE message = messages.id) LIMIT ?",
            )?
            .query_map((DELETED_AT_ONCE,), |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        if search_index::remove(&transaction, &messages)? {
            self.damage.store(true, Ordering::Relaxed);
        }
        if messages.is_empty() {
            transaction
                .prepare_cached(
                    "DELETE FROM forgotten_channels WHERE NOT EXISTS \
                     (SELECT 1 FROM messages WHERE channel = forgotten_channels.id)",
                )?
                .execute(())?;
        }
        transaction.commit()?;
        if !messages.is_empty() {
            self.sweep.note_deleted();
        }
        Ok(nonces + messages.len() > 0)
    }

    /// Returns true if there is something that [`delete_some`](Self::delete_some) may delete.
    fn has_garbage(&self, expired: i64) -> rusqlite::Result<bool> {
        self.connection
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM forgotten_channels) \
                 OR EXISTS (SELECT 1 FROM nonces WHERE at <= ?)",
            )?
            .query_row((expired,), |row| row.get(0))
    }
}

impl Store for SqliteStore {
    fn commit(&mut self, records: &[StampedRecord]) -> Result<(), StoreError> {
        let result = match self.apply(records) {
            Ok(counters) => {
                self.counters = counters;
                self.is_unsynced |= self.durability == Durability::Process;
                self.mark_open().and_then(|()| self.shorten_log())
            }
            Err(failure) => {
                let forgotten = self.forget_rolled_back();
                Err(failed(forgotten.err().unwrap_or(failure)))
            }
        };
        self.note(&result);
        result
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        Ok(Box::new(SqliteReader::open(&self.path, self.damage.clone())?))
    }

    fn maintain(&mut self, now: Timestamp) -> Result<bool, StoreError> {
        let result = self.tidy_up(now).and_then(|more| self.shorten_log().map(|()| more));
        self.note(&result);
        result
    }

    fn prune(&mut self, now: Timestamp) -> Result<bool, StoreError> {
        let result = self.prune_or_index(now).map_err(failed);
        let result = result.and_then(|more| self.shorten_log().map(|()| more));
        self.note(&result);
        result
    }

    fn levels(&self) -> StoreLevels {
        let log_bytes = fs::metadata(beside(&self.path, "-wal")).map_or(0, |log| log.len());
        StoreLevels::new(log_bytes, fs4::available_space(&self.path).ok())
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        if !self.is_unsynced {
            return Ok(());
        }
        // A checkpoint syncs the log before it moves pages.
        let result = self.checkpoint();
        self.note(&result);
        self.is_unsynced = result.is_err();
        result
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        // Otherwise, the log stays and the next start reads it.
        if self.has_failed
            || self.lock.mark() == Mark::New
            || !matches!(self.lock.close(&self.connection, &self.path), Ok(true))
        {
            return;
        }
        // SQLite deletes the log when the connection is closed.
        let option = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
        let _ = self.connection.set_db_config(option, false);
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.path).finish_non_exhaustive()
    }
}
