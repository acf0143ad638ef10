//! Measures the cost of many users who connect, get a guest name in the lobby, and then choose a
//! nickname.

use super::error::Error;
use super::outcome::Outcome;
use crate::generator::Generator;
use crate::server::Server;
use serde::Serialize;
use std::time::Duration;

/// All users connect, and when the last one is in the lobby they rename themselves, one after the
/// other.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Names {
    pub(crate) users: usize,
}

impl Names {
    pub(super) fn run(&self, server: &Server) -> Result<Outcome, Error> {
        let usage = || server.usage().map_err(Error::Usage);
        let mut generator = Generator::new(&server.endpoints, 64)?;
        let empty = usage()?;
        generator.enter_lobby(self.users)?;
        // Announcements may still be in flight.
        generator.idle(SETTLING)?;
        let full = usage()?;
        generator.rename_all()?;
        generator.idle(SETTLING)?;
        let named = usage()?;
        let for_each = |cpu: Duration| cpu.as_secs_f64() * 1e6 / self.users as f64;
        Ok(Outcome::default()
            .with("server CPU for each", "µs", for_each(named.cpu_since(empty)))
            .with("to connect", "µs", for_each(full.cpu_since(empty)))
            .with("to rename", "µs", for_each(named.cpu_since(full))))
    }
}

/// The time to wait until everything in flight has arrived.
const SETTLING: Duration = Duration::from_millis(50);
