//! Measures the cost of a visit: visitors connect, join a room, send one message and leave, while
//! ten members listen.

use super::error::Error;
use super::outcome::Outcome;
use crate::generator::{Generator, Rooms, Stop};
use crate::server::Server;
use serde::Serialize;
use std::time::Instant;

/// Each visitor begins again when the server has confirmed the leave.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Churn {
    /// The number of visitors that are active at the same time.
    pub(crate) visitors: usize,
    /// The size of a message, in bytes.
    pub(crate) size: usize,
    /// When the measurement ends.
    #[serde(skip)]
    pub(crate) stop: Stop,
}

impl Churn {
    pub(super) fn run(
        &self,
        server: &Server,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Outcome, Error> {
        let mut generator = Generator::new(&server.endpoints, self.size)?;
        generator.connect(Rooms { count: 1, members: LISTENERS, senders: 0 })?;
        generator.settle()?;
        generator.churn(self.visitors, self.stop.warm_up(), progress)?;

        let begin = Instant::now();
        let before = server.usage().map_err(Error::Usage)?;
        let visits = generator.churn(self.visitors, self.stop, progress)? as f64;
        let after = server.usage().map_err(Error::Usage)?;
        let seconds = begin.elapsed().as_secs_f64();
        Ok(Outcome::default()
            .with(CPU, "µs", after.cpu_since(before).as_secs_f64() * 1e6 / visits)
            .with("visits", "/s", visits / seconds)
            .with("resident", "MiB", after.resident as f64 / f64::from(1 << 20)))
    }
}

/// The server's processor time for a visit.
pub(crate) const CPU: &str = "server CPU for a visit";

/// The number of members that receive the message of each visitor.
const LISTENERS: usize = 10;
