//! The channels that accounts are in, and the messages that they have read.

use crate::accounts::know;
use crate::error::Failure;
use crate::message_rows::{channel_name, nickname};
use crate::times::timestamp;
use chat_core::{
    AccountName, ChannelId, ChannelName, DurableState, MessageId, Record, Target, UserInfo,
};
use rusqlite::{Connection, params};

/// The tables. A mark of `private_marks` is the last message that an account has read, of those
/// with the user of a nickname.
pub(crate) const CREATE: &str = "
CREATE TABLE memberships (
    account TEXT NOT NULL,
    folded TEXT NOT NULL,
    name TEXT NOT NULL,
    channel INTEGER NOT NULL,
    since INTEGER NOT NULL,
    read INTEGER NOT NULL,
    PRIMARY KEY (account, folded)
) WITHOUT ROWID;
CREATE TABLE private_marks (
    account TEXT NOT NULL,
    other TEXT NOT NULL,
    nickname TEXT NOT NULL,
    message INTEGER NOT NULL,
    PRIMARY KEY (account, other)
) WITHOUT ROWID;
";

/// Applies [`Record::ChannelJoined`].
pub(crate) fn join(
    connection: &Connection,
    (name, id): (&ChannelName, ChannelId),
    account: &AccountName,
    since: MessageId,
) -> Result<(), Failure> {
    know(connection, account)?;
    connection
        .prepare_cached("INSERT OR REPLACE INTO memberships VALUES (?, ?, ?, ?, ?, 0)")?
        .execute(params![
            account.as_str(),
            name.folded(),
            name.shown(),
            id.0.cast_signed(),
            since.0.cast_signed()
        ])?;
    Ok(())
}

/// Applies [`Record::ChannelLeft`].
pub(crate) fn leave(
    connection: &Connection,
    name: &ChannelName,
    account: &AccountName,
) -> Result<(), Failure> {
    connection
        .prepare_cached("DELETE FROM memberships WHERE account = ? AND folded = ?")?
        .execute((account.as_str(), name.folded()))?;
    Ok(())
}

/// Applies [`Record::ReadMarked`].
pub(crate) fn mark_read(
    connection: &Connection,
    account: &AccountName,
    target: &Target,
    id: MessageId,
) -> Result<(), Failure> {
    let (account_name, id) = (account.as_str(), id.0.cast_signed());
    match target {
        Target::Channel(channel) => {
            let mark =
                "UPDATE memberships SET read = max(read, ?) WHERE account = ? AND folded = ?";
            connection.prepare_cached(mark)?.execute((id, account_name, channel.folded()))?;
        }
        Target::User(nickname) => {
            know(connection, account)?;
            let mark = "INSERT INTO private_marks VALUES (?, ?, ?, ?) \
                        ON CONFLICT DO UPDATE SET message = max(message, excluded.message)";
            let other = (nickname.folded(), nickname.shown());
            connection.prepare_cached(mark)?.execute((account_name, other.0, other.1, id))?;
            let limit = DurableState::READ_CONVERSATIONS;
            let cut = "DELETE FROM private_marks WHERE account = ?1 AND other NOT IN \
                       (SELECT other FROM private_marks WHERE account = ?1 \
                        ORDER BY message DESC, other DESC LIMIT ?2)";
            connection.prepare_cached(cut)?.execute(params![account_name, limit.cast_signed()])?;
        }
        // A target that is newer than this crate has no marks.
        Target::Members { .. } | _ => {}
    }
    Ok(())
}

/// Removes what is kept of an account.
pub(crate) fn remove(connection: &Connection, account: &AccountName) -> Result<(), Failure> {
    for change in
        ["DELETE FROM memberships WHERE account = ?", "DELETE FROM private_marks WHERE account = ?"]
    {
        connection.prepare_cached(change)?.execute((account.as_str(),))?;
    }
    Ok(())
}

/// Removes the marks of all accounts for messages with a user.
pub(crate) fn forget_marks(connection: &Connection, user: &UserInfo) -> Result<(), Failure> {
    connection
        .prepare_cached("DELETE FROM private_marks WHERE other = ?")?
        .execute((user.nickname.folded(),))?;
    Ok(())
}

/// Reads the memberships and the marks.
pub(crate) fn load(connection: &Connection, state: &mut DurableState) -> Result<(), Failure> {
    let mut statement =
        connection.prepare("SELECT account, name, channel, since, read FROM memberships")?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let account = AccountName::from(row.get::<_, String>(0)?);
        let channel = channel_name(&row.get::<_, String>(1)?)?;
        let id = ChannelId(row.get::<_, i64>(2)?.cast_unsigned());
        let (since, read) = (message(row.get(3)?), message(row.get(4)?));
        let target = Target::Channel(channel.clone());
        let joined = Record::ChannelJoined { channel, id, account: account.clone(), since };
        state.apply(timestamp(0), &joined);
        state.apply(timestamp(0), &Record::ReadMarked { account, target, id: read });
    }
    let mut statement =
        connection.prepare("SELECT account, nickname, message FROM private_marks")?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let account = AccountName::from(row.get::<_, String>(0)?);
        let target = Target::User(nickname(&row.get::<_, String>(1)?)?);
        let id = message(row.get(2)?);
        state.apply(timestamp(0), &Record::ReadMarked { account, target, id });
    }
    Ok(())
}

fn message(stored: i64) -> MessageId {
    MessageId(stored.cast_unsigned())
}
