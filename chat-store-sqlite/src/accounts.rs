//! Accounts with passwords, and their session tokens.

use crate::error::Failure;
use crate::schema::{millis, timestamp};
use chat_core::{AccountName, DurableState, Record, Secret, Text, Timestamp, TokenDigest};
use rusqlite::{Connection, params};

/// Applies a record about an account with a password. Those about an account that is not registered
/// change nothing.
pub(crate) fn apply(
    connection: &Connection,
    at: Timestamp,
    record: &Record,
) -> Result<(), Failure> {
    let at = millis(at);
    let execute = |sql, values: &[&dyn rusqlite::ToSql]| {
        connection.prepare_cached(sql)?.execute(values).map(drop)
    };
    match record {
        Record::AccountRegistered { account, credentials } => {
            crate::commit::know(connection, account)?;
            execute("DELETE FROM tokens WHERE account = ?", params![account.as_str()])?;
            execute(
                "INSERT OR REPLACE INTO registrations VALUES (?, ?, ?)",
                params![account.as_str(), at, credentials.expose()],
            )?;
        }
        Record::CredentialsChanged { account, credentials } => execute(
            "UPDATE registrations SET credentials = ? WHERE account = ?",
            params![credentials.expose(), account.as_str()],
        )?,
        Record::TokenIssued { account, digest, device } => execute(
            "INSERT OR REPLACE INTO tokens SELECT account, ?2, ?3, ?4, ?4, ?5 \
             FROM registrations WHERE account = ?1",
            params![
                account.as_str(),
                digest.id().0.cast_signed(),
                digest.to_string(),
                at,
                device.as_ref().map(Text::as_str)
            ],
        )?,
        Record::TokenUsed { account, token } => execute(
            "UPDATE tokens SET used = ? WHERE account = ? AND id = ?",
            params![at, account.as_str(), token.0.cast_signed()],
        )?,
        Record::TokenRevoked { account, token } => execute(
            "DELETE FROM tokens WHERE account = ? AND id = ?",
            params![account.as_str(), token.0.cast_signed()],
        )?,
        _ => {}
    }
    Ok(())
}

/// Reads the accounts and tokens into a state that knows the accounts already.
pub(crate) fn load(connection: &Connection, state: &mut DurableState) -> Result<(), Failure> {
    let mut statement =
        connection.prepare("SELECT account, since, credentials FROM registrations")?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let account = AccountName::from(row.get::<_, String>(0)?);
        let credentials = Secret::new(row.get::<_, String>(2)?);
        state.apply(timestamp(row.get(1)?), &Record::AccountRegistered { account, credentials });
    }
    let mut statement =
        connection.prepare("SELECT account, digest, since, used, device FROM tokens")?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let account = AccountName::from(row.get::<_, String>(0)?);
        let digest = digest(&row.get::<_, String>(1)?)?;
        let device = row.get::<_, Option<String>>(4)?.map(|device| Text::clean(&device));
        let issued = Record::TokenIssued { account: account.clone(), digest, device };
        state.apply(timestamp(row.get(2)?), &issued);
        state.apply(timestamp(row.get(3)?), &Record::TokenUsed { account, token: digest.id() });
    }
    Ok(())
}

fn digest(stored: &str) -> Result<TokenDigest, Failure> {
    use serde::de::Error;
    TokenDigest::parse(stored).map_err(|error| Failure::Json(serde_json::Error::custom(error)))
}
