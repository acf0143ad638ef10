//! Lists the bans from the whole server.

use crate::error::{Failure, failed};
use crate::existing;
use crate::times::millis;
use chat_core::{ServerBan, Timestamp};
use chat_store::StoreError;
use rusqlite::Connection;
use std::path::Path;

/// Lists the bans from the whole server that are in force at a time, also while a server uses the
/// store.
///
/// # Errors
///
/// If the file is no store, or cannot be read.
pub fn list_server_bans(
    path: impl AsRef<Path>,
    now: Timestamp,
) -> Result<Vec<ServerBan>, StoreError> {
    let connection = existing::open(path.as_ref())?;
    bans(&connection, now).map_err(failed)
}

fn bans(connection: &Connection, now: Timestamp) -> Result<Vec<ServerBan>, Failure> {
    let active = "SELECT ban FROM server_bans WHERE until IS NULL OR until > ? ORDER BY target";
    let mut statement = connection.prepare(active)?;
    let mut rows = statement.query((millis(now),))?;
    let mut bans = Vec::new();
    while let Some(row) = rows.next()? {
        bans.push(serde_json::from_str(&row.get::<_, String>(0)?)?);
    }
    Ok(bans)
}
