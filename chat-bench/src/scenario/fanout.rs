//! Rooms in which some talk and everybody is sent it: how much of a processor a delivery costs.

use super::Error;
use crate::generator::{Generator, Rooms, Stop};
use crate::protocol::Protocol;
use crate::server::Server;
use serde::Serialize;
use std::time::{Duration, Instant};

/// Who is where, and how much is said.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Fanout {
    #[serde(flatten)]
    pub(crate) rooms: Rooms,
    /// How many messages of each who talks may be under way.
    pub(crate) window: u64,
    /// How long a message is.
    pub(crate) size: usize,
    /// How long it is measured, at most.
    #[serde(skip)]
    pub(crate) time: Duration,
    /// After how many deliveries it is enough.
    #[serde(skip)]
    pub(crate) deliveries: u64,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Throughput {
    pub(crate) deliveries: u64,
    pub(crate) seconds: f64,
    /// The server's time on processors.
    pub(crate) cpu_seconds: f64,
    pub(crate) resident_bytes: u64,
}

impl Throughput {
    /// Server CPU seconds for a million deliveries.
    pub(crate) fn cpu_per_million(&self) -> f64 {
        self.cpu_seconds / self.deliveries as f64 * 1e6
    }

    pub(crate) fn deliveries_per_second(&self) -> f64 {
        self.deliveries as f64 / self.seconds
    }
}

impl Fanout {
    /// Loads a server that has just been started.
    pub(crate) fn run(
        &self,
        server: &Server,
        protocol: &dyn Protocol,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Throughput, Error> {
        let mut generator = Generator::new(protocol, server.address(), self.size)?;
        generator.connect(self.rooms)?;
        generator.settle()?;
        let warm_up = Stop { after: self.time / 4, deliveries: self.deliveries / 4 + 1 };
        generator.run(self.window, warm_up, progress)?;
        let (deliveries, begin) = (generator.deliveries(), Instant::now());
        let before = server.usage().map_err(Error::Usage)?;
        let stop = Stop { after: self.time, deliveries: self.deliveries };
        generator.run(self.window, stop, progress)?;
        let after = server.usage().map_err(Error::Usage)?;
        let (deliveries, time) = (generator.deliveries() - deliveries, begin.elapsed());
        generator.finish()?;
        Ok(Throughput {
            deliveries,
            seconds: time.as_secs_f64(),
            cpu_seconds: (after.cpu - before.cpu).as_secs_f64(),
            resident_bytes: after.resident,
        })
    }
}
