//! The files of a store, and when they are on the disk.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Returns the path of a file that belongs to the database.
pub(crate) fn beside(database: &Path, end: &str) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(end);
    path.into()
}

/// Returns the path of the database itself, where a path is a symbolic link to it. SQLite keeps its
/// log beside the database, and so do we with the lock: whoever opens the same database by another
/// path has to find both.
pub(crate) fn resolve(path: &Path) -> PathBuf {
    let mut resolved = path.to_owned();
    for _ in 0..LINKS {
        let Ok(target) = fs::read_link(&resolved) else { break };
        resolved = folder(&resolved).join(target);
    }
    resolved
}

/// Returns true if a file belongs to a store that has been opened, or if SQLite or this crate would
/// use it beside a database, whether it exists or not. Nothing else is to be written there.
pub fn belongs_to_store(path: impl AsRef<Path>) -> bool {
    let path = path.as_ref();
    // A look at a backup leaves an empty log.
    let has_log = fs::metadata(beside(path, "-wal")).is_ok_and(|log| log.len() > 0);
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    let databases = ENDS.iter().filter_map(|end| name.strip_suffix(end));
    let is_beside_one = || databases.map(|name| path.with_file_name(name)).any(is_database);
    has_log || beside(path, "-lock").exists() || is_beside_one()
}

fn is_database(path: PathBuf) -> bool {
    let mut header = [0; 13];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut header));
    read.is_ok() && header == *b"SQLite format"
}

/// Makes sure that a file, or the entries of a folder, outlast a loss of power.
pub(crate) fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Returns the folder of a file.
pub(crate) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        Some(_) | None => Path::new("."),
    }
}

/// The ends of the names of the files beside a database.
const ENDS: [&str; 4] = ["-wal", "-shm", "-lock", "-journal"];
/// The most symbolic links that lead to a file, as in Linux.
const LINKS: usize = 40;
