//! One process at a time.

use chat_store::StoreError;
use fs4::fs_std::FileExt;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

/// The lock of a store, until it is dropped. It is a file of its own, since closing the database's
/// file a second time in one process would free SQLite's own locks.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "it is locked while it is open")] File);

impl Lock {
    pub(crate) fn take(database: &Path) -> Result<Self, StoreError> {
        let mut path = database.as_os_str().to_owned();
        path.push("-lock");
        let path = PathBuf::from(path);
        let cannot = |error| {
            StoreError::Unusable(format!(
                "cannot open the store {}: the folder must exist, and the server must be allowed \
                 to write to it ({error})",
                database.display()
            ))
        };
        let options = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
        let file = options.map_err(cannot)?;
        if file.try_lock_exclusive().map_err(cannot)? {
            Ok(Self(file))
        } else {
            Err(StoreError::Unusable(format!(
                "another process uses the store {}: stop it first, or choose another file",
                database.display()
            )))
        }
    }
}
