//! The store.

use crate::commit::Writer;
use crate::counters::CounterRow;
use crate::error::{Failure, failed};
use crate::lock::Lock;
use crate::reader::SqliteReader;
use crate::schema::millis;
use crate::senders::SenderIds;
use chat_core::{ChannelName, StampedRecord};
use chat_store::{Reader, Store, StoreError, StoreLevels};
use rusqlite::{Connection, TransactionBehavior};
use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;

/// A store in a file. It is used by one thread.
pub(crate) struct SqliteStore {
    pub(crate) connection: Connection,
    pub(crate) path: PathBuf,
    pub(crate) senders: SenderIds,
    pub(crate) channels: HashMap<ChannelName, i64>,
    pub(crate) counters: CounterRow,
    /// The milliseconds for which a nonce is valid.
    pub(crate) nonce_window: i64,
    /// True if a commit does not wait for the disk.
    pub(crate) is_lazy: bool,
    /// True if there is something that a loss of power would lose.
    pub(crate) is_unsynced: bool,
    pub(crate) _lock: Lock,
}

/// The most messages, and the most nonces, that one call of `maintain` deletes.
const DELETED_AT_ONCE: i64 = 500;

impl SqliteStore {
    fn apply(&mut self, records: &[StampedRecord]) -> Result<CounterRow, Failure> {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut counters = self.counters;
        let mut writer = Writer {
            connection: &transaction,
            senders: &mut self.senders,
            channels: &mut self.channels,
        };
        for StampedRecord { at, record } in records {
            let is_stored = writer.apply(*at, record)?;
            counters.note(*at, record, is_stored);
        }
        counters.save(&transaction)?;
        transaction.commit()?;
        Ok(counters)
    }

    /// Moves the log into the database as far as no reader needs it. The log's file keeps its
    /// length, so that the next commits need not make it longer.
    fn checkpoint(&self) -> rusqlite::Result<()> {
        self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", (), |_| Ok(()))
    }

    /// Deletes some nonces that have expired, and some messages of forgotten channels that no nonce
    /// refers to. Returns true if there may be more.
    fn delete_some(&mut self) -> Result<bool, Failure> {
        let expired = millis(self.counters.at).saturating_sub(self.nonce_window);
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let nonces = transaction
            .prepare_cached(
                "DELETE FROM nonces WHERE (account, nonce) IN \
                 (SELECT account, nonce FROM nonces WHERE at <= ? LIMIT ?)",
            )?
            .execute((expired, DELETED_AT_ONCE))?;
        let messages = transaction
            .prepare_cached(
                "DELETE FROM messages WHERE id IN (SELECT messages.id FROM forgotten_channels \
                 JOIN messages ON messages.channel = forgotten_channels.id \
                 WHERE NOT EXISTS (SELECT 1 FROM nonces WHERE message = messages.id) LIMIT ?)",
            )?
            .execute((DELETED_AT_ONCE,))?;
        if messages == 0 {
            transaction
                .prepare_cached(
                    "DELETE FROM forgotten_channels WHERE NOT EXISTS \
                     (SELECT 1 FROM messages WHERE channel = forgotten_channels.id)",
                )?
                .execute(())?;
        }
        transaction.commit()?;
        Ok(nonces + messages > 0)
    }

    /// Returns true if there is something that [`delete_some`](Self::delete_some) may delete.
    fn has_garbage(&self) -> rusqlite::Result<bool> {
        let expired = millis(self.counters.at).saturating_sub(self.nonce_window);
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
        match self.apply(records) {
            Ok(counters) => {
                self.counters = counters;
                self.is_unsynced |= self.is_lazy;
                Ok(())
            }
            Err(failure) => {
                // Rolled back: ids that it has given away do not exist.
                self.senders.forget();
                self.channels = crate::commit::channel_ids(&self.connection).map_err(failed)?;
                Err(failed(failure))
            }
        }
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        Ok(Box::new(SqliteReader::open(&self.path)?))
    }

    fn maintain(&mut self) -> Result<bool, StoreError> {
        if self.has_garbage().map_err(failed)? && self.delete_some().map_err(failed)? {
            return Ok(true);
        }
        self.checkpoint().map_err(failed)?;
        Ok(false)
    }

    fn levels(&self) -> StoreLevels {
        let mut log = self.path.clone().into_os_string();
        log.push("-wal");
        let log_bytes = std::fs::metadata(log).map_or(0, |log| log.len());
        StoreLevels::new(log_bytes, fs4::available_space(&self.path).ok())
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        if std::mem::take(&mut self.is_unsynced) {
            // A checkpoint syncs the log before it moves pages.
            self.checkpoint().map_err(failed)?;
        }
        Ok(())
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.path).finish_non_exhaustive()
    }
}
