//! The measured curves: which cost grows with which quantity.

use crate::scenario::{
    CONNECT_CPU, CPU, DELIVERIES, JOIN_CPU, LOBBY_CPU, LONGEST_CONNECT, LONGEST_SERVED,
    MESSAGE_CPU, RESIDENT, RESIDENT_IN_ALL, TOLD,
};
use serde::Serialize;

/// A figure that is measured at several sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Curve {
    /// The cost of a delivery, by members of the room.
    Room,
    /// The cost of a message, by users in other rooms.
    Elsewhere,
    /// The cost of a join and a leave, by members of the room.
    Joins,
    /// The cost of joining and leaving the lobby for all users, by users.
    Lobby,
    /// The memory of idle connections, by connections.
    Memory,
    /// The waiting time of clients that connect at once, by clients.
    Connect,
    /// The throughput, by shards.
    Shards,
}

impl Curve {
    /// All curves, in the order of the report.
    pub(crate) const ALL: [Self; 7] = [
        Self::Room,
        Self::Elsewhere,
        Self::Joins,
        Self::Lobby,
        Self::Memory,
        Self::Connect,
        Self::Shards,
    ];

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Room => "A delivery, by members of the room",
            Self::Elsewhere => "A message in a room of 10, by users elsewhere",
            Self::Joins => "A join and a leave, by members of the room",
            Self::Lobby => "All into the lobby and out again, by users",
            Self::Memory => "Memory, by idle connections",
            Self::Connect => "Connecting at once, by connections",
            Self::Shards => "Throughput, by shards",
        }
    }

    /// Returns the quantity that it grows with.
    pub(crate) fn sizes(self) -> &'static str {
        match self {
            Self::Room | Self::Joins => "members",
            Self::Elsewhere => "users elsewhere",
            Self::Lobby => "users",
            Self::Memory | Self::Connect => "connections",
            Self::Shards => "shards",
        }
    }

    /// Returns the shown figures of the scenario, each with its unit in the report. The first one
    /// is plotted.
    pub(crate) fn figures(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Room => &[(CPU, "CPU s for a million")],
            Self::Elsewhere => &[(MESSAGE_CPU, "CPU µs")],
            Self::Joins => &[(JOIN_CPU, "CPU µs"), (TOLD, "lines to others")],
            Self::Lobby => &[(LOBBY_CPU, "CPU ms")],
            Self::Memory => &[(RESIDENT_IN_ALL, "MiB"), (RESIDENT, "bytes for each")],
            Self::Connect => &[
                (LONGEST_SERVED, "last served after ms"),
                (LONGEST_CONNECT, "last connected after ms"),
                (CONNECT_CPU, "CPU µs for each"),
            ],
            Self::Shards => &[(DELIVERIES, "deliveries/s"), (CPU, "CPU s for a million")],
        }
    }

    /// Returns the description of the figures and of the expected result, for the report.
    pub(crate) fn description(self) -> &'static str {
        match self {
            Self::Room => {
                "One member sends, with w messages in flight. Flat would be ideal; the additional \
                 cost in large rooms is the kernel's, for many sockets that are not in the \
                 processor's cache."
            }
            Self::Elsewhere => {
                "One member of a room of ten sends one message at a time, while others are online \
                 in other rooms of ten. It has to be flat: no search may grow with the number of \
                 users. *In process* is the engine with its dialects, without sockets."
            }
            Self::Joins => {
                "One user joins a room and leaves it, again and again; the others are told in \
                 rooms of up to `announce_up_to` (1,000) members, and the joining user is sent 500 \
                 names at most (`listing`). So the cost grows up to these limits, and not beyond."
            }
            Self::Lobby => {
                "All users connect and join the lobby, then all leave it. All settings have their \
                 defaults: the first 1,000 users are announced to one another, which is the same \
                 half a million lines for any number of users; from there on the cost has to be \
                 linear."
            }
            Self::Memory => {
                "Idle connections with a name, in rooms of ten. Memory has to be linear, with the \
                 shown bytes for each connection."
            }
            Self::Connect => {
                "All clients connect as fast as possible, without waiting for one another; a \
                 client is served when the server has sent something to it. With text, connecting \
                 also joins the lobby, where all are announced."
            }
            Self::Shards => {
                "On two processors, which the load generator uses as well. It has one thread, and \
                 may be the bottleneck."
            }
        }
    }
}
