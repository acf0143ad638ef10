//! Messages by time: the newest one, and those of a time.

use rusqlite::{Connection, OptionalExtension};

/// Returns the id of the newest message; 0 if there is none.
pub(crate) fn newest_id(connection: &Connection) -> rusqlite::Result<i64> {
    let newest = "SELECT coalesce(max(id), 0) FROM messages";
    connection.prepare_cached(newest)?.query_row((), |row| row.get(0))
}

/// Returns an id that divides all messages: those before a time have a lower one, and all
/// others have this one or a higher one. Times grow with ids, so that a binary search finds it:
/// an index of times would make each commit slower.
pub(crate) fn first_id_at(connection: &Connection, at: i64) -> rusqlite::Result<i64> {
    let newest = newest_id(connection)?;
    let mut next = connection.prepare_cached(
        "SELECT id, at FROM messages WHERE id >= ? AND id < ? ORDER BY id LIMIT 1",
    )?;
    let (mut low, mut high) = (0, newest.saturating_add(1));
    while low < high {
        let middle = low + (high - low) / 2;
        let found = next.query_row((middle, high), |row| Ok((row.get(0)?, row.get(1)?)));
        match found.optional()? {
            Some((id, found_at)) if found_at < at => low = id + 1,
            Some::<(i64, i64)>(_) | None => high = middle,
        }
    }
    Ok(low)
}
