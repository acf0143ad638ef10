//! A durable store of the chat engine in one SQLite file.
//!
//! ```
//! use chat_core::{Config, Engine, Timestamp};
//! use chat_store_sqlite::SqliteOptions;
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("chat.db");
//! let now = Timestamp::from_millis(1_767_225_600_000);
//! let opened = SqliteOptions::default().open(&path, now)?;
//! let engine = Engine::restore(Config::default(), opened.state, now);
//! # drop(engine);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The file contains facts, in tables: channels, statuses, messages. It depends on no version of
//! the engine's rules, and a restart reads only the newest messages of each channel. Next to it,
//! SQLite has its log (`chat.db-wal`) and an index of it (`chat.db-shm`); all three belong
//! together. `chat.db-lock` is locked while a process has the store open, and says whether the log
//! is needed: a missing or damaged one is noticed.
//!
//! SQLite is compiled in, because older versions of it lose data in this mode.

mod account_list;
mod accounts;
mod audit_log;
mod backup;
mod ban_list;
mod by_time;
mod channel_ages;
mod check;
mod commit;
mod counters;
mod durability;
mod erase;
mod error;
mod existing;
mod export;
mod files;
mod intact;
mod load;
mod lock;
mod log;
mod log_pages;
mod memberships;
mod message_rows;
mod open;
mod preallocate;
mod progress;
mod prune;
mod reader;
mod reports;
mod schema;
mod search;
mod search_index;
mod sender_sweep;
mod senders;
mod store;
mod times;
mod traces;

pub use account_list::{StoredAccount, list_accounts};
pub use audit_log::read_audit_log;
pub use backup::backup;
pub use ban_list::list_server_bans;
pub use check::check;
pub use durability::Durability;
pub use erase::erase;
pub use export::{ExportError, Selection, export};
pub use files::belongs_to_store;
pub use open::SqliteOptions;
pub use progress::Progress;
pub use prune::Keep;
