//! The index for searches: a table of FTS5 without content, whose text is the tokens of
//! [`chat_core::search`].
//!
//! Committing a message does not index it. The writer indexes ranges of messages while there is
//! nothing else to do, or when too many wait. Searches read the others themselves. So the index may
//! lack any message: it is made anew in steps when the rules of tokens have changed, or when it is
//! damaged, and never makes the file unusable.

use crate::error::Failure;
use chat_core::AccountName;
use chat_core::search::{tokens, tokens_version};
use rusqlite::{Connection, ErrorCode, OptionalExtension};
use std::fmt::Write;

/// Creates the table. The tokenizer splits at spaces only: everything else in ASCII that can be
/// part of a token is listed, and other characters always are. `contentless_delete` lets rows be
/// deleted without their text.
pub(crate) const CREATE: &str = r##"
CREATE VIRTUAL TABLE search USING fts5(
    tokens,
    content = '',
    contentless_delete = 1,
    detail = full,
    prefix = '1 2 3',
    tokenize = "ascii tokenchars '!""#$%&''()*+,-./:;<=>?@[\]^_`{|}~'"
);
"##;

/// The messages that are in the index: those with an id above `low` and up to `high`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Indexed {
    pub(crate) low: i64,
    pub(crate) high: i64,
}

impl Indexed {
    pub(crate) fn load(connection: &Connection) -> rusqlite::Result<Self> {
        let mut statement = connection.prepare_cached("SELECT low, high FROM search_state")?;
        statement.query_row((), |row| Ok(Self { low: row.get(0)?, high: row.get(1)? }))
    }

    /// Reads the state at the start. An index of other tokens is emptied.
    pub(crate) fn open(connection: &Connection, newest: i64) -> rusqlite::Result<Self> {
        let version: String =
            connection.query_row("SELECT version FROM search_state", (), |row| row.get(0))?;
        if version == tokens_version() {
            return Self::load(connection);
        }
        Self::begin(connection, newest)
    }

    /// Makes an empty index in place of the old one. Messages up to `newest` are indexed later, the
    /// newest ones first.
    pub(crate) fn begin(connection: &Connection, newest: i64) -> rusqlite::Result<Self> {
        connection.execute_batch("DROP TABLE IF EXISTS search")?;
        connection.execute_batch(CREATE)?;
        connection.execute("DELETE FROM search_state", ())?;
        let row = (newest, newest, tokens_version());
        connection.execute("INSERT INTO search_state VALUES (1, ?, ?, ?)", row)?;
        Ok(Self { low: newest, high: newest })
    }

    /// Indexes at most `count` messages: those above the index first, then those below it. Returns
    /// the new range, which is the same if there is nothing to do; `None` if the index is damaged.
    pub(crate) fn extend(
        self,
        connection: &Connection,
        count: i64,
    ) -> Result<Option<Self>, Failure> {
        unless_damaged(connection, || self.extend_by(connection, count))
    }

    fn extend_by(self, connection: &Connection, count: i64) -> Result<Self, Failure> {
        let mut after = connection
            .prepare_cached("SELECT id FROM messages WHERE id > ? ORDER BY id LIMIT ?")?;
        let ids = after.query_map((self.high, count), |row| row.get(0))?;
        let above: Vec<i64> = ids.collect::<rusqlite::Result<_>>()?;
        if let Some(&high) = above.last() {
            index(connection, &above)?;
            return Self { high, ..self }.save(connection);
        }
        let mut before = connection
            .prepare_cached("SELECT id FROM messages WHERE id <= ? ORDER BY id DESC LIMIT ?")?;
        let ids = before.query_map((self.low, count), |row| row.get(0))?;
        let mut below: Vec<i64> = ids.collect::<rusqlite::Result<_>>()?;
        // Within a transaction, FTS5 expects ascending ids.
        below.reverse();
        let Some(&first) = below.first() else {
            return if self.low == 0 { Ok(self) } else { Self { low: 0, ..self }.save(connection) };
        };
        index(connection, &below)?;
        Self { low: first - 1, ..self }.save(connection)
    }

    fn save(self, connection: &Connection) -> Result<Self, Failure> {
        connection
            .prepare_cached("UPDATE search_state SET low = ?, high = ?")?
            .execute((self.low, self.high))?;
        Ok(self)
    }
}

/// Removes messages, and their entries in the index. Returns true if the index is damaged: then it
/// still has the entries, which no search finds without their messages.
///
/// The words of the messages stay in the file until FTS5 merges its segments; its command
/// `optimize` merges all of them at once.
pub(crate) fn remove(connection: &Connection, ids: &[i64]) -> Result<bool, Failure> {
    let removed = unless_damaged(connection, || {
        let mut delete = connection.prepare_cached("DELETE FROM search WHERE rowid = ?")?;
        for id in ids {
            delete.execute((id,))?;
        }
        // Without this, the space of deleted rows would be free only after many more messages.
        let merge = "INSERT INTO search (search, rank) VALUES ('merge', ?)";
        connection.prepare_cached(merge)?.execute((MERGED_AT_ONCE,))?;
        Ok(())
    })?;
    let mut delete = connection.prepare_cached("DELETE FROM messages WHERE id = ?")?;
    for id in ids {
        delete.execute((id,))?;
    }
    Ok(removed.is_none())
}

/// The most pages of the index that are merged when messages are removed: more than these have.
const MERGED_AT_ONCE: i64 = 100;

/// Changes the index. Returns `None`, and changes nothing, if the index is damaged: the transaction
/// goes on without it.
fn unless_damaged<T>(
    connection: &Connection,
    change: impl FnOnce() -> Result<T, Failure>,
) -> Result<Option<T>, Failure> {
    connection.execute_batch("SAVEPOINT search_index")?;
    let changed = change().and_then(|changed| {
        // Otherwise the end of the transaction would write it, and fail.
        let flush = "INSERT INTO search (search) VALUES ('flush')";
        connection.prepare_cached(flush)?.execute(())?;
        Ok(changed)
    });
    match changed {
        Ok(changed) => {
            connection.execute_batch("RELEASE search_index")?;
            Ok(Some(changed))
        }
        Err(failure) if is_damage(&failure) => {
            connection.execute_batch("ROLLBACK TO search_index; RELEASE search_index")?;
            Ok(None)
        }
        Err(failure) => Err(failure),
    }
}

/// Returns true if an error says that the index is damaged, or the whole file. FTS5 reports some
/// damage as a row that exists already.
pub(crate) fn is_damage(failure: &Failure) -> bool {
    let Failure::Sqlite(error) = failure else { return false };
    let code = error.sqlite_error_code();
    matches!(code, Some(ErrorCode::DatabaseCorrupt | ErrorCode::ConstraintViolation))
}

/// Adds messages to the index.
fn index(connection: &Connection, ids: &[i64]) -> Result<(), Failure> {
    let mut read = connection.prepare_cached(
        "SELECT channel, text, senders.sender FROM messages \
         JOIN senders ON senders.id = messages.sender WHERE messages.id = ?",
    )?;
    let mut mailboxes =
        connection.prepare_cached("SELECT account FROM mailboxes WHERE message = ?")?;
    // Rows of an earlier attempt are replaced.
    let mut insert =
        connection.prepare_cached("INSERT OR REPLACE INTO search (rowid, tokens) VALUES (?, ?)")?;
    let mut document = String::new();
    for id in ids {
        let row = read
            .query_row((id,), |row| {
                Ok((
                    row.get::<_, Option<i64>>(0)?,
                    row.get::<_, String>(1)?,
                    row.get::<_, String>(2)?,
                ))
            })
            .optional()?;
        let Some((channel, text, sender)) = row else { continue };
        document.clear();
        document.push_str(&from_token(&serde_json::from_str(&sender)?));
        match channel {
            Some(channel) => {
                document.push(' ');
                document.push_str(&channel_token(channel));
            }
            None => {
                let mut rows = mailboxes.query((id,))?;
                while let Some(row) = rows.next()? {
                    let account: String = row.get(0)?;
                    document.push(' ');
                    document.push_str(&mailbox_token(&account.as_str().into()));
                }
            }
        }
        document.push_str(&tokens(&text));
        insert.execute((id, &document))?;
    }
    Ok(())
}

/// Begins each token that is not of a text. In a text, this character of private use is a token of
/// its own.
const MARK: char = '\u{e000}';

/// Returns the token of all messages of a channel.
pub(crate) fn channel_token(channel: i64) -> String {
    format!("{MARK}c{channel}")
}

/// Returns the token of all messages in the mailbox of an account.
pub(crate) fn mailbox_token(account: &AccountName) -> String {
    let mut token = format!("{MARK}m");
    for byte in account.as_str().bytes() {
        // Account names may contain any character.
        let _ = write!(token, "{byte:02x}");
    }
    token
}

/// Returns the token of all messages of a sender.
pub(crate) fn from_token(sender: &chat_core::Actor) -> String {
    let name = sender.user().map_or(chat_core::Actor::SERVER, |user| user.nickname.folded());
    nickname_token(name)
}

/// Returns the token of all messages of senders with a folded nickname, which has no white space.
pub(crate) fn nickname_token(folded: &str) -> String {
    format!("{MARK}f{folded}")
}
