//! The metrics of the server's store.

use chat_store::StoreLevels;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use std::time::Duration;

/// The metrics of a store. Without one they stay at 0.
#[derive(Debug)]
pub(crate) struct StoreMetrics {
    commit_seconds: Histogram,
    commit_records: Histogram,
    waiting_rounds: Gauge,
    retries: Counter,
    log_bytes: Gauge,
    free_bytes: Gauge,
}

impl Default for StoreMetrics {
    fn default() -> Self {
        Self {
            // From 16 microseconds to 4 seconds.
            commit_seconds: Histogram::new(exponential_buckets(16e-6, 4.0, 10)),
            // From 1 to 16,384 records.
            commit_records: Histogram::new(exponential_buckets(1.0, 4.0, 8)),
            waiting_rounds: Gauge::default(),
            retries: Counter::default(),
            log_bytes: Gauge::default(),
            free_bytes: Gauge::default(),
        }
    }
}

impl StoreMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register_with_unit(
            "commit",
            "Time that the store took for a commit, attempts without room included",
            Unit::Seconds,
            self.commit_seconds.clone(),
        );
        registry.register("commit_records", "Records in a commit", self.commit_records.clone());
        registry.register(
            "waiting_rounds",
            "Rounds of output that wait for their commit",
            self.waiting_rounds.clone(),
        );
        registry.register(
            "retries",
            "Commits that found no room and were tried again",
            self.retries.clone(),
        );
        registry.register_with_unit(
            "log",
            "Length of the store's log",
            Unit::Bytes,
            self.log_bytes.clone(),
        );
        registry.register_with_unit(
            "free",
            "Free room in the file system of the store",
            Unit::Bytes,
            self.free_bytes.clone(),
        );
    }

    pub(super) fn note_commit(&self, took: Duration, records: usize) {
        self.commit_seconds.observe(took.as_secs_f64());
        self.commit_records.observe(records as f64);
    }

    pub(super) fn note_waiting_rounds(&self, rounds: i64) {
        self.waiting_rounds.set(rounds);
    }

    pub(super) fn note_retry(&self) {
        self.retries.inc();
    }

    pub(super) fn note_levels(&self, levels: StoreLevels) {
        let set = |gauge: &Gauge, value: u64| {
            gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        };
        set(&self.log_bytes, levels.log_bytes);
        set(&self.free_bytes, levels.free_bytes.unwrap_or_default());
    }
}
