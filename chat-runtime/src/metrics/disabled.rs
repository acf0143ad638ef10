//! The metrics of a build without the feature `metrics`: nothing is counted.

use chat_core::Answer;
use chat_dialects::{Counters, TurnedAway};
use chat_store::StoreLevels;
use std::time::Duration;

#[derive(Debug)]
pub(crate) struct Metrics;

/// A session that would be counted.
#[derive(Debug)]
pub(crate) struct Counted;

impl Metrics {
    pub(crate) fn new() -> Self {
        Self
    }

    pub(crate) fn note_turned_away(&self, _: TurnedAway) {}

    pub(crate) fn note_no_connection(&self, _: &'static str) {}

    pub(crate) fn note_answer(&self, _: &Answer) {}

    pub(crate) fn note_input(&self, _: Duration) {}

    pub(crate) fn note_delay(&self, _: Duration) {}

    pub(crate) fn note_commit(&self, _: Duration, _: usize) {}

    pub(crate) fn note_waiting_rounds(&self, _: i64) {}

    pub(crate) fn note_retry(&self) {}

    pub(crate) fn note_store(&self, _: StoreLevels) {}

    pub(crate) fn note_entry(&self, _: Option<Duration>) {}

    pub(crate) fn note_waiting_entries(&self, _: usize) {}

    pub(crate) fn note_differing(&self, _: usize) {}

    pub(crate) fn note_isolated(&self, _: bool) {}

    pub(crate) fn note(&self, _: &Counters) {}

    pub(crate) fn count_session(&self, _: &'static str, _: &str) -> Counted {
        Counted
    }
}
