//! The time of day in a simulation.

use chat_runtime::Clock;
use chat_runtime::chat_core::Timestamp;
use futures::future::BoxFuture;
use std::time::Duration;
use tokio::time::Instant;

/// A clock that starts at the same moment in every run and follows the simulated host's time.
#[derive(Clone, Copy, Debug)]
pub struct SimulatedClock {
    started: Instant,
    /// The time at which it started.
    from: Timestamp,
}

impl SimulatedClock {
    /// Starts a clock now. It is valid only on the simulated host that created it.
    pub fn start() -> Self {
        Self::at(Duration::ZERO)
    }

    /// Starts a clock that has run for some time already.
    pub fn at(elapsed: Duration) -> Self {
        Self { started: Instant::now(), from: START + elapsed }
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        self.from + self.started.elapsed()
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep_until(self.started + at.since(self.from)))
    }
}

/// The first moment of 2026.
const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);
