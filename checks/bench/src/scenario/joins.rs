//! Measures the cost of a join and a leave: one user joins and leaves a room repeatedly.

use super::error::Error;
use super::outcome::Outcome;
use crate::generator::{Generator, Rooms, Stop};
use crate::server::Server;
use serde::Serialize;
use std::time::Duration;

/// The members are told of joins and leaves as far as the server announces them.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Joins {
    /// The other members of the room.
    pub(crate) members: usize,
    /// When the measurement ends.
    #[serde(skip)]
    pub(crate) stop: Stop,
}

impl Joins {
    pub(super) fn run(
        &self,
        server: &Server,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Outcome, Error> {
        let usage = || server.usage().map_err(Error::Usage);
        let mut generator = Generator::new(&server.endpoints, 64)?;
        generator.connect(Rooms { count: 1, members: self.members, senders: 0 })?;
        generator.connect(Rooms { count: 1, members: 1, senders: 0 })?;
        generator.join_and_leave(self.stop.warm_up(), progress)?;
        generator.idle(SETTLING)?;

        let (announcements, before) = (generator.announcements(), usage()?);
        let times = generator.join_and_leave(self.stop, progress)? as f64;
        // Announcements to the others may still be in flight.
        generator.idle(SETTLING)?;
        let (told, cpu) = (generator.announcements() - announcements, usage()?.cpu_since(before));
        Ok(Outcome::default().with(JOIN_CPU, "µs", cpu.as_secs_f64() * 1e6 / times).with(
            TOLD,
            "",
            told as f64 / times,
        ))
    }
}

/// The server's processor time for a join and a leave.
pub(crate) const JOIN_CPU: &str = "server CPU for a join and a leave";

/// The number of lines that other members receive about a join and a leave.
pub(crate) const TOLD: &str = "lines to others";

/// The time to wait until everything in flight has arrived.
const SETTLING: Duration = Duration::from_millis(30);
