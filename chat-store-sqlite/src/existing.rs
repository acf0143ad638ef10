//! Opens a store that exists already, beside a server that may use it.

use crate::error::unusable;
use crate::schema;
use chat_store::StoreError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// Opens a store for reading. The file must exist, and have the format of this crate.
pub(crate) fn open(path: &Path) -> Result<Connection, StoreError> {
    let connection = connect(path)?;
    // The log stays: the mark beside the store may say that it is needed.
    let option = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
    connection.set_db_config(option, true).map_err(|error| unusable(path, &error))?;
    // Not opened read-only: without a server, SQLite has to make the index of the log.
    let only = connection.pragma_update(None, "query_only", true);
    only.map_err(|error| unusable(path, &error))?;
    Ok(connection)
}

/// Opens a store, or a copy of one, that nothing else uses: the log is deleted when it is closed.
pub(crate) fn open_alone(path: &Path) -> Result<Connection, StoreError> {
    connect(path)
}

/// Refuses a folder, for which SQLite's error would name no remedy.
pub(crate) fn refuse_folder(path: &Path) -> Result<(), StoreError> {
    if path.is_dir() {
        let path = path.display();
        return Err(StoreError::Unusable(format!(
            "cannot open the store {path}: it is a folder: name a file in it"
        )));
    }
    Ok(())
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    refuse_folder(path)?;
    if !path.exists() {
        let path = path.display();
        return Err(StoreError::Unusable(format!("there is no store {path}: name another file")));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags);
    let connection = connection.map_err(|error| unusable(path, &error))?;
    connection.busy_timeout(PATIENCE).map_err(|error| unusable(path, &error))?;
    schema::check_format(&connection, path)?;
    Ok(connection)
}

/// The time for which a statement waits while a server has the file locked.
const PATIENCE: Duration = Duration::from_secs(10);
