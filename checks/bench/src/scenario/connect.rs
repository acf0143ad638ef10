//! Measures how long clients wait that connect at the same moment, as after a restart, and whether
//! any packet was lost.

use super::error::Error;
use super::outcome::Outcome;
use crate::generator::rush;
use crate::netstat::Losses;
use crate::server::Server;
use hdrhistogram::Histogram;
use serde::Serialize;

/// All clients connect as fast as possible, without waiting for one another.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Connect {
    pub(crate) connections: usize,
}

impl Connect {
    pub(super) fn run(&self, server: &Server) -> Result<Outcome, Error> {
        let losses = || Losses::so_far().map_err(Error::Usage);
        let usage = || server.usage().map_err(Error::Usage);
        let (before, used) = (losses()?, usage()?);
        let rush = rush(server.endpoints[0], self.connections)?;
        let (lost, used) = (losses()?.since(before), usage()?.cpu_since(used));

        let milliseconds = |nanoseconds: u64| nanoseconds as f64 / 1e6;
        let at = |waits: &Histogram<u64>, quantile| milliseconds(waits.value_at_quantile(quantile));
        let (established, served) = (&rush.established, &rush.served);
        Ok(Outcome::default()
            .with("connected p50", "ms", at(established, 0.5))
            .with("connected p99", "ms", at(established, 0.99))
            .with(LONGEST_CONNECT, "ms", milliseconds(established.max()))
            .with("served p50", "ms", at(served, 0.5))
            .with("served p99", "ms", at(served, 0.99))
            .with(LONGEST_SERVED, "ms", milliseconds(served.max()))
            .with(LOSSES[0], "", lost.overflows as f64)
            .with(LOSSES[1], "", lost.drops as f64)
            .with(LOSSES[2], "", lost.handshakes as f64)
            .with(LOSSES[3], "", lost.timeouts as f64)
            .with(CONNECT_CPU, "µs", used.as_secs_f64() * 1e6 / self.connections as f64))
    }
}

/// The longest wait of a client for its connection.
pub(crate) const LONGEST_CONNECT: &str = "connected at last";

/// The longest wait of a client for the first bytes from the server.
pub(crate) const LONGEST_SERVED: &str = "served at last";

/// The server's processor time for one client.
pub(crate) const CONNECT_CPU: &str = "server CPU for each";

/// The kernel's counters that should not change. They are for the whole machine, so that other
/// processes may change them.
pub(crate) const LOSSES: [&str; 4] =
    ["ListenOverflows", "ListenDrops", "TCPReqQFullDrop", "TCPTimeouts"];
