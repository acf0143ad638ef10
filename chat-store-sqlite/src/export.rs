//! Reads all messages of a store.

use crate::by_time::newest_id;
use crate::error::{Failure, failed};
use crate::message_rows::{self, COLUMN_COUNT, COLUMNS};
use crate::schema;
use crate::senders::Senders;
use crate::{Progress, existing};
use chat_core::{AccountName, Actor, ChannelName, Message};
use chat_store::StoreError;
use rusqlite::{Connection, params};
use std::collections::HashMap;
use std::path::Path;

/// The messages to export.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Selection {
    /// All messages: those of channels, and private ones.
    All,
    /// The messages of a channel.
    Channel(ChannelName),
    /// The messages that an account has sent, and its private messages.
    Account(AccountName),
}

/// The end of an export before its last message.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError<E> {
    /// The store cannot be read, or does not have the channel or account.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The caller's function has failed.
    #[error("{0}")]
    Write(E),
}

/// Calls `write` with each message of a selection, in the order of their ids, also while a server
/// uses the store. Messages that the server stores meanwhile are left out. The store is read in
/// short transactions, so that it does not grow in the meantime. Returns the number of messages.
///
/// # Errors
///
/// If the store cannot be read, has no such channel or account, or `write` fails.
pub fn export<E>(
    path: impl AsRef<Path>,
    selection: &Selection,
    write: &mut dyn FnMut(&Message) -> Result<(), E>,
    progress: &mut dyn FnMut(Progress),
) -> Result<u64, ExportError<E>> {
    let connection = existing::open(path.as_ref())?;
    let newest = newest_id(&connection).map_err(failed)?;
    let channels = channels(&connection).map_err(failed)?;
    let chosen = Chosen::prepare(&connection, selection, &channels)?;
    let mut senders = Senders::default();
    let (mut last, mut count) = (0, 0);
    while last < newest {
        let (messages, end) =
            chosen.page(&connection, &channels, &mut senders, (last, newest)).map_err(failed)?;
        for message in &messages {
            write(message).map_err(ExportError::Write)?;
        }
        count += u64::try_from(messages.len()).unwrap_or_default();
        last = end;
        let [done, total] = [last, newest].map(i64::unsigned_abs);
        progress(Progress { done, total });
    }
    Ok(count)
}

/// A selection, with the ids of the store.
struct Chosen {
    channel: Option<i64>,
    account: Option<AccountName>,
    /// The ids of the senders that belong to the account.
    senders: Vec<i64>,
}

impl Chosen {
    fn prepare(
        connection: &Connection,
        selection: &Selection,
        channels: &HashMap<i64, ChannelName>,
    ) -> Result<Self, StoreError> {
        let mut chosen = Self { channel: None, account: None, senders: Vec::new() };
        match selection {
            Selection::All => {}
            Selection::Channel(name) => {
                let found = channels.iter().find(|(_, channel)| *channel == name);
                let (id, _) = found.ok_or_else(|| {
                    StoreError::Unusable(format!("the store has no channel {name}"))
                })?;
                chosen.channel = Some(*id);
            }
            Selection::Account(account) => {
                chosen.senders = senders_of(connection, account).map_err(failed)?;
                if chosen.senders.is_empty() && !is_known(connection, account).map_err(failed)? {
                    return Err(no_account(account));
                }
                chosen.account = Some(account.clone());
            }
        }
        Ok(chosen)
    }

    /// Reads some messages after an id, up to another. Also returns the id up to which all are
    /// read.
    fn page(
        &self,
        connection: &Connection,
        channels: &HashMap<i64, ChannelName>,
        known: &mut Senders,
        (after, up_to): (i64, i64),
    ) -> Result<(Vec<std::sync::Arc<Message>>, i64), Failure> {
        // A file of an older format has no such column.
        let details = if schema::has_details(connection)? { "details" } else { "NULL" };
        let columns = COLUMNS.replace("details", details);
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {columns}, channel, EXISTS \
                 (SELECT 1 FROM mailboxes WHERE account = ?3 AND message = messages.id) \
             FROM messages JOIN senders ON senders.id = messages.sender \
             WHERE messages.id > ?1 AND messages.id <= ?2 ORDER BY messages.id LIMIT ?4",
        ))?;
        let account = self.account.as_ref().map(AccountName::as_str);
        let mut rows = statement.query(params![after, up_to, account, READ_AT_ONCE])?;
        let (mut messages, mut read, mut end) = (Vec::new(), 0, up_to);
        while let Some(row) = rows.next()? {
            read += 1;
            let id: i64 = row.get(0)?;
            if read == READ_AT_ONCE {
                end = id;
            }
            let (sender, channel): (i64, Option<i64>) = (row.get(3)?, row.get(COLUMN_COUNT)?);
            let is_chosen = match (self.channel, &self.account) {
                (Some(chosen), _) => channel == Some(chosen),
                (None, Some(_)) => {
                    self.senders.contains(&sender) || row.get::<_, bool>(COLUMN_COUNT + 1)?
                }
                (None, None) => true,
            };
            let name = channel.map(|id| channels.get(&id));
            // Messages of a channel that is forgotten are about to be deleted.
            if is_chosen && name != Some(None) {
                messages.push(message_rows::read(row, known, name.flatten())?);
            }
        }
        Ok((messages, end))
    }
}

/// Returns the ids of the senders that belong to an account: one for each nickname or other
/// property that it had.
pub(crate) fn senders_of(
    connection: &Connection,
    account: &AccountName,
) -> Result<Vec<i64>, Failure> {
    let mut statement = connection.prepare("SELECT id, sender FROM senders")?;
    let mut rows = statement.query(())?;
    let mut ids = Vec::new();
    while let Some(row) = rows.next()? {
        let sender: Actor = serde_json::from_str(&row.get::<_, String>(1)?)?;
        if sender.user().and_then(|user| user.account.as_ref()) == Some(account) {
            ids.push(row.get(0)?);
        }
    }
    Ok(ids)
}

/// Returns true if the store knows an account.
pub(crate) fn is_known(connection: &Connection, account: &AccountName) -> rusqlite::Result<bool> {
    let known = "SELECT EXISTS (SELECT 1 FROM accounts WHERE name = ?)";
    connection.query_row(known, (account.as_str(),), |row| row.get(0))
}

pub(crate) fn no_account(account: &AccountName) -> StoreError {
    StoreError::Unusable(format!("the store has no account {account}"))
}

fn channels(connection: &Connection) -> Result<HashMap<i64, ChannelName>, Failure> {
    let channels = crate::commit::channel_ids(connection)?;
    Ok(channels.into_iter().map(|(name, id)| (id, name)).collect())
}

/// The messages that one transaction reads.
const READ_AT_ONCE: i64 = 500;
