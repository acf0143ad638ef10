//! Everything that clients have received.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The notes of all clients. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notes(Arc<Mutex<Contents>>);

#[derive(Debug, Default)]
pub(crate) struct Contents {
    /// Messages that clients have received or that were acknowledged to them, in the order in
    /// which they arrived.
    pub(crate) delivered: Vec<Delivered>,
    /// Violations that clients have seen.
    pub(crate) problems: Vec<String>,
    /// The histories at the end, by client: the messages of each channel, and of each conversation
    /// with a user.
    pub(crate) read_back: BTreeMap<usize, BTreeMap<String, Vec<(u64, String)>>>,
    /// The number of the newest topic that was delivered, by channel.
    pub(crate) topics: BTreeMap<String, Topic>,
    /// The topics at the end, by channel.
    pub(crate) last_topics: BTreeMap<String, String>,
    /// The times at which power was lost.
    pub(crate) losses: Vec<Duration>,
    pub(crate) counters: Counters,
}

/// A message that a client has received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Delivered {
    pub(crate) at: Duration,
    pub(crate) client: usize,
    /// The channel, or the two users of a private message in order.
    pub(crate) place: String,
    pub(crate) id: u64,
    pub(crate) text: String,
}

/// A topic that a client has received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Topic {
    pub(crate) number: u64,
    pub(crate) at: Duration,
}

/// Counts of what happened in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Faults of the plan.
    pub faults: usize,
    /// Restarts of the server.
    pub restarts: usize,
    /// Stores that have failed.
    pub failures: usize,
    /// Messages that clients have received.
    pub delivered: usize,
    /// Messages in the histories at the end.
    pub kept: usize,
    /// Messages that were sent again and had been accepted before.
    pub repeated: usize,
    /// Topics that clients have received.
    pub topics: usize,
}

impl Notes {
    pub(crate) fn open(&self) -> MutexGuard<'_, Contents> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the time since the simulation began, for the programs of its hosts.
    pub(crate) fn elapsed(&self) -> Duration {
        turmoil::sim_elapsed().unwrap_or_default()
    }

    /// Notes a loss of power.
    pub(crate) fn lose_power(&self, at: Duration) {
        self.open().losses.push(at);
    }

    /// Returns the deliveries as text, and the counts.
    pub(crate) fn finish(&self) -> (Vec<String>, Counters) {
        let contents = self.open();
        let mut counters = contents.counters;
        counters.delivered = contents.delivered.len();
        (contents.delivered.iter().map(|delivered| format!("{delivered:?}")).collect(), counters)
    }
}
