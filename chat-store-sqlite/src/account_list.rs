//! Lists the accounts with passwords.

use crate::error::{Failure, failed};
use crate::existing;
use crate::message_rows::channel_name;
use crate::times::timestamp;
use chat_core::{AccountName, ChannelName, Status, StatusSet, Timestamp, TokenId};
use chat_store::StoreError;
use rusqlite::Connection;
use std::path::Path;

/// An account with a password, as a store has it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredAccount {
    /// The name.
    pub name: AccountName,
    /// The time at which it was registered.
    pub since: Timestamp,
    /// The time of its last login or quit. `None` if its user has never been online.
    pub last_seen: Option<Timestamp>,
    /// The session tokens of its logins that are remembered, some of which may have expired.
    pub tokens: Vec<TokenId>,
    /// The channels that it owns, by name.
    pub owned: Vec<ChannelName>,
}

/// Lists the accounts with passwords by name, also while a server uses the store.
///
/// # Errors
///
/// If the file is no store, or cannot be read.
pub fn list_accounts(path: impl AsRef<Path>) -> Result<Vec<StoredAccount>, StoreError> {
    let connection = existing::open(path.as_ref())?;
    // One transaction, so that a server changes nothing between two questions.
    let transaction = connection.unchecked_transaction().map_err(failed)?;
    list(&transaction).map_err(failed)
}

fn list(connection: &Connection) -> Result<Vec<StoredAccount>, Failure> {
    // A store of an older version, which is changed when a server opens it, has no such table.
    let exists = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'registrations')";
    if !connection.query_row(exists, (), |row| row.get::<_, bool>(0))? {
        return Ok(Vec::new());
    }
    let mut statement = connection.prepare(
        "SELECT account, since, last_seen \
         FROM registrations LEFT JOIN accounts ON name = account \
         ORDER BY account COLLATE NOCASE, account",
    )?;
    let mut tokens = connection.prepare("SELECT id FROM tokens WHERE account = ? ORDER BY id")?;
    let mut statuses = connection.prepare(
        "SELECT name, statuses FROM statuses JOIN channels ON id = channel \
         WHERE account = ? ORDER BY folded",
    )?;
    let mut rows = statement.query(())?;
    let mut accounts = Vec::new();
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        let seen = timestamp(row.get::<_, Option<i64>>(2)?.unwrap_or_default());
        let ids = tokens.query_map((&name,), |row| row.get(0))?;
        let tokens = ids.map(|id| Ok(TokenId(id.map(i64::cast_unsigned)?)));
        let tokens = tokens.collect::<rusqlite::Result<_>>()?;
        let mut owned = Vec::new();
        let mut rows = statuses.query((&name,))?;
        while let Some(row) = rows.next()? {
            let set: StatusSet = serde_json::from_str(&row.get::<_, String>(1)?)?;
            if set.contains(Status::Owner) {
                owned.push(channel_name(&row.get::<_, String>(0)?)?);
            }
        }
        accounts.push(StoredAccount {
            name: name.into(),
            since: timestamp(row.get(1)?),
            last_seen: (seen > Timestamp::default()).then_some(seen),
            tokens,
            owned,
        });
    }
    Ok(accounts)
}
