//! The open reports.

use crate::error::Failure;
use chat_core::{DurableState, Record, Report, ReportId};
use rusqlite::{Connection, OptionalExtension};
use std::sync::Arc;

/// Applies [`Record::Reported`].
pub(crate) fn open(connection: &Connection, report: &Report) -> Result<(), Failure> {
    let json = serde_json::to_string(report)?;
    connection
        .prepare_cached("INSERT OR REPLACE INTO reports VALUES (?, ?)")?
        .execute((report.id.0.cast_signed(), json))?;
    Ok(())
}

/// Applies [`Record::ReportClosed`].
pub(crate) fn close(connection: &Connection, report: ReportId) -> Result<(), Failure> {
    connection
        .prepare_cached("DELETE FROM reports WHERE id = ?")?
        .execute((report.0.cast_signed(),))?;
    Ok(())
}

/// Reads the reports into a state, and the number of the last one, which may be closed: SQLite
/// keeps the largest id of a table with AUTOINCREMENT.
pub(crate) fn load(connection: &Connection, state: &mut DurableState) -> Result<(), Failure> {
    let last = "SELECT seq FROM sqlite_sequence WHERE name = 'reports'";
    let last: Option<i64> = connection.query_row(last, (), |row| row.get(0)).optional()?;
    state.resume_reports(ReportId(last.unwrap_or_default().cast_unsigned()));
    let mut statement = connection.prepare("SELECT report FROM reports ORDER BY id")?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let report: Arc<Report> = Arc::new(serde_json::from_str(&row.get::<_, String>(0)?)?);
        state.apply(report.at, &Record::Reported(report));
    }
    Ok(())
}

/// Deletes the reports by an account and about it, for its erasure.
pub(crate) fn erase(connection: &Connection, account: &str) -> Result<(), Failure> {
    connection.execute(
        "DELETE FROM reports WHERE json_extract(report, '$.by.account') = ?1 \
         OR json_extract(report, '$.user.account') = ?1",
        (account,),
    )?;
    Ok(())
}
