//! The index for searches: a table of FTS5 without content, whose text is the tokens of
//! [`chat_core::search`].
//!
//! Committing a message does not index it. The writer indexes ranges of messages while there is
//! nothing else to do, or when too many wait. Searches read the others themselves. So the index may
//! lack any message: it is made anew in steps when the rules of tokens have changed, or when it is
//! damaged, and never makes the file unusable.

use crate::counters::CounterRow;
use crate::error::Failure;
use chat_core::search::{tokens, tokens_version};
use chat_core::{AccountName, Message};
use rusqlite::{Connection, ErrorCode, TransactionBehavior};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt::Write;

/// Creates the index. The tokenizer splits at spaces only: everything else in ASCII that can be
/// part of a token is listed, and other characters always are. `contentless_delete` lets rows be
/// deleted without their text.
///
/// The index does not have the places of tokens in a text (`detail = none`), since searches read
/// the messages that they find anyway: a row needs a fifth less time, and a third of the space.
pub(crate) const CREATE: &str = r##"
CREATE VIRTUAL TABLE search USING fts5(
    tokens,
    content = '',
    contentless_delete = 1,
    detail = none,
    prefix = '1 2 3',
    tokenize = "ascii tokenchars '!""#$%&''()*+,-./:;<=>?@[\]^_`{|}~'"
);
"##;

/// The version of the layout of the index. It changes with [`CREATE`].
const LAYOUT: u32 = 2;

/// The segments of one size that FTS5 merges into a larger one, in steps while messages are
/// indexed. Twice FTS5's default: each message is then written less often, and a search reads few
/// segments more.
const SEGMENTS: i64 = 8;

/// The messages that are in the index: those with an id above `low` and up to `high`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Indexed {
    pub(crate) low: i64,
    pub(crate) high: i64,
}

/// Creates the table that says which messages are in the index, and the version of the index.
pub(crate) const CREATE_STATE: &str = "
CREATE TABLE search_state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    low INTEGER NOT NULL,
    high INTEGER NOT NULL,
    version TEXT NOT NULL
);
";

impl Indexed {
    pub(crate) fn load(connection: &Connection) -> rusqlite::Result<Self> {
        let mut statement = connection.prepare_cached("SELECT low, high FROM search_state")?;
        statement.query_row((), |row| Ok(Self { low: row.get(0)?, high: row.get(1)? }))
    }

    /// Reads the state at the start. An index of another version, or one that is damaged, is
    /// replaced by an empty one.
    pub(crate) fn open(connection: &mut Connection, newest: i64) -> Result<Self, Failure> {
        let version = "SELECT version FROM search_state";
        let version = connection.query_row(version, (), |row| row.get::<_, String>(0));
        let state = version.and_then(|version| {
            let state = Self::load(connection)?;
            Ok((version, state, state.has_rows_outside(connection)?))
        });
        let is_damaged = has_table(connection, "search_outdated")?;
        match state.map_err(Failure::from) {
            _ if is_damaged => {}
            Ok((_, _, true)) => {}
            Ok((version, state, false)) if version == index_version() => return Ok(state),
            Ok(_) => match Self::renew(connection, newest) {
                Err(failure) if is_damage(&failure) || is_unreadable(&failure) => {}
                renewed => return renewed,
            },
            Err(failure) if is_damage(&failure) || is_unreadable(&failure) => {}
            Err(failure) => return Err(failure),
        }
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let state = Self::replace(&transaction, newest)?;
        transaction.commit()?;
        return_pages(connection);
        Ok(state)
    }

    /// Returns true if the index has rows of messages that it should not have. They would stay
    /// beside new rows of these messages, which are added without a look for earlier ones.
    fn has_rows_outside(self, connection: &Connection) -> rusqlite::Result<bool> {
        let outside = "SELECT EXISTS (SELECT 1 FROM search_docsize WHERE id <= ?) \
                       OR EXISTS (SELECT 1 FROM search_docsize WHERE id > ?)";
        connection.query_row(outside, (self.low, self.high), |row| row.get(0))
    }

    /// Makes an empty index in place of one of another version, in the pages of that.
    fn renew(connection: &mut Connection, newest: i64) -> Result<Self, Failure> {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch("DROP TABLE search; DELETE FROM search_state;")?;
        let state = Self::begin(&transaction, newest)?;
        transaction.commit()?;
        Ok(state)
    }

    /// Lets the next start replace the index.
    pub(crate) fn outdate(connection: &Connection) -> Result<(), Failure> {
        // A table of its own, because that of the state may be damaged, too.
        connection.execute_batch("CREATE TABLE IF NOT EXISTS search_outdated (one INTEGER)")?;
        Ok(())
    }

    /// Makes an empty index. Messages up to `newest` are indexed later, the newest ones first.
    pub(crate) fn begin(connection: &Connection, newest: i64) -> rusqlite::Result<Self> {
        connection.execute_batch(CREATE)?;
        let merge = "INSERT INTO search (search, rank) VALUES ('automerge', ?)";
        connection.execute(merge, (SEGMENTS,))?;
        let row = (newest, newest, index_version());
        connection.execute("INSERT INTO search_state VALUES (1, ?, ?, ?)", row)?;
        Ok(Self { low: newest, high: newest })
    }

    /// Makes an empty index in place of one that may be damaged, in a transaction.
    ///
    /// The old tables are not dropped: that would follow their pointers to pages, fail where these
    /// are damaged, and free pages of other tables where they are wrong. Their names are removed,
    /// and the pages stay unused until [`return_pages`].
    pub(crate) fn replace(connection: &Connection, newest: i64) -> rusqlite::Result<Self> {
        connection.execute_batch(
            "PRAGMA writable_schema = ON;
             DELETE FROM sqlite_schema WHERE tbl_name = 'search' OR tbl_name GLOB 'search_*';
             PRAGMA writable_schema = RESET;
             CREATE TABLE IF NOT EXISTS unused_pages (one INTEGER);",
        )?;
        connection.execute_batch(CREATE_STATE)?;
        Self::begin(connection, newest)
    }

    /// Returns the most messages that are above the index.
    pub(crate) fn tail(self, counters: &CounterRow) -> i64 {
        counters.counters.last_message.0.cast_signed() - self.high
    }

    /// Indexes at most `count` messages: those above the index first, then those below it. Returns
    /// the new range, which is the same if there is nothing to do; `None` if the index is damaged.
    pub(crate) fn extend(
        self,
        connection: &Connection,
        count: i64,
    ) -> Result<Option<Self>, Failure> {
        let mut after = connection
            .prepare_cached("SELECT id FROM messages WHERE id > ? ORDER BY id LIMIT ?")?;
        let ids = after.query_map((self.high, count), |row| row.get(0))?;
        let above: Vec<i64> = ids.collect::<rusqlite::Result<_>>()?;
        if let Some(&high) = above.last() {
            return Self { high, ..self }.with(connection, &above);
        }
        let mut before = connection
            .prepare_cached("SELECT id FROM messages WHERE id <= ? ORDER BY id DESC LIMIT ?")?;
        let ids = before.query_map((self.low, count), |row| row.get(0))?;
        let mut below: Vec<i64> = ids.collect::<rusqlite::Result<_>>()?;
        // Within a transaction, FTS5 expects ascending ids.
        below.reverse();
        let Some(&first) = below.first() else {
            return if self.low == 0 {
                Ok(Some(self))
            } else {
                Self { low: 0, ..self }.with(connection, &[])
            };
        };
        Self { low: first - 1, ..self }.with(connection, &below)
    }

    /// Adds messages to the index, and saves the state.
    fn with(self, connection: &Connection, ids: &[i64]) -> Result<Option<Self>, Failure> {
        // Damage of the messages themselves is not damage of the index.
        let documents = documents(connection, ids)?;
        unless_damaged(connection, || {
            let mut insert =
                connection.prepare_cached("INSERT INTO search (rowid, tokens) VALUES (?, ?)")?;
            for (id, document) in &documents {
                insert.execute((id, document))?;
            }
            self.save(connection)
        })
    }

    fn save(self, connection: &Connection) -> Result<Self, Failure> {
        connection
            .prepare_cached("UPDATE search_state SET low = ?, high = ?")?
            .execute((self.low, self.high))?;
        Ok(self)
    }
}

/// Returns the version of the layout of the index and of its tokens.
fn index_version() -> String {
    format!("{LAYOUT}, {}", tokens_version())
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

/// Replaces the words of a message that was changed, if they are in the index. A deleted message is
/// in it no longer. Returns true if the index is damaged.
pub(crate) fn renew(connection: &Connection, message: &Message) -> Result<bool, Failure> {
    let id = message.id.0.cast_signed();
    let Ok(Indexed { low, high }) = Indexed::load(connection) else { return Ok(true) };
    if id <= low || id > high {
        return Ok(false);
    }
    let document = match message.deletion() {
        Some(_) => Vec::new(),
        None => documents(connection, &[id])?,
    };
    let renewed = unless_damaged(connection, || {
        connection.prepare_cached("DELETE FROM search WHERE rowid = ?")?.execute((id,))?;
        for (id, document) in &document {
            let insert = "INSERT INTO search (rowid, tokens) VALUES (?, ?)";
            connection.prepare_cached(insert)?.execute((id, document))?;
        }
        Ok(())
    })?;
    Ok(renewed.is_none())
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
        Err(failure) if is_damage(&failure) || is_unreadable(&failure) => {
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

/// Returns true if an error says that the index cannot be used at all: its tables are missing, or
/// not of FTS5's format. Other errors of this kind are those of the expression of a search.
pub(crate) fn is_unreadable(failure: &Failure) -> bool {
    let Failure::Sqlite(error) = failure else { return false };
    error.sqlite_error_code() == Some(ErrorCode::Unknown)
}

/// Returns true if the file has pages of a replaced index.
pub(crate) fn has_unused_pages(connection: &Connection) -> rusqlite::Result<bool> {
    has_table(connection, "unused_pages")
}

fn has_table(connection: &Connection, name: &str) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = ?)")?
        .query_row((name,), |row| row.get(0))
}

/// Writes the file anew if it has pages of a replaced index. Nothing depends on that, so that it is
/// left to the next start if it fails, such as on a full disk.
pub(crate) fn return_pages(connection: &Connection) {
    if matches!(has_unused_pages(connection), Ok(true)) {
        let _ = connection.execute_batch("VACUUM; DROP TABLE unused_pages;");
    }
}

/// Returns the text of each message for the index. The messages are successive ones, oldest first.
fn documents(connection: &Connection, ids: &[i64]) -> Result<Vec<(i64, String)>, Failure> {
    let (Some(first), Some(last)) = (ids.first(), ids.last()) else { return Ok(Vec::new()) };
    let mut read = connection.prepare_cached(
        "SELECT id, channel, sender, text FROM messages WHERE id BETWEEN ? AND ? ORDER BY id",
    )?;
    let mut mailboxes =
        connection.prepare_cached("SELECT account FROM mailboxes WHERE message = ?")?;
    let mut senders = HashMap::new();
    let mut documents = Vec::with_capacity(ids.len());
    let mut rows = read.query((first, last))?;
    while let Some(row) = rows.next()? {
        let id = row.get(0)?;
        let mut document = match senders.entry(row.get(2)?) {
            Entry::Occupied(known) => String::clone(known.get()),
            Entry::Vacant(new) => {
                let token = sender_token(connection, *new.key())?;
                new.insert(token).clone()
            }
        };
        match row.get(1)? {
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
        document.push_str(&tokens(row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?));
        documents.push((id, document));
    }
    Ok(documents)
}

/// Returns the token of all messages of a sender, by its id.
fn sender_token(connection: &Connection, sender: i64) -> Result<String, Failure> {
    let mut find = connection.prepare_cached("SELECT sender FROM senders WHERE id = ?")?;
    let json: String = find.query_row((sender,), |row| row.get(0))?;
    Ok(from_token(&serde_json::from_str(&json)?))
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
