//! Stores the snapshots of a node, and deletes the entries of the stream that no node needs.

use crate::bucket::Bucket;
use crate::entry::timestamp;
use crate::error::one_line;
use crate::report::Report;
use async_nats::jetstream::stream::Stream;
use chat_core::Timestamp;
use std::time::Duration;
use tokio::sync::mpsc;
use tracing::{info, warn};

/// A snapshot that is not stored yet.
pub(crate) struct Written {
    pub(crate) position: u64,
    /// The time of the last entry that was applied.
    pub(crate) at: Timestamp,
    /// The position of the first entry that a node needs.
    pub(crate) first_needed: u64,
    pub(crate) bytes: Vec<u8>,
}

/// Stores snapshots, one at a time, until the reader of the stream ends.
pub(crate) async fn store(
    bucket: Bucket,
    stream: Stream,
    retention: Duration,
    mut written: mpsc::Receiver<Written>,
    reports: mpsc::Sender<Report>,
) {
    while let Some(snapshot) = written.recv().await {
        let (position, bytes) = (snapshot.position, snapshot.bytes.len());
        match bucket.write(position, &snapshot.bytes).await {
            Ok(()) => info!(position, bytes, "a snapshot was stored"),
            Err(reason) => {
                warn!(position, bytes, reason, "a snapshot cannot be stored");
                continue;
            }
        }
        // Another node has its turn anyway.
        let _ = reports.send(Report::Snapshot { position }).await;
        match purge(&stream, &snapshot, retention).await {
            Ok(0) => {}
            Ok(entries) => info!(entries, "old entries of the stream were deleted"),
            Err(reason) => warn!(reason, "old entries of the stream cannot be deleted"),
        }
    }
}

/// Deletes the entries that are older than the snapshot, than those that nodes need, and than the
/// retention. Returns their number.
async fn purge(stream: &Stream, snapshot: &Written, retention: Duration) -> Result<u64, String> {
    let info = stream.get_info().await.map_err(|error| one_line(&error))?;
    let first = info.state.first_sequence;
    // The reader of a node begins with the entry at its position.
    let end = snapshot.position.min(snapshot.first_needed);
    if info.config.deny_purge || end <= first {
        return Ok(0);
    }
    let since = before(snapshot.at, retention);
    let end = first_since(stream, since, first, end).await?;
    if end <= first {
        return Ok(0);
    }
    let purged = stream.purge().sequence(end).await.map_err(|error| one_line(&error))?;
    Ok(purged.purged)
}

/// Returns the first position between two others of an entry that is not older than `since`, or the
/// second one. The entries are in the order of their times, and there are no gaps.
async fn first_since(
    stream: &Stream,
    since: Timestamp,
    mut first: u64,
    mut end: u64,
) -> Result<u64, String> {
    while first < end {
        let middle = first + (end - first) / 2;
        let entry = stream.get_raw_message(middle).await.map_err(|error| one_line(&error))?;
        if timestamp(entry.time) < since {
            first = middle + 1;
        } else {
            end = middle;
        }
    }
    Ok(end)
}

fn before(at: Timestamp, age: Duration) -> Timestamp {
    let age = u64::try_from(age.as_millis()).unwrap_or(u64::MAX);
    Timestamp::from_millis(at.as_millis().saturating_sub(age))
}
