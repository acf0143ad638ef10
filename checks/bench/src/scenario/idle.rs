//! Measures the cost of idle connections that have a nickname and a room.

use super::error::Error;
use super::outcome::Outcome;
use crate::generator::{Generator, Rooms};
use crate::server::Server;
use serde::Serialize;
use std::time::{Duration, Instant};

/// Connections in rooms of ten, as many as the server admits within ten seconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Idle {
    pub(crate) connections: usize,
    /// The connections that arrive in a second, if they are not to come at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) per_second: Option<u32>,
    /// The time that the connections are idle.
    #[serde(skip)]
    pub(crate) time: Duration,
}

impl Idle {
    pub(super) fn run(&self, server: &Server) -> Result<Outcome, Error> {
        let mut generator = Generator::new(&server.endpoints, 64)?;
        let rooms = |count| Rooms { count, members: MEMBERS, senders: 0 };
        // The cost of the first few connections is counted as the server's own.
        generator.connect(rooms(10))?;
        let before = server.usage().map_err(Error::Usage)?;
        let wanted = self.connections.div_ceil(MEMBERS);
        let (mut count, begin) = (0, Instant::now());
        let due = |count: usize| {
            let seconds = self.per_second.map(|rate| (count * MEMBERS) as f64 / f64::from(rate));
            Duration::from_secs_f64(seconds.unwrap_or_default())
        };
        let at_once = if self.per_second.is_some() { 1 } else { 100 };
        while count < wanted && begin.elapsed() < due(wanted) + TIMEOUT {
            let some = (wanted - count).min(at_once);
            generator.connect(rooms(some))?;
            count += some;
            generator.idle(due(count).saturating_sub(begin.elapsed()))?;
        }
        let connections = (count * MEMBERS) as f64;
        // The server may still be freeing memory after it has written the last answers.
        generator.idle(Duration::from_millis(100))?;
        let idle = server.usage().map_err(Error::Usage)?;
        let begin = Instant::now();
        generator.idle(self.time)?;
        let after = server.usage().map_err(Error::Usage)?;
        let cpu = after.cpu_since(idle).as_secs_f64() / begin.elapsed().as_secs_f64();
        Ok(Outcome::default()
            .with("connections", "", connections)
            .with(
                RESIDENT,
                "bytes",
                after.resident.saturating_sub(before.resident) as f64 / connections,
            )
            .with(RESIDENT_IN_ALL, "MiB", after.resident as f64 / f64::from(1 << 20))
            .with("CPU of each in a second", "µs", cpu * 1e6 / (connections + 100.0)))
    }
}

/// Memory of the server for one connection.
pub(crate) const RESIDENT: &str = "resident for each";

/// Memory of the server with all connections.
pub(crate) const RESIDENT_IN_ALL: &str = "resident";

/// No more clients connect after this time: some servers need longer for each further one.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The members of a room.
const MEMBERS: usize = 10;
