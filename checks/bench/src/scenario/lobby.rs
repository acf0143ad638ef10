//! Measures the total cost of many users that join the lobby and leave it again.

use super::error::Error;
use super::outcome::Outcome;
use crate::generator::Generator;
use crate::server::Server;
use serde::Serialize;
use std::time::Duration;

/// All users connect, and when the last one is in the lobby they leave it, one after the other.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Lobby {
    pub(crate) users: usize,
}

impl Lobby {
    pub(super) fn run(&self, server: &Server) -> Result<Outcome, Error> {
        let usage = || server.usage().map_err(Error::Usage);
        let mut generator = Generator::new(&server.endpoints, 64)?;
        let empty = usage()?;
        generator.fill_lobby(self.users)?;
        // Announcements may still be in flight.
        generator.idle(SETTLING)?;
        let full = usage()?;
        generator.leave_lobby()?;
        generator.idle(SETTLING)?;
        let left = usage()?;
        let milliseconds = |cpu: Duration| cpu.as_secs_f64() * 1e3;
        let all = milliseconds(left.cpu_since(empty));
        Ok(Outcome::default()
            .with(LOBBY_CPU, "ms", all)
            .with("to come in", "ms", milliseconds(full.cpu_since(empty)))
            .with("to leave", "ms", milliseconds(left.cpu_since(full)))
            .with("for each", "µs", all * 1e3 / self.users as f64)
            .with("lines to others", "", generator.announcements() as f64))
    }
}

/// The server's processor time in total.
pub(crate) const LOBBY_CPU: &str = "server CPU in all";

/// The time to wait until everything in flight has arrived.
const SETTLING: Duration = Duration::from_millis(50);
