//! The scenarios and their outcomes.

mod churn;
mod connect;
mod error;
mod fanout;
mod idle;
mod joins;
mod latency;
mod lobby;
mod names;
mod outcome;

pub(crate) use churn::{CPU as CHURN_CPU, Churn};
pub(crate) use connect::{CONNECT_CPU, Connect, LONGEST_CONNECT, LONGEST_SERVED, LOSSES};
pub(crate) use error::Error;
pub(crate) use fanout::{CPU, DELIVERIES, Fanout, MESSAGE_CPU};
pub(crate) use idle::{Idle, RESIDENT, RESIDENT_IN_ALL};
pub(crate) use joins::{JOIN_CPU, Joins, TOLD};
pub(crate) use latency::{Latency, P99, P999};
pub(crate) use lobby::{LOBBY_CPU, Lobby};
pub(crate) use names::Names;
pub(crate) use outcome::Outcome;

use crate::protocol::Protocol;
use crate::server::Server;
use serde::Serialize;

/// A kind of load with its parameters.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(tag = "scenario", rename_all = "lowercase")]
pub(crate) enum Scenario {
    Fanout(Fanout),
    Latency(Latency),
    Idle(Idle),
    Churn(Churn),
    Connect(Connect),
    Joins(Joins),
    Lobby(Lobby),
    Names(Names),
}

impl Scenario {
    /// Runs the scenario on a server that has just been started.
    pub(crate) fn run(
        &self,
        server: &Server,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Outcome, Error> {
        match self {
            Self::Fanout(fanout) => fanout.run(server, progress),
            Self::Latency(latency) => latency.run(server, progress),
            Self::Idle(idle) => idle.run(server),
            Self::Churn(churn) => churn.run(server, progress),
            Self::Connect(connect) => connect.run(server),
            Self::Joins(joins) => joins.run(server, progress),
            Self::Lobby(lobby) => lobby.run(server),
            Self::Names(names) => names.run(server),
        }
    }

    /// Returns true if a server with this protocol can run the scenario.
    pub(crate) fn suits(&self, protocol: &dyn Protocol) -> bool {
        !matches!(self, Self::Names(_)) || protocol.rename("").is_some()
    }

    /// Returns true if the server has to announce joins and leaves.
    pub(crate) fn announces(&self) -> bool {
        match self {
            Self::Churn(_)
            | Self::Connect(_)
            | Self::Joins(_)
            | Self::Lobby(_)
            | Self::Names(_) => true,
            Self::Fanout(_) | Self::Latency(_) | Self::Idle(_) => false,
        }
    }
}
