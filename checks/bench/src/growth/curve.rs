//! What grows, and with what.

use crate::scenario::{
    CONNECT_CPU, CPU, DELIVERIES, JOIN_CPU, LOBBY_CPU, LONGEST_CONNECT, LONGEST_SERVED,
    MESSAGE_CPU, RESIDENT, RESIDENT_IN_ALL, TOLD,
};
use serde::Serialize;

/// A figure that is measured at several sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Curve {
    /// What a delivery costs, by how many are in the room.
    Room,
    /// What a message costs, by how many are online elsewhere.
    Elsewhere,
    /// What it costs that somebody joins and leaves, by how many are in the room.
    Joins,
    /// What it costs that all come into the lobby and leave it, by how many they are.
    Lobby,
    /// How much memory connections take, by how many there are.
    Memory,
    /// How long those wait who connect at once, by how many they are.
    Connect,
    /// How much is delivered, by how many shards there are.
    Shards,
}

impl Curve {
    /// All of them, in the order in which they are shown.
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

    /// What it grows with.
    pub(crate) fn sizes(self) -> &'static str {
        match self {
            Self::Room | Self::Joins => "members",
            Self::Elsewhere => "users elsewhere",
            Self::Lobby => "users",
            Self::Memory | Self::Connect => "connections",
            Self::Shards => "shards",
        }
    }

    /// What is shown: figures of the scenario, each with what it is called here. The first is the
    /// one that is drawn.
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

    /// What the figures say, and how they should be.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Room => {
                "One member talks, with w messages under way. Flat would be as good as it gets; what is more in large rooms \
                 is what the kernel needs for many sockets that are not in the processor's cache."
            }
            Self::Elsewhere => {
                "One member of a room of ten talks, one message at a time, while others are online in other rooms of ten. It has \
                 to be flat: nothing may be looked through that grows with users. *In process* is the engine with its \
                 dialects, without sockets."
            }
            Self::Joins => {
                "One user joins a room and leaves it, again and again; the others are told as far as `announce_up_to` (1,000) says, \
                 and who joins is sent 500 names at most (`listing`). So it grows up to there, and not beyond."
            }
            Self::Lobby => {
                "All connect and are in the lobby, then all leave it. Everything has its default: the first 1,000 of them are \
                 announced to one another, which is the same half a million lines however many come; from there on it \
                 has to be linear."
            }
            Self::Memory => {
                "Connections with a name, in rooms of ten, that say nothing. Linear, by what is shown for each."
            }
            Self::Connect => {
                "So many connect as fast as they come, none of whom waits for another; they are served when the server has \
                 said something to them. With text, all come into the lobby by that, and are announced there."
            }
            Self::Shards => {
                "On two processors, which the load generator uses as well. It has one thread, and may be what is slowest."
            }
        }
    }
}
