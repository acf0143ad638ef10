//! Records with their times.

use crate::{Record, Timestamp};

/// A record with the [time](crate::Effects::at) of the input that caused it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StampedRecord {
    /// The time.
    pub at: Timestamp,
    /// The record.
    pub record: Record,
}
