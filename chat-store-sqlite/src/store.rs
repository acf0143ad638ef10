//! The store.

use crate::commit::Writer;
use crate::counters::CounterRow;
use crate::error::{Failure, failed};
use crate::lock::Lock;
use crate::reader::SqliteReader;
use crate::senders::SenderIds;
use chat_core::{ChannelName, StampedRecord};
use chat_store::{Reader, Store, StoreError};
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
    /// True if a commit does not wait for the disk.
    pub(crate) is_lazy: bool,
    /// True if there is something that a loss of power would lose.
    pub(crate) is_unsynced: bool,
    pub(crate) _lock: Lock,
}

/// The messages of forgotten channels that one call of `maintain` deletes.
const DELETED_AT_ONCE: usize = 500;

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

    /// Deletes some messages of forgotten channels. Returns true if there are more.
    fn delete_some(&mut self) -> Result<bool, Failure> {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let deleted = transaction
            .prepare_cached(
                "DELETE FROM messages WHERE id IN (SELECT messages.id FROM forgotten_channels \
                 JOIN messages ON messages.channel = forgotten_channels.id LIMIT ?)",
            )?
            .execute((DELETED_AT_ONCE.cast_signed(),))?;
        if deleted == 0 {
            transaction.prepare_cached("DELETE FROM forgotten_channels")?.execute(())?;
        }
        transaction.commit()?;
        Ok(deleted > 0)
    }

    fn has_forgotten(&self) -> rusqlite::Result<bool> {
        self.connection
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM forgotten_channels)")?
            .query_row((), |row| row.get(0))
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
        if self.has_forgotten().map_err(failed)? {
            return self.delete_some().map_err(failed);
        }
        self.checkpoint().map_err(failed)?;
        Ok(false)
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
