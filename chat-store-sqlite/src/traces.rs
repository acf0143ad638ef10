//! Removes what is left of the texts of changed messages: from the log, and from the index.
//!
//! A commit overwrites the text in its row, and SQLite's `secure_delete` the bytes that become free
//! in the database. But earlier frames of the log still have the page as it was, and the words stay
//! in the index until FTS5 merges its segments. The store removes both while it has nothing else to
//! do. A table says that there is something to remove, so that a restart does not forget it.

use crate::error::Failure;
use rusqlite::Connection;
use std::fs::OpenOptions;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// Creates the table that has a row while there are traces.
pub(crate) const CREATE: &str = "
CREATE TABLE traces (one INTEGER PRIMARY KEY CHECK (one = 1));
";

/// The traces of a store, and when to remove them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traces {
    exist: bool,
    /// The time of the next removal, in milliseconds.
    next: i64,
}

/// The milliseconds between two removals, each of which writes the whole index anew.
const INTERVAL: i64 = 10 * 60 * 1_000;
/// The milliseconds after which a removal that a reader has prevented is tried again.
const RETRY: i64 = 10 * 1_000;
/// The pages of the index that are merged in one step.
const MERGED_AT_ONCE: i64 = 128;

impl Traces {
    pub(crate) fn load(connection: &Connection) -> rusqlite::Result<Self> {
        let exist = "SELECT EXISTS (SELECT 1 FROM traces)";
        Ok(Self { exist: connection.query_row(exist, (), |row| row.get(0))?, next: 0 })
    }

    /// Notes in a transaction that a text was replaced.
    pub(crate) fn note(connection: &Connection) -> rusqlite::Result<()> {
        connection.prepare_cached("INSERT OR IGNORE INTO traces VALUES (1)")?.execute(())?;
        Ok(())
    }

    /// Notes that the transaction was committed.
    pub(crate) fn found(&mut self) {
        self.exist = true;
    }

    /// Returns true if it is time to remove the traces.
    pub(crate) fn are_due(self, now: i64) -> bool {
        self.exist && now >= self.next
    }

    /// Removes them from the index in steps. Returns true if there is more to do. Damage of the
    /// index is found and repaired by those who use it.
    pub(crate) fn leave_index(self, connection: &Connection) -> Result<bool, Failure> {
        secure(connection, true)?;
        let before = connection.total_changes();
        // A negative number merges all segments, also those that are merged rarely.
        let merge = "INSERT INTO search (search, rank) VALUES ('merge', ?)";
        let merged = connection
            .prepare_cached(merge)
            .and_then(|mut merge| merge.execute((-MERGED_AT_ONCE,)));
        secure(connection, false)?;
        // Less than two changes: only the command itself.
        Ok(merged.is_ok() && connection.total_changes() - before >= 2)
    }

    /// Overwrites the old frames of the log. All frames are in the database, and the next commit
    /// begins at the start of the log, unless a reader still needs it. `pages` returns the number
    /// of pages in the log after the last commit.
    pub(crate) fn leave_log(
        &mut self,
        connection: &Connection,
        log: &Path,
        pages: impl Fn() -> u32,
        now: i64,
    ) -> Result<(), Failure> {
        let before = pages();
        connection.prepare_cached("UPDATE traces SET one = 1")?.execute(())?;
        if pages() > before {
            self.next = now + RETRY;
            return Ok(());
        }
        let size: u32 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let used = HEADER + u64::from(pages()) * (FRAME_HEADER + u64::from(size));
        // If it fails, the row stays, and the next start tries again.
        self.next = now + INTERVAL;
        if overwrite(log, used).is_ok() {
            connection.prepare_cached("DELETE FROM traces")?.execute(())?;
            self.exist = false;
        }
        Ok(())
    }
}

/// Lets SQLite overwrite the bytes that become free, or not.
pub(crate) fn secure(connection: &Connection, on: bool) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, "secure_delete", on, |_| Ok(()))
}

/// Writes zeros over the end of a file. SQLite has no locks on the log itself, so that closing it
/// here releases none.
fn overwrite(path: &Path, start: u64) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(start.min(length)))?;
    io::copy(&mut io::repeat(0).take(length.saturating_sub(start)), &mut file)?;
    file.sync_data()
}

/// The bytes before the first frame of a log, and before the page of a frame.
const HEADER: u64 = 32;
const FRAME_HEADER: u64 = 24;
