//! Checks whether a file is sound.

use crate::error::{Failure, failed};
use crate::existing;
use chat_store::StoreError;
use rusqlite::{Connection, ErrorCode};
use std::path::Path;

/// Checks a store, also while a server uses it: first SQLite's structures, then whether the tables
/// fit together. Returns a line for each problem, at most 100 of them, and none for a sound store.
///
/// # Errors
///
/// If the file is no store, or cannot be read.
pub fn check(path: impl AsRef<Path>) -> Result<Vec<String>, StoreError> {
    check_connection(&existing::open(path.as_ref())?)
}

/// Does the same over a connection.
pub(crate) fn check_connection(connection: &Connection) -> Result<Vec<String>, StoreError> {
    // One transaction, so that a server changes nothing between two questions.
    connection.execute_batch("BEGIN").map_err(failed)?;
    let mut problems = match structures(connection) {
        Ok(problems) => problems,
        Err(Failure::Sqlite(error))
            if error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) =>
        {
            vec![error.to_string()]
        }
        Err(failure) => return Err(failed(failure)),
    };
    // A damaged table has no rows that could be trusted.
    if problems.is_empty() {
        for (question, problem) in QUESTIONS {
            rows(connection, question, problem, &mut problems).map_err(failed)?;
        }
    }
    problems.truncate(MOST);
    Ok(problems)
}

fn structures(connection: &Connection) -> Result<Vec<String>, Failure> {
    let mut statement = connection.prepare(&format!("PRAGMA integrity_check({MOST})"))?;
    let lines = statement.query_map((), |row| row.get::<_, String>(0))?;
    let lines: Vec<String> = lines.collect::<rusqlite::Result<_>>()?;
    // A damaged page is described in several lines.
    let lines = lines.iter().flat_map(|line| line.lines()).map(str::trim);
    Ok(lines.filter(|line| *line != "ok").map(str::to_owned).collect())
}

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
          UNION SELECT account FROM invitations) \
         WHERE NOT EXISTS (SELECT 1 FROM accounts WHERE name = account)",
        "account {} has data and no row",
    ),
    (
        "SELECT CAST(id AS TEXT) FROM channels WHERE id > (SELECT last_channel FROM counters)",
        "channel {} is above the counter of channels",
    ),
];
