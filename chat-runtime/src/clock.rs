//! What time it is, for the engine, which has no clock.

use chat_core::Timestamp;
use futures::future::BoxFuture;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::watch;
use tokio::time::Instant;

/// A source of time. It never goes back.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// Comes back when it is `at` or later. Cancel safe.
    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'_, ()>;
}

/// The time of day: read once, and carried on by a clock that nobody can set.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    started_at: Timestamp,
    started: Instant,
}

impl SystemClock {
    /// A clock that shows the system's time of day.
    pub fn new() -> Self {
        // A machine whose clock is before 1970 is taken to be in 1970.
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { started_at: Timestamp::default() + since_epoch, started: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        self.started_at + self.started.elapsed()
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep_until(self.started + at.since(self.started_at)))
    }
}

/// A clock that stands still until it is told to go on, for tests. Clones share.
#[derive(Clone, Debug)]
pub struct ManualClock(watch::Sender<Timestamp>);

impl ManualClock {
    /// A clock that shows this time.
    pub fn at(now: Timestamp) -> Self {
        Self(watch::Sender::new(now))
    }

    /// Lets time pass.
    pub fn advance(&self, duration: Duration) {
        self.0.send_modify(|now| *now = *now + duration);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.borrow()
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'_, ()> {
        let mut time = self.0.subscribe();
        Box::pin(async move {
            // The sender lives as long as `self`, which this borrows.
            let _ = time.wait_for(|now| *now >= at).await;
        })
    }
}
