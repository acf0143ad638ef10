//! A line in the log for foreign pages that are refused, but not one for each request.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Remembers which origins have been logged within the last minute.
#[derive(Debug, Default)]
pub(crate) struct RefusalLog {
    logged: Mutex<HashMap<String, Instant>>,
}

impl RefusalLog {
    /// Whether a refusal of this origin is to be logged now. At most so many origins are logged in
    /// a minute: whoever makes origins up does not fill the memory or the disk.
    pub(crate) fn is_due(&self, origin: &str) -> bool {
        let now = Instant::now();
        let mut logged = self.logged.lock().unwrap_or_else(PoisonError::into_inner);
        let is_recent = |at: &Instant| now.duration_since(*at) < EVERY;
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

/// How often the same origin is logged at most.
const EVERY: Duration = Duration::from_secs(60);
/// Most origins that are remembered.
const MOST_ORIGINS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_origin_is_logged_once_a_minute() {
        let log = RefusalLog::default();
        assert!(log.is_due("https://a.example"));
        assert!(!log.is_due("https://a.example"));
        assert!(log.is_due("https://b.example"));
        tokio::time::advance(EVERY).await;
        assert!(log.is_due("https://a.example"));
    }

    #[tokio::test(start_paused = true)]
    async fn made_up_origins_fill_neither_memory_nor_log() {
        let log = RefusalLog::default();
        let due = |number: &u32| log.is_due(&format!("https://{number}.example"));
        assert_eq!((0..10_000).filter(due).count(), MOST_ORIGINS);
        assert_eq!(log.logged.lock().expect("no panic").len(), MOST_ORIGINS);
        tokio::time::advance(EVERY).await;
        assert!(log.is_due("https://late.example"));
        assert_eq!(log.logged.lock().expect("no panic").len(), 1);
    }
}
