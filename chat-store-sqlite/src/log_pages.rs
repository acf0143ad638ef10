//! The number of pages in SQLite's log, and when to move them into the database.
//!
//! SQLite can do that by itself (`wal_autocheckpoint`), but it hides the errors: a sync of the
//! database that has failed would be tried again, which succeeds although pages are lost.

use crate::durability::Durability;
use rusqlite::Connection;
use rusqlite::hooks::Wal;
use std::cell::Cell;
use std::ffi::c_int;

/// Decides when a log is long enough.
#[derive(Debug)]
pub(crate) struct LogPages {
    /// The most pages that are added before they are moved.
    most: u32,
    /// The pages in the log when they were last moved. They stay in the log as long as a reader
    /// needs them.
    moved: u32,
}

impl LogPages {
    /// Counts the pages of a connection's commits.
    pub(crate) fn of(connection: &Connection, durability: Durability) -> Self {
        connection.wal_hook(Some(note));
        let most = match durability {
            // The log stays in its preallocated part. SQLite's own default.
            Durability::Power => 1_000,
            // 64 MiB. Mostly, the sync of each second comes before.
            Durability::Process => 16_384,
        };
        Self { most, moved: 0 }
    }

    /// Returns true if the log is long enough after a commit on this thread.
    pub(crate) fn are_many(&mut self) -> bool {
        let pages = PAGES.get();
        if pages < self.moved {
            // The commit began at the start of the log again.
            self.moved = 0;
        }
        pages - self.moved >= self.most
    }

    /// Returns the number of pages in the log after the last commit on this thread.
    pub(crate) fn count() -> u32 {
        PAGES.get()
    }

    /// Takes note that the pages are moved, as far as possible.
    pub(crate) fn note_moved(&mut self) {
        self.moved = PAGES.get();
    }
}

thread_local! {
    /// The pages in the log after the last commit of this thread. SQLite calls the hook within the
    /// commit, and the hook can hold no value of its own.
    static PAGES: Cell<u32> = const { Cell::new(0) };
}

fn note(_: &Wal, pages: c_int) -> rusqlite::Result<()> {
    PAGES.set(u32::try_from(pages).unwrap_or_default());
    Ok(())
}
