//! Checks whether a file is sound.

use crate::error::{Failure, failed};
use crate::existing;
use crate::search_index::{Indexed, has_unused_pages};
use chat_store::StoreError;
use rusqlite::{Connection, ErrorCode};
use std::path::Path;

/// Checks a store, also while a server uses it: first SQLite's structures, then whether the tables
/// fit together. Returns a line for each problem, at most 100 of them, and none for a sound store.
/// Damage of the index for searches is one line, which says that nothing is lost: it is noted in
/// the store, which makes a new index when it is opened the next time.
///
/// # Errors
///
/// If the file is no store, or cannot be read.
pub fn check(path: impl AsRef<Path>) -> Result<Vec<String>, StoreError> {
    let connection = existing::open(path.as_ref())?;
    let Checked { mut problems, has_damaged_index } = check_connection(&connection)?;
    if has_damaged_index {
        connection.execute_batch("PRAGMA query_only = OFF").map_err(failed)?;
        Indexed::outdate(&connection).map_err(failed)?;
        problems.push(DAMAGED_INDEX.to_owned());
    }
    Ok(problems)
}

/// The result of a check.
pub(crate) struct Checked {
    /// A line for each problem, without those of the index for searches.
    pub(crate) problems: Vec<String>,
    /// True if the index for searches is damaged.
    pub(crate) has_damaged_index: bool,
}

/// Does the same over a connection.
pub(crate) fn check_connection(connection: &Connection) -> Result<Checked, StoreError> {
    // One transaction, so that a server changes nothing between two questions.
    let transaction = connection.unchecked_transaction().map_err(failed)?;
    let mut checked = structures(&transaction).map_err(failed)?;
    let problems = &mut checked.problems;
    // A damaged table has no rows that could be trusted.
    if problems.is_empty() {
        for (question, problem) in QUESTIONS {
            rows(&transaction, question, problem, problems).map_err(failed)?;
        }
    }
    problems.truncate(MOST);
    Ok(checked)
}

fn structures(connection: &Connection) -> Result<Checked, Failure> {
    let problems = integrity(connection, &MOST.to_string())?;
    let mut checked = Checked { problems, has_damaged_index: false };
    if checked.problems.is_empty() {
        return Ok(checked);
    }
    let (mut tables, mut index) = (Vec::new(), Vec::new());
    let all = "SELECT name, rootpage FROM sqlite_schema WHERE type = 'table'";
    let mut statement = connection.prepare(all)?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let (name, root): (String, i64) = (row.get(0)?, row.get(1)?);
        match name == "search" || name.starts_with("search_") {
            true => index.push(format!("Tree {root} ")),
            false => tables.push(name),
        }
    }
    let is_of_others = |line: &String| {
        let is_of_index = line.to_ascii_lowercase().contains("fts5")
            || index.iter().any(|tree| line.starts_with(tree));
        // Such lines do not name their table, whose own check finds them again. Damage hides the
        // pages behind it, and those of a replaced index belong to nothing.
        let is_of_any = line.ends_with(": never used")
            || line.starts_with("Fragmentation of ")
            || line.starts_with("***")
            || line == MALFORMED;
        !is_of_index && !is_of_any
    };
    if checked.problems.iter().any(is_of_others) {
        return Ok(checked);
    }
    for table in tables {
        if !integrity(connection, &format!("'{table}'"))?.is_empty() {
            return Ok(checked);
        }
    }
    let is_unused = |line: &String| line.ends_with(": never used") || line.starts_with("***");
    let is_known = checked.problems.iter().all(is_unused);
    if !is_known || has_unused_pages(connection)? {
        checked.has_damaged_index = !is_known;
        checked.problems.clear();
    }
    Ok(checked)
}

/// Returns the problems of the file, or of a table.
fn integrity(connection: &Connection, of: &str) -> Result<Vec<String>, Failure> {
    let lines = || {
        let mut statement = connection.prepare(&format!("PRAGMA integrity_check({of})"))?;
        let lines = statement.query_map((), |row| row.get::<_, String>(0))?;
        lines.collect::<rusqlite::Result<Vec<String>>>()
    };
    let lines = match lines() {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => {
            vec![MALFORMED.to_owned()]
        }
        // FTS5 refuses settings of its own that are damaged.
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::Unknown) => {
            vec![error.to_string()]
        }
        lines => lines?,
    };
    // A damaged page is described in several lines.
    let lines = lines.iter().flat_map(|line| line.lines()).map(str::trim);
    Ok(lines.filter(|line| *line != "ok").map(str::to_owned).collect())
}

/// The problem of a file for which SQLite names no page.
const MALFORMED: &str = "database disk image is malformed";

/// The problem of a damaged index.
const DAMAGED_INDEX: &str = "the index for searches is damaged: no message is lost, and the server \
     makes a new index after its next start";

/// Adds a line for each row of an answer, with its first column in place of `{}`.
fn rows(
    connection: &Connection,
    question: &str,
    problem: &str,
    problems: &mut Vec<String>,
) -> Result<(), Failure> {
    let mut statement = connection.prepare(&format!("{question} LIMIT {MOST}"))?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let value: String = row.get(0)?;
        problems.push(problem.replace("{}", &value));
    }
    Ok(())
}

/// The most problems that are told.
const MOST: usize = 100;

/// Questions whose answers are problems, and the words for each.
const QUESTIONS: [(&str, &str); 10] = [
    (
        "SELECT CAST(message AS TEXT) FROM mailboxes WHERE NOT EXISTS \
         (SELECT 1 FROM messages WHERE id = message)",
        "message {} is in a mailbox and has no row",
    ),
    (
        "SELECT CAST(message AS TEXT) FROM nonces WHERE NOT EXISTS \
         (SELECT 1 FROM messages WHERE id = message)",
        "message {} has a nonce and no row",
    ),
    (
        "SELECT CAST(id AS TEXT) FROM messages WHERE NOT EXISTS \
         (SELECT 1 FROM senders WHERE id = messages.sender)",
        "message {} has no sender",
    ),
    (
        "SELECT CAST(id AS TEXT) FROM messages WHERE channel IS NOT NULL AND NOT EXISTS \
         (SELECT 1 FROM channels WHERE id = channel) AND NOT EXISTS \
         (SELECT 1 FROM forgotten_channels WHERE id = channel)",
        "message {} is of no channel",
    ),
    (
        "SELECT CAST(id AS TEXT) FROM messages WHERE channel IS NULL AND NOT EXISTS \
         (SELECT 1 FROM mailboxes WHERE message = messages.id)",
        "message {} is private and in no mailbox",
    ),
    (
        "SELECT account || ' in channel ' || channel FROM statuses WHERE NOT EXISTS \
         (SELECT 1 FROM channels WHERE id = channel)",
        "the status of account {} is of no channel",
    ),
    (
        "SELECT CAST(channel AS TEXT) FROM list_entries WHERE NOT EXISTS \
         (SELECT 1 FROM channels WHERE id = channel)",
        "a list is of channel {}, which does not exist",
    ),
    (
        "SELECT account FROM invitations WHERE NOT EXISTS \
         (SELECT 1 FROM channels WHERE id = channel)",
        "account {} is invited into a channel that does not exist",
    ),
    (
        "SELECT DISTINCT account FROM \
         (SELECT account FROM mailboxes UNION SELECT account FROM statuses \
          UNION SELECT account FROM invitations UNION SELECT account FROM memberships \
          UNION SELECT account FROM private_marks) \
         WHERE NOT EXISTS (SELECT 1 FROM accounts WHERE name = account)",
        "account {} has data and no row",
    ),
    (
        "SELECT CAST(id AS TEXT) FROM channels WHERE id > (SELECT last_channel FROM counters)",
        "channel {} is above the counter of channels",
    ),
];
