//! What servers are made to do, and what comes of it.

mod churn;
mod connect;
mod fanout;
mod idle;
mod joins;
mod latency;
mod lobby;

pub(crate) use churn::{CPU as CHURN_CPU, Churn};
pub(crate) use connect::{CONNECT_CPU, Connect, LONGEST_CONNECT, LONGEST_SERVED, LOSSES};
pub(crate) use fanout::{CPU, DELIVERIES, Fanout, MESSAGE_CPU};
pub(crate) use idle::{Idle, RESIDENT, RESIDENT_IN_ALL};
pub(crate) use joins::{JOIN_CPU, Joins, TOLD};
pub(crate) use latency::{Latency, P99, P999};
pub(crate) use lobby::{LOBBY_CPU, Lobby};

use crate::generator::{self, Rooms};
use crate::protocol::Protocol;
use crate::server::{Server, StartError};
use serde::Serialize;
use std::io;

/// Something that a server is made to do.
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
}

/// What came of it: figures, each under its name and with its unit.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub(crate) struct Outcome {
    pub(crate) figures: Vec<Figure>,
}

/// A number with its meaning.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Figure {
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) value: f64,
}

/// Why something could not be measured.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Load(#[from] generator::Error),
    #[error("cannot give way to the server: {0}")]
    GiveWay(#[source] thread_priority::Error),
    #[error("cannot read what the server has used: {0}")]
    Usage(#[source] io::Error),
}

impl Scenario {
    /// Loads a server that has just been started.
    pub(crate) fn run(
        &self,
        server: &Server,
        protocol: &dyn Protocol,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Outcome, Error> {
        match self {
            Self::Fanout(fanout) => fanout.run(server, protocol, progress),
            Self::Latency(latency) => latency.run(server, protocol, progress),
            Self::Idle(idle) => idle.run(server, protocol),
            Self::Churn(churn) => churn.run(server, protocol, progress),
            Self::Connect(connect) => connect.run(server, protocol),
            Self::Joins(joins) => joins.run(server, protocol, progress),
            Self::Lobby(lobby) => lobby.run(server, protocol),
        }
    }

    /// Whether members have to be told who comes and goes.
    pub(crate) fn announces(&self) -> bool {
        match self {
            Self::Churn(_) | Self::Connect(_) | Self::Joins(_) | Self::Lobby(_) => true,
            Self::Fanout(_) | Self::Latency(_) | Self::Idle(_) => false,
        }
    }
}

impl Outcome {
    /// The number under this name.
    pub(crate) fn value(&self, name: &str) -> Option<f64> {
        self.figures.iter().find(|figure| figure.name == name).map(|figure| figure.value)
    }

    /// Adds a number.
    pub(crate) fn with(mut self, name: &'static str, unit: &'static str, value: f64) -> Self {
        self.figures.push(Figure { name, unit, value });
        self
    }
}

/// One room in which the first member talks.
fn one_talks(members: usize) -> Rooms {
    Rooms { count: 1, members, senders: 1 }
}
