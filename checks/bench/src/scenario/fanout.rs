//! Measures the processor time of a delivery in rooms whose senders send to all members.

use super::error::Error;
use super::outcome::Outcome;
use crate::generator::{Generator, Rooms, Stop};
use crate::proc::own_cpu;
use crate::server::Server;
use serde::Serialize;
use std::time::Instant;

/// The rooms, their members and their load.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Fanout {
    pub(crate) rooms: Rooms,
    /// The number of idle users who are online besides, in rooms of ten.
    pub(crate) elsewhere: usize,
    /// The most messages of each sender that may be in flight.
    pub(crate) window: u64,
    /// The size of a message, in bytes.
    pub(crate) size: usize,
    /// When the measurement ends.
    #[serde(skip)]
    pub(crate) stop: Stop,
}

impl Fanout {
    pub(super) fn run(
        &self,
        server: &Server,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Outcome, Error> {
        let mut generator = Generator::new(&server.endpoints, self.size)?;
        generator.connect(self.rooms)?;
        generator.connect(Rooms {
            count: self.elsewhere.div_ceil(ELSEWHERE),
            members: ELSEWHERE,
            senders: 0,
        })?;
        generator.settle()?;
        generator.run(self.window, self.stop.warm_up(), progress)?;

        let usage = || Ok((server.usage()?, own_cpu()?));
        let (said, begin) = (generator.deliveries(), Instant::now());
        let (before, own_before) = usage().map_err(Error::Usage)?;
        generator.run(self.window, self.stop, progress)?;
        let (after, own_after) = usage().map_err(Error::Usage)?;
        let (said, seconds) = (generator.deliveries() - said, begin.elapsed().as_secs_f64());
        generator.finish()?;

        let millions = said as f64 / 1e6;
        let echoed = usize::from(!server.endpoints[0].protocol.echoes());
        let messages = said as f64 / (self.rooms.members - echoed) as f64;
        let cpu = after.cpu_since(before).as_secs_f64();
        let own = own_after.saturating_sub(own_before).as_secs_f64();
        Ok(Outcome::default()
            .with(CPU, "s", cpu / millions)
            .with(MESSAGE_CPU, "µs", cpu * 1e6 / messages)
            .with(DELIVERIES, "/s", said as f64 / seconds)
            .with("server CPU", "cores", cpu / seconds)
            .with("generator CPU for a million", "s", own / millions)
            .with("resident", "MiB", after.resident as f64 / f64::from(1 << 20)))
    }
}

/// The server's processor time for a million deliveries.
pub(crate) const CPU: &str = "server CPU for a million";

/// The server's processor time for a message, with all of its deliveries.
pub(crate) const MESSAGE_CPU: &str = "for a message";

/// The number of deliveries per second.
pub(crate) const DELIVERIES: &str = "deliveries";

/// The members of a room without senders.
const ELSEWHERE: usize = 10;
