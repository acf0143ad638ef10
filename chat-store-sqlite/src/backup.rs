//! Copies a store while a server may use it.

use crate::check::check_connection;
use crate::error::{failed, unusable};
use crate::files::{belongs_to_store, beside, folder, resolve, sync};
use crate::{Progress, existing, schema};
use chat_store::StoreError;
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Copies the store in the file `from` into the file `to`, also while a server uses it: the copy
/// has all that was committed when it began. Returns its size in bytes.
///
/// The copy is written to `to` with `-partial` at its end, checked, and renamed when it is on the
/// disk, so that an interruption leaves no incomplete backup. An existing file is replaced only if
/// `replace` is set, and a store that has been opened never is. The messages that a server stores
/// meanwhile stay in its log until the copy is finished.
///
/// # Errors
///
/// If the store cannot be read, the copy cannot be written, the file exists, or the copy is
/// damaged.
pub fn backup(
    from: impl AsRef<Path>,
    to: impl AsRef<Path>,
    replace: bool,
    progress: &mut dyn FnMut(Progress),
) -> Result<u64, StoreError> {
    let (from, to) = (&*resolve(from.as_ref()), to.as_ref());
    let source = existing::open(from)?;
    let partial = beside(to, "-partial");
    refuse_existing(to, replace)?;
    refuse_store(from, &[to, &partial])?;
    // Of a backup that was interrupted.
    remove(&partial).map_err(|error| cannot_write(to, &error))?;
    let result = write(&source, &partial, to, replace, progress);
    let result = result.map_err(|error| {
        if let StoreError::Full(error) = error {
            let problem = format!("there is no room on the disk ({error})");
            StoreError::Unusable(format!("cannot write the backup {}: {problem}", to.display()))
        } else {
            error
        }
    });
    if result.is_err() {
        // Nothing else needs the incomplete file.
        let _ = remove(&partial);
    }
    result
}

fn write(
    source: &Connection,
    partial: &Path,
    to: &Path,
    replace: bool,
    progress: &mut dyn FnMut(Progress),
) -> Result<u64, StoreError> {
    let cannot = |error: io::Error| cannot_write(to, &error);
    // SQLite would not say why it cannot.
    File::create_new(partial).map_err(cannot)?;
    // In one transaction, the pages do not change, and the copy need not begin again.
    source.execute_batch("BEGIN; SELECT count(*) FROM counters;").map_err(failed)?;
    copy(source, partial, progress)?;
    source.execute_batch("COMMIT").map_err(failed)?;
    let mut copied = existing::open_alone(partial)?;
    // A server makes a damaged index for searches anew.
    let checked = check_connection(&copied)?;
    if let Some(problem) = checked.problems.first() {
        return Err(StoreError::Unusable(format!(
            "the backup would be damaged, as the store is: {problem}"
        )));
    }
    // Ids that are given from now on are not in the copy.
    schema::migrate(&mut copied).map_err(failed)?;
    copied.execute("UPDATE counters SET epoch = NULL", ()).map_err(failed)?;
    // Moves the log into the copy, and leaves nothing beside it.
    drop(copied);
    sync(partial).map_err(cannot)?;
    refuse_existing(to, replace)?;
    fs::rename(partial, to).map_err(cannot)?;
    // A rename is on the disk when its folder is. Some systems cannot open folders.
    let _ = sync(folder(to));
    Ok(fs::metadata(to).map_err(cannot)?.len())
}

fn copy(
    source: &Connection,
    partial: &Path,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), StoreError> {
    let mut target = Connection::open(partial).map_err(|error| unusable(partial, &error))?;
    let backup = Backup::new(source, &mut target).map_err(failed)?;
    loop {
        let step = backup.step(PAGES_AT_ONCE).map_err(failed)?;
        let pages = backup.progress();
        let total = u64::try_from(pages.pagecount).unwrap_or_default();
        let remaining = u64::try_from(pages.remaining).unwrap_or_default();
        progress(Progress { done: total.saturating_sub(remaining), total });
        // If it is busy, it is tried again.
        if step == StepResult::Done {
            return Ok(());
        }
    }
}

/// Removes an incomplete backup.
fn remove(partial: &Path) -> io::Result<()> {
    for file in [partial.to_owned(), beside(partial, "-journal"), beside(partial, "-wal")] {
        match fs::remove_file(file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

/// Refuses to write over the store itself, over a file that belongs to it, or over another store:
/// a server that uses it would go on in a file without a name.
fn refuse_store(from: &Path, written: &[&Path]) -> Result<(), StoreError> {
    let ends = ["", "-wal", "-shm", "-lock", "-journal"];
    let own = ends.map(|end| fs::canonicalize(beside(from, end)).ok());
    for path in written {
        let is_own = fs::canonicalize(path).is_ok_and(|path| own.contains(&Some(path)));
        if is_own || belongs_to_store(path) {
            let path = path.display();
            return Err(StoreError::Unusable(format!(
                "the file {path} belongs to a store: choose another file for the backup"
            )));
        }
    }
    Ok(())
}

fn cannot_write(to: &Path, error: &io::Error) -> StoreError {
    StoreError::Unusable(format!("cannot write the backup {}: {error}", to.display()))
}

fn refuse_existing(path: &Path, replace: bool) -> Result<(), StoreError> {
    if !replace && path.exists() {
        let path = path.display();
        return Err(StoreError::Unusable(format!("the file {path} exists already")));
    }
    Ok(())
}

/// The pages that are copied between two reports of progress: 4 MiB.
const PAGES_AT_ONCE: i32 = 1_024;
