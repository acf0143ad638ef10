//! Errors of SQLite, as errors of the store.

use chat_store::StoreError;
use rusqlite::ErrorCode;
use std::path::Path;

/// Converts an error of an operation on an open store.
pub(crate) fn failed(error: impl Into<Failure>) -> StoreError {
    match error.into() {
        Failure::Sqlite(error) => match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => StoreError::Full(error.to_string()),
            _ => StoreError::Failed(error.to_string()),
        },
        Failure::Json(error) => StoreError::Failed(format!("a row is not as expected: {error}")),
    }
}

/// Converts an error of opening a file.
pub(crate) fn unusable(path: &Path, error: &rusqlite::Error) -> StoreError {
    let remedy = match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => {
            "it is not a file of this store, or it is damaged: choose another file, or restore a \
             backup"
        }
        Some(ErrorCode::DatabaseCorrupt) => "it is damaged: restore a backup",
        Some(ErrorCode::DiskFull) => "there is no room on the disk: make some",
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
            "the folder must exist, and the server must be allowed to write to it"
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another program uses it: stop that first"
        }
        _ => "see the error",
    };
    StoreError::Unusable(format!("cannot open the store {}: {remedy} ({error})", path.display()))
}

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
