//! A timer for the engine's next deadline.

use crate::clock::Clock;
use chat_core::Timestamp;
use futures::future::BoxFuture;
use std::future::pending;

/// Waits for the engine's next deadline. Most rounds do not change the deadline, and keep the
/// timer.
pub(crate) struct Alarm<'a> {
    clock: &'a dyn Clock,
    timer: Option<(Timestamp, BoxFuture<'a, ()>)>,
}

impl<'a> Alarm<'a> {
    pub(crate) fn new(clock: &'a dyn Clock) -> Self {
        Self { clock, timer: None }
    }

    /// Sets the deadline.
    pub(crate) fn set(&mut self, deadline: Option<Timestamp>) {
        if self.timer.as_ref().map(|(at, _)| *at) != deadline {
            self.timer = deadline.map(|at| (at, self.clock.sleep_until(at)));
        }
    }

    /// Waits for the deadline, which has to be set again afterwards. Cancel safe.
    pub(crate) async fn rings(&mut self) {
        match &mut self.timer {
            Some((_, timer)) => timer.await,
            None => pending().await,
        }
        self.timer = None;
    }
}
