//! Opens a store.

use crate::channel_ages::ChannelAges;
use crate::commit::channel_ids;
use crate::counters::CounterRow;
use crate::durability::Durability;
use crate::error::{unreadable, unusable};
use crate::files::{beside, resolve};
use crate::intact;
use crate::load::load;
use crate::lock::{Lock, Mark, unmarked};
use crate::log_pages::LogPages;
use crate::preallocate::preallocate;
use crate::prune::Keep;
use crate::schema;
use crate::search_index::{Indexed, return_pages};
use crate::sender_sweep::SenderSweep;
use crate::senders::SenderIds;
use crate::store::SqliteStore;
use crate::traces::Traces;
use chat_core::{Config, Timestamp};
use chat_store::{Opened, StoreError};
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The options of a store.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SqliteOptions {
    /// The promise of a commit. Default: [`Durability::Power`].
    pub durability: Durability,
    /// The messages of each channel, and of each account's private messages, that are read into
    /// memory. Default: 200, like [`Config::history_per_channel`](chat_core::Config). Older ones
    /// stay in the file.
    pub recent: usize,
    /// The time for which the nonces of messages are kept. Default: 10 minutes, like
    /// [`Config::nonce_window`](chat_core::Config::nonce_window), which it must not be shorter
    /// than.
    pub nonce_window: Duration,
    /// The messages that are kept. Default: [`Keep::Unlimited`].
    pub keep: Keep,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            durability: Durability::default(),
            recent: 200,
            nonce_window: Config::default().nonce_window,
            keep: Keep::default(),
        }
    }
}

impl SqliteOptions {
    /// Opens the store in a file, which is created if it does not exist. `now` is the time of its
    /// creation then.
    ///
    /// # Errors
    ///
    /// If the file cannot be used: it is in use, damaged, or not of this format. The error is one
    /// line with the problem and the remedy. Nothing is ever deleted or replaced.
    pub fn open(self, path: impl AsRef<Path>, now: Timestamp) -> Result<Opened, StoreError> {
        let path = &*resolve(path.as_ref());
        let mut lock = Lock::take(path)?;
        intact::check(path, &lock)?;
        // A loss of power may have lost commits that were delivered.
        let may_lack_ids = lock.mark() == Mark::Open(Durability::Process);
        if lock.mark() == Mark::Open(Durability::Power) && self.durability == Durability::Process {
            // From now on, the log may have gaps after a loss of power.
            lock.set(Mark::Open(Durability::Process)).map_err(|error| unmarked(path, &error))?;
        }
        let mut connection = Connection::open(path).map_err(|error| unusable(path, &error))?;
        schema::prepare(&mut connection, path, now)?;
        // A log that SQLite deletes when the connection is closed would seem to be missing.
        connection
            .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
            .map_err(|error| unusable(path, &error))?;
        self.configure(&connection).map_err(|error| unusable(path, &error))?;
        let mut counters = CounterRow::load(&connection).map_err(|error| unusable(path, &error))?;
        // A backup has no epoch, and another older state lacks messages that were there at the end.
        let is_older = lock.last_message() > counters.counters.last_message;
        if may_lack_ids || counters.counters.epoch.is_none() || is_older {
            counters.begin_epoch(now, lock.last_message());
        }
        let channels = channel_ids(&connection).map_err(|failure| unreadable(path, failure))?;
        let ages = ChannelAges::load(&connection).map_err(|failure| unreadable(path, failure))?;
        let state = load(&connection, counters, self.recent);
        let state = state.map_err(|failure| unreadable(path, failure))?;
        let newest = counters.counters.last_message.0.cast_signed();
        return_pages(&connection);
        let indexed = Indexed::open(&mut connection, newest);
        let indexed = indexed.map_err(|failure| unreadable(path, failure))?;
        if self.durability == Durability::Power {
            preallocate(&beside(path, "-wal")).map_err(|error| {
                StoreError::Unusable(format!(
                    "cannot open the store {}: cannot write to its log ({error}): check the disk",
                    path.display()
                ))
            })?;
        }
        let traces = Traces::load(&connection).map_err(|error| unusable(path, &error))?;
        let log_pages = LogPages::of(&connection, self.durability);
        let store = SqliteStore {
            connection,
            path: path.to_owned(),
            senders: SenderIds::default(),
            sweep: SenderSweep::default(),
            channels,
            ages,
            counters,
            nonce_window: i64::try_from(self.nonce_window.as_millis()).unwrap_or(i64::MAX),
            keep: self.keep,
            durability: self.durability,
            is_unsynced: false,
            has_failed: false,
            indexed,
            damage: Arc::default(),
            log_pages,
            traces,
            lock,
        };
        Ok(Opened::new(store, state))
    }

    fn configure(self, connection: &Connection) -> rusqlite::Result<()> {
        let synchronous = match self.durability {
            Durability::Process => "NORMAL",
            Durability::Power => "FULL",
        };
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", synchronous)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Ok(())
    }
}

/// The prepared statements of a connection; the store has fewer.
const STATEMENTS: usize = 64;
