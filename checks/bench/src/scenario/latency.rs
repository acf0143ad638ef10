//! Measures the latency of deliveries in a room with a steady, moderate load.

use super::error::Error;
use super::outcome::Outcome;
use crate::generator::{Generator, Rooms, Stop};
use crate::server::Server;
use serde::Serialize;
use std::time::{Duration, Instant};

/// One member sends in steady intervals, whether its earlier messages have been delivered or not,
/// so that a slow server does not slow down the load. The latency of each delivery is measured from
/// when its message was due.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Latency {
    pub(crate) members: usize,
    /// The number of deliveries per second.
    pub(crate) rate: u32,
    /// The size of a message, in bytes.
    pub(crate) size: usize,
    /// When the measurement ends.
    #[serde(skip)]
    pub(crate) stop: Stop,
}

impl Latency {
    pub(super) fn run(
        &self,
        server: &Server,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Outcome, Error> {
        let mut generator = Generator::new(&server.endpoints, self.size)?;
        generator.connect(Rooms::with_one_sender(self.members))?;
        generator.settle()?;
        let warm_up = Stop { after: Duration::from_millis(100), ..self.stop };
        generator.run(1, warm_up, progress)?;
        generator.finish()?;

        let receivers = (self.members - usize::from(!server.endpoints[0].protocol.echoes())) as f64;
        let interval = Duration::from_secs_f64(receivers / f64::from(self.rate));
        let messages = (self.stop.after.as_secs_f64() / interval.as_secs_f64())
            .min(self.stop.deliveries as f64 / receivers)
            .ceil()
            .max(1.0);
        let begin = Instant::now();
        let before = server.usage().map_err(Error::Usage)?;
        let latencies = generator.run_steadily(interval, messages as u32, progress)?;
        let after = server.usage().map_err(Error::Usage)?;
        let seconds = begin.elapsed().as_secs_f64();

        let at = |quantile| latencies.value_at_quantile(quantile) as f64 / 1e3;
        Ok(Outcome::default()
            .with("p50", "µs", at(0.5))
            .with("p90", "µs", at(0.9))
            .with(P99, "µs", at(0.99))
            .with(P999, "µs", at(0.999))
            .with("longest", "µs", latencies.max() as f64 / 1e3)
            .with("deliveries", "", latencies.len() as f64)
            .with("server CPU", "cores", after.cpu_since(before).as_secs_f64() / seconds))
    }
}

/// The 99th percentile.
pub(crate) const P99: &str = "p99";

/// The 99.9th percentile.
pub(crate) const P999: &str = "p99.9";
