//! Messages as rows.

use crate::error::Failure;
use crate::senders::{SenderIds, Senders};
use crate::times::{millis, timestamp};
use chat_core::{
    AccountName, AppData, ChannelName, Message, MessageId, MessageKind, Nickname, Target, Text,
};
use rusqlite::{Connection, Row};
use std::sync::Arc;

/// The columns that [`read`] expects, of `messages` joined with `senders`. One more may follow.
pub(crate) const COLUMNS: &str = "messages.id, messages.at, recipient, messages.sender, \
     senders.sender, kind, text, messages.data, details";

/// Inserts a message. `channel` is the id of its channel, if it is not private.
pub(crate) fn insert(
    connection: &Connection,
    senders: &mut SenderIds,
    message: &Message,
    channel: Option<i64>,
) -> Result<(), Failure> {
    let sender = senders.id(connection, &message.sender)?;
    let recipient = match &message.target {
        Target::User(nickname) => Some(nickname.shown()),
        Target::Channel(_) | Target::Members { .. } | _ => None,
    };
    let kind = (message.kind != MessageKind::default()).then(|| message.kind.name());
    let data = data_json(&message.data)?;
    connection.prepare_cached(INSERT)?.execute((
        message.id.0.cast_signed(),
        millis(message.at),
        channel,
        recipient,
        sender,
        kind,
        message.text.as_str(),
        data,
        details_json(message)?,
    ))?;
    Ok(())
}

/// Reads a message. `channel` is the name of its channel, if it is not private.
pub(crate) fn read(
    row: &Row<'_>,
    senders: &mut Senders,
    channel: Option<&ChannelName>,
) -> Result<Arc<Message>, Failure> {
    let id = MessageId(row.get::<_, i64>(0)?.cast_unsigned());
    let sender = senders.get(row.get(3)?, row.get_ref(4)?.as_str().map_err(wrong_type)?)?;
    let recipient = row.get_ref(2)?.as_str_or_null().map_err(wrong_type)?;
    let target = match (channel, recipient) {
        (Some(channel), _) => Target::Channel(channel.clone()),
        (None, recipient) => Target::User(nickname(recipient.unwrap_or_default())?),
    };
    let text = Text::clean_lines(row.get_ref(6)?.as_str().map_err(wrong_type)?);
    let mut message = Message::new(id, timestamp(row.get(1)?), sender, target, text);
    let kind = row.get_ref(5)?.as_str_or_null().map_err(wrong_type)?;
    message.kind = kind.and_then(MessageKind::from_name).unwrap_or_default();
    if let Some(data) = row.get_ref(7)?.as_str_or_null().map_err(wrong_type)? {
        message.data = serde_json::from_str(data)?;
    }
    if let Some(details) = row.get_ref(8)?.as_str_or_null().map_err(wrong_type)? {
        message.details = Some(serde_json::from_str(details)?);
    }
    Ok(Arc::new(message))
}

/// Returns true if the row of a message has this text.
pub(crate) fn has_text(connection: &Connection, message: &Message) -> Result<bool, Failure> {
    let select = "SELECT EXISTS (SELECT 1 FROM messages WHERE id = ? AND text = ?)";
    let row = (message.id.0.cast_signed(), message.text.as_str());
    Ok(connection.prepare_cached(select)?.query_row(row, |row| row.get(0))?)
}

/// Writes a message that was changed over its row, if it has one. `newest` is the newest message at
/// the change, and `accounts` are those that are told of it.
pub(crate) fn update(
    connection: &Connection,
    message: &Message,
    newest: MessageId,
    accounts: &[AccountName],
) -> Result<(), Failure> {
    let accounts = (!accounts.is_empty()).then(|| serde_json::to_string(accounts)).transpose()?;
    let update = "UPDATE messages SET text = ?2, data = ?3, details = ?4, changed = ?5, \
                  changed_for = ?6, pinned = ?7 WHERE id = ?1";
    connection.prepare_cached(update)?.execute((
        message.id.0.cast_signed(),
        message.text.as_str(),
        data_json(&message.data)?,
        details_json(message)?,
        newest.0.cast_signed(),
        accounts,
        message.pin().map(|_| true),
    ))?;
    Ok(())
}

/// The statement of [`insert`].
const INSERT: &str = "INSERT INTO messages (id, at, channel, recipient, sender, kind, text, data, \
     details) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";

/// The number of [`COLUMNS`], which is the index of the column that follows.
pub(crate) const COLUMN_COUNT: usize = 9;

fn details_json(message: &Message) -> Result<Option<String>, Failure> {
    Ok(message.details.as_ref().map(serde_json::to_string).transpose()?)
}

/// Returns an id of a client as a bound for the ids of rows. One that no message can have is above
/// all of them.
pub(crate) fn bound(id: MessageId) -> i64 {
    i64::try_from(id.0).unwrap_or(i64::MAX)
}

/// Returns application data as JSON, if there is any.
pub(crate) fn data_json(data: &AppData) -> Result<Option<String>, Failure> {
    let json = (!data.is_empty()).then(|| serde_json::to_string(data));
    Ok(json.transpose()?)
}

pub(crate) fn nickname(stored: &str) -> Result<Nickname, Failure> {
    use serde::de::Error;
    Nickname::parse(stored).map_err(|error| {
        Failure::Json(serde_json::Error::custom(format!("'{stored}' is no nickname: {error}")))
    })
}

fn wrong_type(error: rusqlite::types::FromSqlError) -> Failure {
    Failure::Sqlite(error.into())
}

pub(crate) fn channel_name(stored: &str) -> Result<ChannelName, Failure> {
    use serde::de::Error;
    ChannelName::parse(stored).map_err(|error| {
        Failure::Json(serde_json::Error::custom(format!("'{stored}' is no channel: {error}")))
    })
}
