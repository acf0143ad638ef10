//! One who joins a room and leaves it again, over and over: what that costs, by how many are there.

use super::error::Error;
use super::outcome::Outcome;
use crate::generator::{Generator, Rooms, Stop};
use crate::protocol::Protocol;
use crate::server::Server;
use serde::Serialize;
use std::time::Duration;

/// The members are told who comes and goes, as far as the server tells them.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Joins {
    /// How many are in the room before.
    pub(crate) members: usize,
    /// How long it is measured.
    #[serde(skip)]
    pub(crate) stop: Stop,
}

impl Joins {
    pub(super) fn run(
        &self,
        server: &Server,
        protocol: &dyn Protocol,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Outcome, Error> {
        let usage = || server.usage().map_err(Error::Usage);
        let mut generator = Generator::new(protocol, server.address, 64)?;
        generator.connect(Rooms { count: 1, members: self.members, senders: 0 })?;
        generator.connect(Rooms { count: 1, members: 1, senders: 0 })?;
        generator.come_and_go(self.stop.warm_up(), progress)?;
        generator.idle(REST)?;

        let (news, before) = (generator.news(), usage()?);
        let times = generator.come_and_go(self.stop, progress)? as f64;
        // What the others are told may still be on its way.
        generator.idle(REST)?;
        let (told, cpu) = (generator.news() - news, usage()?.cpu_since(before));
        Ok(Outcome::default().with(JOIN_CPU, "µs", cpu.as_secs_f64() * 1e6 / times).with(
            TOLD,
            "",
            told as f64 / times,
        ))
    }
}

/// The server's time on processors for a join and a leave.
pub(crate) const JOIN_CPU: &str = "server CPU for a join and a leave";

/// How many lines others are sent about a join and a leave.
pub(crate) const TOLD: &str = "lines to others";

/// How long it takes until everything has arrived that has been sent.
const REST: Duration = Duration::from_millis(30);
