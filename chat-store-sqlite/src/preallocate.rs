//! Room for SQLite's log, taken before it is needed.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

/// The length to which a log is made: the frames of 1,000 pages, after which a commit moves them
/// into the database, and those of that commit.
const LENGTH: u64 = 4_608 * 1_024;

/// Fills a log up with zeros, which SQLite takes for its end and overwrites.
///
/// A sync of a file whose length or blocks have changed waits for the file system's journal as
/// well: it takes several times as long as a sync of bytes that were overwritten, and a good part
/// of that is processor time. An allocation without zeros would not help: the file system would
/// have to note for each block that it was written.
///
/// If the disk is too full for the zeros, the log stays as it was, and grows with each commit.
pub(crate) fn preallocate(log: &Path) -> io::Result<()> {
    // SQLite has no locks on the log itself, so that closing it here releases none.
    let mut file = OpenOptions::new().append(true).open(log)?;
    let length = file.metadata()?.len();
    if length >= LENGTH {
        return Ok(());
    }
    match fill(&mut file, LENGTH - length) {
        Err(error) if is_full(&error) => file.set_len(length),
        result => result,
    }
}

fn fill(file: &mut File, missing: u64) -> io::Result<()> {
    io::copy(&mut io::repeat(0).take(missing), file)?;
    file.sync_all()
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}
