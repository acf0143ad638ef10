//! The tables, and the version of their format.

use crate::by_time::newest_id;
use crate::error::unusable;
use crate::memberships;
use crate::search_index::{CREATE_STATE, Indexed};
use crate::times::millis;
use crate::traces;
use chat_core::Timestamp;
use chat_store::StoreError;
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;

/// `application_id` of the file: "chat" in ASCII.
const APPLICATION: i32 = 0x6368_6174;

/// The version of the format that this crate writes, in `user_version`. It reads older ones.
///
/// Version 7 has the tables of version 6. Entries of lists may be masks, which programs that know
/// only version 6 could not read.
const VERSION: i32 = 9;

/// The tables of version 1.
///
/// Names are stored as they were first written, except `folded`, in which they are compared. Times
/// are milliseconds since the Unix epoch. JSON is as `chat-core` serialises it.
const VERSION_1: &str = "
CREATE TABLE counters (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    created INTEGER NOT NULL,
    at INTEGER NOT NULL,
    last_channel INTEGER NOT NULL,
    last_message INTEGER NOT NULL,
    user_ids INTEGER NOT NULL,
    guest_numbers INTEGER NOT NULL
);
CREATE TABLE channels (
    id INTEGER PRIMARY KEY,
    folded TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created INTEGER NOT NULL,
    topic TEXT,
    modes TEXT NOT NULL,
    kept INTEGER NOT NULL,
    data TEXT
);
CREATE TABLE statuses (
    channel INTEGER NOT NULL,
    account TEXT NOT NULL,
    nickname TEXT NOT NULL,
    statuses TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (channel, account)
) WITHOUT ROWID;
CREATE INDEX statuses_of_account ON statuses (account);
CREATE TABLE list_entries (
    id INTEGER PRIMARY KEY,
    channel INTEGER NOT NULL,
    list TEXT NOT NULL,
    entry TEXT NOT NULL
);
CREATE INDEX list_entries_of_channel ON list_entries (channel, list, id);
CREATE TABLE invitations (
    channel INTEGER NOT NULL,
    account TEXT NOT NULL,
    PRIMARY KEY (channel, account)
) WITHOUT ROWID;
CREATE INDEX invitations_of_account ON invitations (account);
CREATE TABLE accounts (
    name TEXT PRIMARY KEY,
    last_seen INTEGER NOT NULL,
    data TEXT
) WITHOUT ROWID;
CREATE TABLE senders (
    id INTEGER PRIMARY KEY,
    sender TEXT NOT NULL UNIQUE
);
CREATE TABLE messages (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    channel INTEGER,
    recipient TEXT,
    sender INTEGER NOT NULL,
    kind TEXT,
    text TEXT NOT NULL,
    data TEXT
);
CREATE INDEX messages_of_channel ON messages (channel, id) WHERE channel IS NOT NULL;
CREATE TABLE mailboxes (
    account TEXT NOT NULL,
    message INTEGER NOT NULL,
    other TEXT NOT NULL,
    PRIMARY KEY (account, message)
) WITHOUT ROWID;
CREATE INDEX conversations ON mailboxes (account, other, message);
CREATE INDEX mailboxes_of_message ON mailboxes (message);
CREATE TABLE nonces (
    account TEXT NOT NULL,
    nonce TEXT NOT NULL,
    message INTEGER NOT NULL,
    at INTEGER NOT NULL,
    away TEXT,
    PRIMARY KEY (account, nonce)
) WITHOUT ROWID;
CREATE INDEX nonces_by_age ON nonces (at);
CREATE INDEX nonces_of_message ON nonces (message);
CREATE TABLE server_bans (
    target TEXT PRIMARY KEY,
    until INTEGER,
    ban TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE forgotten_channels (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL
);
";

/// The column that version 2 adds, the time since which no id was lost. It is NULL in a backup,
/// since ids may be given until it is restored: a new epoch begins then.
const EPOCH: &str = "
ALTER TABLE counters ADD COLUMN epoch INTEGER;
UPDATE counters SET epoch = created;
";

/// The tables that version 3 adds: accounts with passwords, and their session tokens. A password is
/// stored as the host's own text for checking it, and a token as its SHA-256 digest.
const ACCOUNTS: &str = "
CREATE TABLE registrations (
    account TEXT PRIMARY KEY,
    since INTEGER NOT NULL,
    credentials TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE tokens (
    account TEXT NOT NULL,
    id INTEGER NOT NULL,
    digest TEXT NOT NULL,
    since INTEGER NOT NULL,
    used INTEGER NOT NULL,
    device TEXT,
    PRIMARY KEY (account, id)
) WITHOUT ROWID;
";

/// The table that version 4 adds, the audit log. An entry is JSON.
const AUDIT_LOG: &str = "
CREATE TABLE audit_log (
    id INTEGER PRIMARY KEY,
    entry TEXT NOT NULL
);
";

/// The table that version 5 adds, the open reports, which are JSON. No id is used twice.
const REPORTS: &str = "
CREATE TABLE reports (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    report TEXT NOT NULL
);
";

/// The columns that version 8 adds: the properties that few messages have, as JSON; for a message
/// that was changed, the newest message at the last change, and the accounts that are told of it
/// if the message is private, as JSON.
const CHANGES: &str = "
ALTER TABLE messages ADD COLUMN details TEXT;
ALTER TABLE messages ADD COLUMN changed INTEGER;
ALTER TABLE messages ADD COLUMN changed_for TEXT;
CREATE INDEX messages_by_change ON messages (changed, id) WHERE changed IS NOT NULL;
";

/// The column that version 9 adds: 1 if a message is pinned in its channel.
const PINS: &str = "
ALTER TABLE messages ADD COLUMN pinned INTEGER;
CREATE INDEX messages_pinned ON messages (channel, id) WHERE pinned IS NOT NULL;
";

/// Checks the format of a file, changes an older one, and creates the tables in a new one.
pub(crate) fn prepare(
    connection: &mut Connection,
    path: &Path,
    now: Timestamp,
) -> Result<(), StoreError> {
    let cannot = |error| unusable(path, &error);
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))
        .map_err(cannot)?;
    if tables == 0 && format(connection).map_err(cannot)? == (0, 0) {
        return create(connection, now).map_err(cannot);
    }
    check_format(connection, path)?;
    migrate(connection).map_err(cannot)
}

/// Returns the application and the version of the format.
fn format(connection: &Connection) -> rusqlite::Result<(i32, i32)> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get(0));
    Ok((pragma("application_id")?, pragma("user_version")?))
}

/// Returns true if messages have the columns that version 8 has added.
pub(crate) fn has_details(connection: &Connection) -> rusqlite::Result<bool> {
    Ok(format(connection)?.1 >= 8)
}

/// Checks that a file has the format of a version that this crate knows.
pub(crate) fn check_format(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let (application, version) = format(connection).map_err(|error| unusable(path, &error))?;
    let refuse = |problem: String| {
        Err(StoreError::Unusable(format!("cannot open the store {}: {problem}", path.display())))
    };
    if application != APPLICATION {
        return refuse("it is a database of another program: choose another file".into());
    }
    if !(1..=VERSION).contains(&version) {
        return refuse(format!(
            "its format is version {version}, and this program knows versions up to {VERSION}: \
             use the program that wrote it, or a newer one"
        ));
    }
    Ok(())
}

/// Changes the tables of an older version, in one transaction. An earlier program does not open the
/// file afterwards.
pub(crate) fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let version = format(connection)?.1;
    if version == VERSION {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if version < 2 {
        add_version_2(&transaction, newest_id(&transaction)?)?;
    }
    if version < 3 {
        transaction.execute_batch(ACCOUNTS)?;
    }
    if version < 4 {
        transaction.execute_batch(memberships::CREATE)?;
    }
    if version < 5 {
        transaction.execute_batch(AUDIT_LOG)?;
    }
    if version < 6 {
        transaction.execute_batch(REPORTS)?;
    }
    if version < 8 {
        transaction.execute_batch(CHANGES)?;
        transaction.execute_batch(traces::CREATE)?;
    }
    if version < 9 {
        transaction.execute_batch(PINS)?;
    }
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}

/// Version 2 has epochs, and an index for searches.
fn add_version_2(connection: &Connection, newest: i64) -> rusqlite::Result<()> {
    connection.execute_batch(EPOCH)?;
    connection.execute_batch(CREATE_STATE)?;
    Indexed::begin(connection, newest).map(drop)
}

fn create(connection: &mut Connection, now: Timestamp) -> rusqlite::Result<()> {
    // Both have to precede the first table.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(VERSION_1)?;
    add_version_2(&transaction, 0)?;
    transaction.execute_batch(ACCOUNTS)?;
    transaction.execute_batch(memberships::CREATE)?;
    transaction.execute_batch(AUDIT_LOG)?;
    transaction.execute_batch(REPORTS)?;
    transaction.execute_batch(CHANGES)?;
    transaction.execute_batch(traces::CREATE)?;
    transaction.execute_batch(PINS)?;
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    let counters = chat_core::Counters::default();
    let now = millis(now);
    transaction.execute(
        "INSERT INTO counters VALUES (1, ?1, ?1, ?2, 0, ?3, ?4, ?1)",
        (
            now,
            counters.last_channel.0.cast_signed(),
            counters.user_ids.cast_signed(),
            counters.guest_numbers.cast_signed(),
        ),
    )?;
    let lobby = chat_core::ChannelName::lobby();
    let modes = serde_json::to_string(&chat_core::Modes::default()).unwrap_or_default();
    transaction.execute(
        "INSERT INTO channels VALUES (1, ?1, ?2, ?3, NULL, ?4, FALSE, NULL)",
        (lobby.folded(), lobby.shown(), now, modes),
    )?;
    transaction.commit()
}
