//! The metrics of a log that orders the inputs of several servers.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use std::time::Duration;

/// The metrics of a log. Without one they stay at 0.
#[derive(Debug)]
pub(crate) struct ClusterMetrics {
    entries: Counter,
    waiting_entries: Gauge,
    submission_seconds: Histogram,
    isolated: Gauge,
    state_mismatches: Counter,
}

impl Default for ClusterMetrics {
    fn default() -> Self {
        Self {
            entries: Counter::default(),
            waiting_entries: Gauge::default(),
            // From a quarter of a millisecond to a minute.
            submission_seconds: Histogram::new(exponential_buckets(25e-5, 4.0, 10)),
            isolated: Gauge::default(),
            state_mismatches: Counter::default(),
        }
    }
}

impl ClusterMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "entries",
            "Entries of the cluster's log that were applied",
            self.entries.clone(),
        );
        registry.register(
            "waiting_entries",
            "Entries of the cluster's log that were read and not applied yet",
            self.waiting_entries.clone(),
        );
        registry.register_with_unit(
            "submission",
            "Time from the end of a round of inputs to its place in the cluster's log",
            Unit::Seconds,
            self.submission_seconds.clone(),
        );
        registry.register(
            "isolated",
            "1 while commands are refused because the cluster's log takes none",
            self.isolated.clone(),
        );
        registry.register(
            "state_mismatches",
            "Nodes whose states differed from that of most",
            self.state_mismatches.clone(),
        );
    }

    pub(super) fn note_entry(&self, submission: Option<Duration>) {
        self.entries.inc();
        if let Some(took) = submission {
            self.submission_seconds.observe(took.as_secs_f64());
        }
    }

    pub(super) fn note_waiting(&self, entries: usize) {
        self.waiting_entries.set(i64::try_from(entries).unwrap_or(i64::MAX));
    }

    pub(super) fn note_differing(&self, nodes: usize) {
        self.state_mismatches.inc_by(u64::try_from(nodes).unwrap_or(u64::MAX));
    }

    pub(super) fn note_isolated(&self, is_isolated: bool) {
        self.isolated.set(is_isolated.into());
    }
}
