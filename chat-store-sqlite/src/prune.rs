//! Deletes messages that are no longer kept, and returns their space to the system.

use crate::by_time::first_id_at;
use crate::channel_ages::ChannelAges;
use crate::counters::CounterRow;
use crate::error::Failure;
use crate::search_index::{self, has_unused_pages};
use rusqlite::{Connection, TransactionBehavior};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The messages that a store keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Keep {
    /// All messages.
    #[default]
    Unlimited,
    /// Messages up to this age by the server's clock. Clients read older ones that are in the
    /// memory of the server unless [`Config::message_age`](chat_core::Config) is as short.
    For(Duration),
    /// The newest messages, as many as fit into a file of about this many bytes with all else.
    UpTo(u64),
}

/// The result of one step of pruning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pruned {
    /// No message is to be deleted at the moment.
    Nothing,
    /// Some messages were deleted.
    Some {
        /// True if there may be more.
        more: bool,
    },
}

/// Deletes some of the oldest messages if they are not kept. A message stays as long as a nonce
/// refers to it. `damage` is set if the index for searches is damaged.
pub(crate) fn prune_some(
    connection: &mut Connection,
    keep: Keep,
    counters: &mut CounterRow,
    damage: &AtomicBool,
    now: i64,
) -> Result<Pruned, Failure> {
    let bound = match keep {
        Keep::Unlimited => return Ok(Pruned::Nothing),
        Keep::For(age) => {
            let age = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
            let cutoff = now.saturating_sub(age);
            if oldest(connection)?.is_none_or(|at| at >= cutoff) {
                return Ok(Pruned::Nothing);
            }
            first_id_at(connection, cutoff)?
        }
        Keep::UpTo(bytes) => {
            let [pages, free] = sizes(connection)?;
            if (pages - free).saturating_mul(page_size(connection)?) <= bytes {
                return Ok(Pruned::Nothing);
            }
            i64::MAX
        }
    };
    let ids: Vec<i64> = connection
        .prepare_cached(
            "SELECT id FROM messages WHERE id < ? AND NOT EXISTS \
             (SELECT 1 FROM nonces WHERE message = messages.id) ORDER BY id LIMIT ?",
        )?
        .query_map((bound, PRUNED_AT_ONCE), |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    if ids.is_empty() {
        return Ok(Pruned::Nothing);
    }
    delete(connection, &ids, counters, damage)?;
    Ok(Pruned::Some { more: is_full(&ids) || matches!(keep, Keep::UpTo(_)) })
}

/// Deletes some messages of channels that keep them for a time of their own, as far as no nonce
/// refers to them. A call examines some channels only, and the next one goes on with others: nobody
/// reads the messages meanwhile.
pub(crate) fn prune_channels(
    connection: &mut Connection,
    ages: &mut ChannelAges,
    counters: &mut CounterRow,
    damage: &AtomicBool,
    now: i64,
) -> Result<Pruned, Failure> {
    for _ in 0..ages.len().min(CHANNELS_AT_ONCE) {
        let Some((channel, age)) = ages.next() else { break };
        let cutoff = now.saturating_sub(age);
        if oldest_in(connection, channel)?.is_none_or(|at| at >= cutoff) {
            continue;
        }
        let bound = first_id_at(connection, cutoff)?;
        let ids: Vec<i64> = connection
            .prepare_cached(
                "SELECT id FROM messages WHERE channel = ? AND id < ? AND NOT EXISTS \
                 (SELECT 1 FROM nonces WHERE message = messages.id) ORDER BY id LIMIT ?",
            )?
            .query_map((channel, bound, PRUNED_AT_ONCE), |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        if ids.is_empty() {
            continue;
        }
        delete(connection, &ids, counters, damage)?;
        ages.return_to(channel);
        return Ok(Pruned::Some { more: true });
    }
    Ok(Pruned::Nothing)
}

/// Deletes messages, in one transaction.
fn delete(
    connection: &mut Connection,
    ids: &[i64],
    counters: &mut CounterRow,
    damage: &AtomicBool,
) -> Result<(), Failure> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // The newest message may be among them, and no id is given twice.
    let mut saved = *counters;
    saved.mark_behind();
    saved.save(&transaction)?;
    let mut delete = transaction.prepare_cached("DELETE FROM mailboxes WHERE message = ?")?;
    for id in ids {
        delete.execute((id,))?;
    }
    drop(delete);
    if search_index::remove(&transaction, ids)? {
        damage.store(true, Ordering::Relaxed);
    }
    transaction.commit()?;
    *counters = saved;
    Ok(())
}

/// Returns true if there may be more messages than these.
fn is_full(ids: &[i64]) -> bool {
    i64::try_from(ids.len()).is_ok_and(|count| count >= PRUNED_AT_ONCE)
}

/// Returns some free pages to the system, unless there are few: new messages take those. Returns
/// true if there may be more. `damage` is set if the index for searches may be damaged.
pub(crate) fn shrink(connection: &Connection, damage: &AtomicBool) -> Result<bool, Failure> {
    let [pages, free] = sizes(connection)?;
    // The pages of a replaced index cannot be moved.
    if free <= FEW_PAGES.max(pages / 20) || has_unused_pages(connection)? {
        return Ok(false);
    }
    let count = (free - FEW_PAGES).min(RETURNED_AT_ONCE);
    match return_some(connection, count).map_err(Failure::from) {
        Ok(()) => Ok(true),
        // A page that is moved may be one of the index. Damage elsewhere shows when it is read.
        Err(failure) if search_index::is_damage(&failure) => {
            damage.store(true, Ordering::Relaxed);
            Ok(false)
        }
        Err(failure) => Err(failure),
    }
}

fn return_some(connection: &Connection, count: u64) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(&format!("PRAGMA incremental_vacuum({count})"))?;
    let mut rows = statement.query(())?;
    // Each step returns a page.
    while rows.next()?.is_some() {}
    Ok(())
}

/// Returns the time of the oldest message.
fn oldest(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    let mut statement = connection.prepare_cached("SELECT at FROM messages ORDER BY id LIMIT 1")?;
    let mut rows = statement.query(())?;
    rows.next()?.map(|row| row.get(0)).transpose()
}

/// Returns the time of the oldest message of a channel.
fn oldest_in(connection: &Connection, channel: i64) -> rusqlite::Result<Option<i64>> {
    let mut statement = connection
        .prepare_cached("SELECT at FROM messages WHERE channel = ? ORDER BY id LIMIT 1")?;
    let mut rows = statement.query((channel,))?;
    rows.next()?.map(|row| row.get(0)).transpose()
}

/// Returns the number of pages, and of free ones among them.
fn sizes(connection: &Connection) -> rusqlite::Result<[u64; 2]> {
    Ok([number(connection, "page_count")?, number(connection, "freelist_count")?])
}

fn page_size(connection: &Connection) -> rusqlite::Result<u64> {
    number(connection, "page_size")
}

fn number(connection: &Connection, pragma: &str) -> rusqlite::Result<u64> {
    let number: i64 = connection.pragma_query_value(None, pragma, |row| row.get(0))?;
    Ok(u64::try_from(number).unwrap_or_default())
}

/// The most messages that one step deletes.
const PRUNED_AT_ONCE: i64 = 500;
/// The most channels with a time of their own that one step examines.
const CHANNELS_AT_ONCE: usize = 100;
/// The most pages that one step returns: 1 MiB.
const RETURNED_AT_ONCE: u64 = 256;
/// Free pages that always stay in the file: 64 KiB.
const FEW_PAGES: u64 = 16;
