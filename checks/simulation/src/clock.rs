//! The time of day in a simulation.

use chat_runtime::Clock;
use chat_runtime::chat_core::Timestamp;
use futures::future::BoxFuture;
use tokio::time::Instant;

/// A clock that starts at the same moment in every run and follows the simulated host's time.
#[derive(Clone, Copy, Debug)]
pub struct SimulatedClock {
    started: Instant,
}

impl SimulatedClock {
    /// Starts a clock now. It is valid only on the simulated host that created it.
    pub fn start() -> Self {
        Self { started: Instant::now() }
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        START + self.started.elapsed()
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep_until(self.started + at.since(START)))
    }
}

/// The first moment of 2026.
const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);
