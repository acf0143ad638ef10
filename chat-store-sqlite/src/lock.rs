//! One process at a time, and whether the last one has closed the store.

use crate::counters::CounterRow;
use crate::durability::Durability;
use crate::error::failed;
use crate::existing::refuse_folder;
use crate::files::beside;
use chat_core::MessageId;
use chat_store::StoreError;
use fs4::fs_std::FileExt;
use rusqlite::Connection;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::Path;

/// The lock of a store, until it is dropped. It is a file of its own, since closing the database's
/// file a second time in one process would free SQLite's own locks.
///
/// Its contents say whether SQLite's log is needed. SQLite takes a missing log for an empty one,
/// and would silently go back to an older state. They also have the id of the last message when the
/// store was closed, by which an older copy in its place is noticed.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
    mark: Mark,
    last_message: MessageId,
}

/// The contents of the file of the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Nothing was ever committed.
    New,
    /// Everything is in the database.
    Closed,
    /// The log has commits that were delivered, under this promise.
    Open(Durability),
}

impl Lock {
    pub(crate) fn take(database: &Path) -> Result<Self, StoreError> {
        refuse_folder(database)?;
        let cannot = |error| {
            StoreError::Unusable(format!(
                "cannot open the store {}: the folder must exist, and the server must be allowed \
                 to write to it ({error})",
                database.display()
            ))
        };
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(beside(database, "-lock")).map_err(cannot)?;
        if !file.try_lock_exclusive().map_err(cannot)? {
            return Err(StoreError::Unusable(format!(
                "another process uses the store {}: stop it first, or choose another file",
                database.display()
            )));
        }
        let mut contents = String::new();
        file.read_to_string(&mut contents).map_err(cannot)?;
        let (mark, last_message) = parse(&contents);
        let mut lock = Self { file, mark, last_message };
        if contents.is_empty() {
            // Later marks need no room on the disk.
            lock.write(Mark::New).map_err(cannot)?;
        }
        Ok(lock)
    }

    pub(crate) fn mark(&self) -> Mark {
        self.mark
    }

    /// The id of the last message when the store was closed; 0 if it never was.
    pub(crate) fn last_message(&self) -> MessageId {
        self.last_message
    }

    /// Writes the mark, so that it outlasts a loss of power.
    pub(crate) fn set(&mut self, mark: Mark) -> io::Result<()> {
        if mark != self.mark {
            self.write(mark)?;
            self.mark = mark;
        }
        Ok(())
    }

    /// Moves the whole log into the database, so that it is not needed any more. Returns false if a
    /// reader holds that up.
    pub(crate) fn close(
        &mut self,
        connection: &Connection,
        database: &Path,
    ) -> Result<bool, StoreError> {
        let (busy, log, moved): (i64, i64, i64) = connection
            .query_row("PRAGMA wal_checkpoint(FULL)", (), |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .map_err(failed)?;
        if busy != 0 || log != moved {
            return Ok(false);
        }
        let counters = CounterRow::load(connection).map_err(failed)?.counters;
        self.last_message = self.last_message.max(counters.last_message);
        self.set(Mark::Closed).map_err(|error| unmarked(database, &error))?;
        Ok(true)
    }

    fn write(&mut self, mark: Mark) -> io::Result<()> {
        self.file.rewind()?;
        // Always of the same length: writing one over another needs no room on the disk.
        let contents = format!("{:<12} {:016}\n", mark.name(), self.last_message.0);
        self.file.write_all(contents.as_bytes())?;
        self.file.sync_all()
    }
}

impl Mark {
    fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Closed => "closed",
            Self::Open(Durability::Process) => "open process",
            Self::Open(Durability::Power) => "open power",
        }
    }
}

/// Parses the contents of the file. Without the id, they are those of an earlier version.
fn parse(contents: &str) -> (Mark, MessageId) {
    let contents = contents.trim_end();
    let (name, last) = contents.rsplit_once(' ').unwrap_or((contents, ""));
    let (name, last) = last.parse().map_or((contents, 0), |last| (name.trim_end(), last));
    let marks = [Mark::Closed, Mark::Open(Durability::Process), Mark::Open(Durability::Power)];
    let mark = marks.into_iter().find(|mark| mark.name() == name);
    (mark.unwrap_or(Mark::New), MessageId(last))
}

/// Converts an error of writing a mark.
pub(crate) fn unmarked(database: &Path, error: &io::Error) -> StoreError {
    StoreError::Failed(format!(
        "cannot write to {}-lock: {error}; check the disk and start again: what was delivered is \
         kept",
        database.display()
    ))
}
