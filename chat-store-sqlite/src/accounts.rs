//! Accounts, those with passwords, and their session tokens.

use crate::error::Failure;
use crate::times::{millis, timestamp};
use chat_core::{AccountName, DurableState, Record, Secret, Text, Timestamp, TokenDigest, TokenId};
use rusqlite::Connection;

/// Adds an account that has not been seen yet.
pub(crate) fn know(connection: &Connection, account: &AccountName) -> Result<(), Failure> {
    connection
        .prepare_cached("INSERT OR IGNORE INTO accounts VALUES (?, 0, NULL)")?
        .execute((account.as_str(),))?;
    Ok(())
}

/// Applies [`Record::AccountRegistered`].
pub(crate) fn register(
    connection: &Connection,
    at: Timestamp,
    account: &AccountName,
    credentials: &Secret,
) -> Result<(), Failure> {
    know(connection, account)?;
    let name = account.as_str();
    connection.prepare_cached("DELETE FROM tokens WHERE account = ?")?.execute((name,))?;
    connection
        .prepare_cached("INSERT OR REPLACE INTO registrations VALUES (?, ?, ?)")?
        .execute((name, millis(at), credentials.expose()))?;
    Ok(())
}

/// Applies [`Record::CredentialsChanged`].
pub(crate) fn change_credentials(
    connection: &Connection,
    account: &AccountName,
    credentials: &Secret,
) -> Result<(), Failure> {
    connection
        .prepare_cached("UPDATE registrations SET credentials = ? WHERE account = ?")?
        .execute((credentials.expose(), account.as_str()))?;
    Ok(())
}

/// Applies [`Record::TokenIssued`]. An account that is not registered has no tokens.
pub(crate) fn issue_token(
    connection: &Connection,
    at: Timestamp,
    account: &AccountName,
    digest: TokenDigest,
    device: Option<&Text>,
) -> Result<(), Failure> {
    let (id, device) = (digest.id().0.cast_signed(), device.map(Text::as_str));
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO tokens SELECT account, ?2, ?3, ?4, ?4, ?5 \
             FROM registrations WHERE account = ?1",
        )?
        .execute((account.as_str(), id, digest.to_string(), millis(at), device))?;
    Ok(())
}

/// Applies [`Record::TokenUsed`].
pub(crate) fn use_token(
    connection: &Connection,
    at: Timestamp,
    account: &AccountName,
    token: TokenId,
) -> Result<(), Failure> {
    connection
        .prepare_cached("UPDATE tokens SET used = ? WHERE account = ? AND id = ?")?
        .execute((millis(at), account.as_str(), token.0.cast_signed()))?;
    Ok(())
}

/// Applies [`Record::TokenRevoked`].
pub(crate) fn revoke_token(
    connection: &Connection,
    account: &AccountName,
    token: TokenId,
) -> Result<(), Failure> {
    connection
        .prepare_cached("DELETE FROM tokens WHERE account = ? AND id = ?")?
        .execute((account.as_str(), token.0.cast_signed()))?;
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
