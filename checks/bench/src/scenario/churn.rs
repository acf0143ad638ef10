//! Visitors who connect, join a room, say one thing and leave, while ten members listen: what a
//! visit costs.

use super::error::Error;
use super::outcome::Outcome;
use crate::generator::{Generator, Rooms, Stop};
use crate::protocol::Protocol;
use crate::server::Server;
use serde::Serialize;
use std::time::Instant;

/// Each visitor begins again when the server has said that they have left.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Churn {
    /// How many do so at the same time.
    pub(crate) visitors: usize,
    /// How long a message is.
    pub(crate) size: usize,
    /// How long it is measured.
    #[serde(skip)]
    pub(crate) stop: Stop,
}

impl Churn {
    pub(super) fn run(
        &self,
        server: &Server,
        protocol: &dyn Protocol,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Outcome, Error> {
        let mut generator = Generator::new(protocol, server.address, self.size)?;
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

/// The server's time on processors for a visit.
pub(crate) const CPU: &str = "server CPU for a visit";

/// How many members hear each visitor.
const LISTENERS: usize = 10;
