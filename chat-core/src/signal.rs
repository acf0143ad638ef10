//! Signals: application data outside of messages.

use crate::{Actor, AppData, Target, Timestamp};

/// Application data for the users who are there at the moment, such as that somebody is typing. It
/// is in no store. A signal with the key [`AppData::PERSIST`] is kept in memory for a while, as
/// events are ([`Config::events_per_channel`](crate::Config::events_per_channel)).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Signal {
    /// The number of the signal since the engine started, from 1. Together with the time it is
    /// unique.
    pub number: u64,
    /// The time at which the engine accepted it.
    pub at: Timestamp,
    /// The sender, as it was at that moment.
    pub sender: Actor,
    /// The channel or user that it was sent to.
    pub target: Target,
    /// The application data; never empty.
    pub data: AppData,
}
