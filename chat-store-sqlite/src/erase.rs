//! Erases an account.

use crate::accounts::know;
use crate::by_time::newest_id;
use crate::channel_ages::ChannelAges;
use crate::commit::{Writer, channel_ids};
use crate::counters::CounterRow;
use crate::durability::Durability;
use crate::error::{Failure, failed};
use crate::export::{is_known, no_account, senders_of};
use crate::files::resolve;
use crate::lock::{Lock, Mark};
use crate::memberships::forget_marks;
use crate::reports;
use crate::schema;
use crate::search_index::Indexed;
use crate::senders::SenderIds;
use crate::times::timestamp;
use crate::{Progress, existing, intact};
use chat_core::{AccountName, Actor, MessageId, Nickname, Record, UserInfo};
use chat_store::StoreError;
use rusqlite::{Connection, TransactionBehavior, params};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Erases an account, for good. No server may use the store meanwhile. Returns the number of
/// messages that are erased.
///
/// - Messages in channels stay in their places, with the text `[erased]`, without application data,
///   and with the sender `erased`, also in replies to them.
/// - Private messages that the account has sent are deleted, also from the mailboxes of others.
///   Messages that others have sent to it stay in their own mailboxes only.
/// - Its reactions are removed.
/// - Its mailbox, statuses, invitations, nonces and application data are deleted.
///
/// Then the file is written anew, so that no erased byte is left in it or in its log. This takes as
/// much room on the disk again as the file has. After an interruption, calling it again finishes
/// the work.
///
/// # Errors
///
/// If a server uses the store, it cannot be read or written, or it has no such account.
pub fn erase(
    path: impl AsRef<Path>,
    account: &AccountName,
    progress: &mut dyn FnMut(Progress),
) -> Result<u64, StoreError> {
    let path = &*resolve(path.as_ref());
    if !path.exists() {
        // Before the lock, which would make a file.
        return Err(existing::open(path).err().unwrap_or_else(|| no_account(account)));
    }
    let mut lock = Lock::take(path)?;
    intact::check(path, &lock)?;
    let mut connection = existing::open_alone(path)?;
    schema::migrate(&mut connection).map_err(failed)?;
    if let Mark::Open(durability) = lock.mark() {
        if durability == Durability::Process {
            save_counters(&connection, CounterRow::end_epoch).map_err(failed)?;
        }
        // From now on the next start does not need the log, which is truncated in the end.
        if !lock.close(&connection, path)? {
            let name = path.display();
            return Err(StoreError::Unusable(format!(
                "another program reads the store {name}: stop it first"
            )));
        }
    }
    erase_in(&mut connection, account, progress)
}

fn erase_in(
    connection: &mut Connection,
    account: &AccountName,
    progress: &mut dyn FnMut(Progress),
) -> Result<u64, StoreError> {
    connection.pragma_update(None, "secure_delete", true).map_err(failed)?;
    let senders = senders_of(connection, account).map_err(failed)?;
    if senders.is_empty() && !is_known(connection, account).map_err(failed)? {
        return Err(no_account(account));
    }
    // The row is deleted last. As long as it exists, an interrupted erasure can be finished.
    know(connection, account).map_err(failed)?;
    save_counters(connection, CounterRow::mark_behind).map_err(failed)?;
    forget_words(connection).map_err(failed)?;
    let count = erase_messages(connection, &senders, progress).map_err(failed)?;
    remove(connection, account, &senders).map_err(failed)?;
    connection.execute_batch("VACUUM; DROP TABLE IF EXISTS unused_pages").map_err(failed)?;
    checkpoint(connection, "TRUNCATE").map_err(failed)?;
    let end = "DELETE FROM accounts WHERE name = ?";
    connection.execute(end, (account.as_str(),)).map_err(failed)?;
    checkpoint(connection, "TRUNCATE").map_err(failed)?;
    Ok(count)
}

/// Writes the id and the time of the newest message into the row of counters, since that message
/// may be deleted, and no id is given twice.
fn save_counters(
    connection: &Connection,
    change: impl FnOnce(&mut CounterRow),
) -> Result<(), Failure> {
    let mut counters = CounterRow::load(connection)?;
    change(&mut counters);
    counters.save(connection)?;
    Ok(())
}

/// Empties the index for searches, which contains the words of the messages. The server makes it
/// anew.
fn forget_words(connection: &mut Connection) -> Result<(), Failure> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    Indexed::replace(&transaction, newest_id(&transaction)?)?;
    transaction.commit()?;
    Ok(())
}

/// Erases the messages of these senders, some at a time.
fn erase_messages(
    connection: &mut Connection,
    senders: &[i64],
    progress: &mut dyn FnMut(Progress),
) -> Result<u64, Failure> {
    let newest = newest_id(connection)?;
    let erased = Actor::User(Arc::new(UserInfo::guest(erased())));
    let (mut last, mut count) = (0_i64, 0);
    let wanted = serde_json::to_string(senders)?;
    while last < newest {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let erased = SenderIds::default().id(&transaction, &erased)?;
        let end = last.saturating_add(IDS_AT_ONCE);
        let range = params![last, end, wanted];
        let own = "id > ?1 AND id <= ?2 AND sender IN (SELECT value FROM json_each(?3))";
        for change in [
            "DELETE FROM nonces WHERE message IN (SELECT id FROM messages WHERE OWN)",
            "DELETE FROM mailboxes WHERE message IN (SELECT id FROM messages WHERE OWN)",
        ] {
            transaction.execute(&change.replace("OWN", own), range)?;
        }
        count += transaction
            .execute(&format!("DELETE FROM messages WHERE channel IS NULL AND {own}"), range)?;
        let change = format!(
            "UPDATE messages SET text = ?4, data = NULL, details = NULL, pinned = NULL, \
             sender = ?5 WHERE {own}"
        );
        count += transaction.execute(&change, params![last, end, wanted, ERASED, erased])?;
        transaction.commit()?;
        last = end;
        let [done, total] = [last.min(newest), newest].map(i64::unsigned_abs);
        progress(Progress { done, total });
    }
    Ok(u64::try_from(count).unwrap_or(u64::MAX))
}

/// Removes all else of an account, except its row.
fn remove(
    connection: &mut Connection,
    account: &AccountName,
    senders: &[i64],
) -> Result<(), Failure> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut channels = channel_ids(&transaction)?;
    let mut ages = ChannelAges::load(&transaction)?;
    let mut ids = SenderIds::default();
    let at: i64 = transaction.query_row("SELECT at FROM counters", (), |row| row.get(0))?;
    let at = timestamp(at);
    // The index is empty.
    let damage = AtomicBool::new(false);
    let mut writer = Writer {
        connection: &transaction,
        senders: &mut ids,
        channels: &mut channels,
        ages: &mut ages,
        newest: MessageId(0),
        replaces_text: false,
        damage: &damage,
    };
    writer.apply(at, &Record::AccountRemoved { account: account.clone() })?;
    reports::erase(&transaction, account.as_str())?;
    erase_changes(&transaction, account)?;
    know(&transaction, account)?;
    let wanted = serde_json::to_string(senders)?;
    let mut own = transaction.prepare("SELECT sender FROM senders WHERE id = ?")?;
    let mut names = BTreeSet::new();
    for id in senders {
        let sender: Actor =
            serde_json::from_str(&own.query_row((id,), |row| row.get::<_, String>(0))?)?;
        if let Some(user) = sender.user() {
            forget_marks(&transaction, user)?;
            names.insert(user.nickname.shown().to_owned());
        }
    }
    drop(own);
    erase_replies(&transaction, &names)?;
    let unused = "DELETE FROM senders WHERE id IN (SELECT value FROM json_each(?))";
    transaction.execute(unused, (wanted,))?;
    transaction.commit()?;
    Ok(())
}

/// Removes an account from the changes of messages of others.
fn erase_changes(connection: &Connection, account: &AccountName) -> Result<(), Failure> {
    for change in [
        "UPDATE messages SET details = json_set(details, '$.deletion.by', 'Server') \
         WHERE changed IS NOT NULL \
         AND json_extract(details, '$.deletion.by.User.account') = ?",
        "UPDATE messages SET details = json_set(details, '$.pin.by', 'Server') \
         WHERE pinned IS NOT NULL AND json_extract(details, '$.pin.by.User.account') = ?",
        "UPDATE messages SET details = json_set(details, '$.reactions', ( \
         SELECT json_group_array(json(value)) FROM json_each(details, '$.reactions') \
         WHERE json_extract(value, '$.account') IS NOT ?1)) \
         WHERE details IS NOT NULL AND EXISTS ( \
         SELECT 1 FROM json_each(details, '$.reactions') \
         WHERE json_extract(value, '$.account') = ?1)",
        "UPDATE messages SET changed_for = NULL WHERE changed IS NOT NULL \
         AND EXISTS (SELECT 1 FROM json_each(changed_for) WHERE value = ?)",
    ] {
        connection.execute(change, (account.as_str(),))?;
    }
    Ok(())
}

/// Replaces these names of an erased account in replies to its messages. Messages of others that
/// had the same name keep it.
fn erase_replies(connection: &Connection, names: &BTreeSet<String>) -> Result<(), Failure> {
    let change = "
        UPDATE messages SET details = json_set(details, '$.reply_to.nickname', ?1)
        WHERE details IS NOT NULL
        AND json_extract(details, '$.reply_to.nickname') IN (SELECT value FROM json_each(?2))
        AND NOT EXISTS (
            SELECT 1 FROM messages AS parent JOIN senders ON senders.id = parent.sender
            WHERE parent.id = json_extract(messages.details, '$.reply_to.id')
            AND json_extract(senders.sender, '$.User.nickname')
                = json_extract(messages.details, '$.reply_to.nickname')
        )";
    connection.execute(change, (erased().shown(), serde_json::to_string(names)?))?;
    Ok(())
}

/// Moves the log into the database.
fn checkpoint(connection: &Connection, mode: &str) -> Result<(), Failure> {
    let checkpoint = format!("PRAGMA wal_checkpoint({mode})");
    let busy: bool = connection.query_row(&checkpoint, (), |row| row.get(0))?;
    // An export or a backup reads the file at the moment.
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
    if busy { Err(rusqlite::Error::SqliteFailure(code, None).into()) } else { Ok(()) }
}

/// The name of the sender of erased messages.
fn erased() -> Nickname {
    Nickname::parse("erased").expect("the name is valid")
}

/// The text in place of an erased one.
const ERASED: &str = "[erased]";
/// The ids that one transaction looks at.
const IDS_AT_ONCE: i64 = 2_000;
