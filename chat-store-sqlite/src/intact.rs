//! Checks of the files before SQLite opens them: what SQLite itself would take for an older state.

use crate::durability::Durability;
use crate::files::beside;
use crate::lock::{Lock, Mark};
use crate::log::Log;
use chat_store::StoreError;
use std::fs::{self, File};
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;

/// Checks that database and log are there if they were, that no commit in the log is damaged, and
/// that the database is not cut off.
pub(crate) fn check(database: &Path, lock: &Lock) -> Result<(), StoreError> {
    let name = database.display();
    let refuse = |problem: String| {
        Err(StoreError::Unusable(format!("cannot open the store {name}: {problem}")))
    };
    let cannot = |error: io::Error| StoreError::Unusable(format!("cannot read {name}: {error}"));
    if lock.mark() == Mark::New {
        return Ok(());
    }
    if fs::metadata(database).map_or(0, |file| file.len()) == 0 {
        return refuse(format!(
            "the file is missing or empty, and there was a store: put it back, or restore a \
             backup; to begin without history, delete {name}-lock and {name}-wal"
        ));
    }
    let missing = missing_pages(database).map_err(cannot)?;
    if lock.mark() == Mark::Closed && missing.is_empty() {
        return Ok(());
    }
    let anyway = format!("to continue without them, delete {name}-lock");
    match (lock.mark(), Log::read(&beside(database, "-wal")).map_err(cannot)?) {
        (Mark::Open(_), Log::Missing) => refuse(format!(
            "the file {name}-wal is missing or empty, which has the newest messages: put it back, \
             or restore a backup; {anyway}"
        )),
        // Without a sync of each commit, a loss of power may have the same effect, and it may lose
        // that much.
        (Mark::Open(Durability::Power), Log::Damaged) => refuse(format!(
            "the file {name}-wal is damaged, and the messages behind the damage would be lost: \
             restore a backup; {anyway}"
        )),
        (_, Log::Missing | Log::Damaged) if missing.is_empty() => Ok(()),
        (_, Log::Sound(pages)) if missing.into_iter().all(|page| pages.contains(&page)) => Ok(()),
        (_, Log::Sound(_) | Log::Missing | Log::Damaged) => {
            refuse("it is cut off: restore a backup".to_owned())
        }
    }
}

/// Returns the pages that the database lacks at its end, by its own header. A checkpoint that was
/// interrupted may not have written them yet.
fn missing_pages(database: &Path) -> io::Result<Range<u32>> {
    let mut header = [0; 32];
    let mut file = File::open(database)?;
    let length = file.metadata()?.len();
    if file.read_exact(&mut header).is_err() || !header.starts_with(b"SQLite format") {
        // SQLite refuses it.
        return Ok(0..0);
    }
    let page_size = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65_536,
        size => u64::from(size),
    };
    let pages = u32::from_be_bytes([header[28], header[29], header[30], header[31]]);
    let there = u32::try_from(length.checked_div(page_size).unwrap_or_default());
    Ok(there.unwrap_or(u32::MAX).saturating_add(1)..pages.saturating_add(1))
}
