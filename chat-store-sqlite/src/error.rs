//! Errors of SQLite, as errors of the store.

use chat_store::StoreError;
use rusqlite::{ErrorCode, ffi};
use std::path::Path;

/// Converts an error of an operation on an open store.
pub(crate) fn failed(error: impl Into<Failure>) -> StoreError {
    match error.into() {
        Failure::Sqlite(error) => match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => StoreError::Full(error.to_string()),
            Some(ErrorCode::SystemIoFailure) => StoreError::Failed(format!(
                "{error}; check the disk and start again: what was delivered is kept"
            )),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                StoreError::Failed(format!("{error}; its file is damaged: restore a backup"))
            }
            _ => StoreError::Failed(error.to_string()),
        },
        Failure::Json(error) => StoreError::Failed(format!("a row is not as expected: {error}")),
    }
}

/// Converts an error of reading the state when the store is opened.
pub(crate) fn unreadable(path: &Path, failure: Failure) -> StoreError {
    match failure {
        Failure::Sqlite(error) => unusable(path, &error),
        Failure::Json(error) => StoreError::Unusable(format!(
            "cannot open the store {}: it is damaged: restore a backup ({error})",
            path.display()
        )),
    }
}

/// Converts an error of opening a file.
pub(crate) fn unusable(path: &Path, error: &rusqlite::Error) -> StoreError {
    let extended = error.sqlite_error().map(|error| error.extended_code);
    let remedy = match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => {
            "it is not a file of this store, or it is damaged: choose another file, or restore a \
             backup"
        }
        // Without a code: a table or a value is not as expected.
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::TypeMismatch | ErrorCode::Unknown) | None => {
            "it is damaged: restore a backup"
        }
        Some(ErrorCode::DiskFull) => NO_ROOM,
        // The index of the log cannot be made longer.
        Some(ErrorCode::SystemIoFailure) if extended == Some(ffi::SQLITE_IOERR_SHMSIZE) => NO_ROOM,
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
            "the folder must exist, and the server must be allowed to write to it"
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another program uses it: stop that first"
        }
        Some(ErrorCode::SystemIoFailure) => "the disk has failed: check it, or restore a backup",
        _ => "see the error",
    };
    StoreError::Unusable(format!("cannot open the store {}: {remedy} ({error})", path.display()))
}

const NO_ROOM: &str = "there is no room on the disk: make some";

/// An error of SQLite, or of a value in a row.
#[derive(Debug)]
pub(crate) enum Failure {
    Sqlite(rusqlite::Error),
    Json(serde_json::Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_disk_is_not_taken_for_a_broken_one() {
        let text = |code| {
            let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
            unusable(Path::new("chat.db"), &error).to_string()
        };
        let start = "cannot open the store chat.db: there is no room on the disk: make some (";
        for code in [ffi::SQLITE_FULL, ffi::SQLITE_IOERR_SHMSIZE] {
            assert!(text(code).starts_with(start), "{}", text(code));
        }
        assert!(text(ffi::SQLITE_IOERR_READ).contains(": the disk has failed: check it"));
    }
}
