//! Limits how often refusals of foreign origins are logged.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// The origins whose refusal has been logged within the last minute.
#[derive(Debug, Default)]
pub(crate) struct RefusalLog {
    logged: Mutex<HashMap<String, Instant>>,
}

impl RefusalLog {
    /// Returns true if a refusal of this origin is to be logged now. At most `MOST_ORIGINS` origins
    /// are logged in a minute, so that a client with invented origins fills neither the memory nor
    /// the disk.
    pub(crate) fn is_due(&self, origin: &str) -> bool {
        let now = Instant::now();
        let mut logged = self.logged.lock().unwrap_or_else(PoisonError::into_inner);
        let is_recent = |at: &Instant| now.duration_since(*at) < INTERVAL;
        if logged.get(origin).is_some_and(is_recent) {
            return false;
        }
        if logged.len() >= MOST_ORIGINS {
            logged.retain(|_, at| is_recent(at));
        }
        let has_room = logged.len() < MOST_ORIGINS;
        if has_room {
            logged.insert(origin.to_owned(), now);
        }
        has_room
    }
}

/// The time between two log entries for the same origin.
const INTERVAL: Duration = Duration::from_secs(60);
/// The most origins that are remembered.
const MOST_ORIGINS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn origin_is_logged_once_a_minute() {
        let log = RefusalLog::default();
        assert!(log.is_due("https://a.example"));
        assert!(!log.is_due("https://a.example"));
        assert!(log.is_due("https://b.example"));
        tokio::time::advance(INTERVAL).await;
        assert!(log.is_due("https://a.example"));
    }

    #[tokio::test(start_paused = true)]
    async fn invented_origins_fill_neither_memory_nor_log() {
        let log = RefusalLog::default();
        let due = |number: &u32| log.is_due(&format!("https://{number}.example"));
        assert_eq!((0..10_000).filter(due).count(), MOST_ORIGINS);
        assert_eq!(log.logged.lock().expect("no panic").len(), MOST_ORIGINS);
        tokio::time::advance(INTERVAL).await;
        assert!(log.is_due("https://late.example"));
        assert_eq!(log.logged.lock().expect("no panic").len(), 1);
    }
}
