//! The audit log.

use crate::error::{Failure, failed};
use crate::existing;
use chat_core::{AuditEntry, AuditId, DurableState, Record};
use chat_store::StoreError;
use rusqlite::{Connection, params};
use std::path::Path;
use std::sync::Arc;

/// Reads the audit log of a store, the oldest entry first, also while a server uses it.
///
/// # Errors
///
/// If the file is no store, or cannot be read.
pub fn read_audit_log(path: impl AsRef<Path>) -> Result<Vec<Arc<AuditEntry>>, StoreError> {
    let connection = existing::open(path.as_ref())?;
    // A store of an earlier version has none.
    let exists = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'audit_log')";
    match connection.query_row(exists, (), |row| row.get(0)) {
        Ok(true) => entries(&connection).map_err(failed),
        Ok(false) => Ok(Vec::new()),
        Err(error) => Err(failed(error)),
    }
}

/// Applies [`Record::Audited`].
pub(crate) fn add(
    connection: &Connection,
    entry: &AuditEntry,
    oldest: AuditId,
) -> Result<(), Failure> {
    let [id, oldest] = [entry.id, oldest].map(|id| id.0.cast_signed());
    let json = serde_json::to_string(entry)?;
    connection
        .prepare_cached(
            "INSERT INTO audit_log SELECT ?1, ?2 \
             WHERE NOT EXISTS (SELECT 1 FROM audit_log WHERE id >= ?1)",
        )?
        .execute(params![id, json])?;
    connection
        .prepare_cached(
            "DELETE FROM audit_log WHERE id < ? AND id < (SELECT max(id) FROM audit_log)",
        )?
        .execute((oldest,))?;
    Ok(())
}

/// Reads the audit log into a state.
pub(crate) fn load(connection: &Connection, state: &mut DurableState) -> Result<(), Failure> {
    for entry in entries(connection)? {
        state.apply(entry.at, &Record::Audited { entry, oldest: AuditId(0) });
    }
    Ok(())
}

fn entries(connection: &Connection) -> Result<Vec<Arc<AuditEntry>>, Failure> {
    let mut statement = connection.prepare("SELECT entry FROM audit_log ORDER BY id")?;
    let mut rows = statement.query(())?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(Arc::new(serde_json::from_str(&row.get::<_, String>(0)?)?));
    }
    Ok(entries)
}
