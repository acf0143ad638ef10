//! The entries of a realm's stream.

use async_nats::datetime::DateTime;
use chat_core::{Input, Timestamp};
use serde::{Deserialize, Serialize};

/// An entry. Process and count together are unique, so that no two entries are equal.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// The random number of the process that has appended the entry.
    pub(crate) process: u64,
    /// The count of the process's entries before this one.
    pub(crate) count: u64,
    pub(crate) body: Body,
}

/// The contents of an entry. A node's number is the position of its [`Joined`](Self::Joined).
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Body {
    /// A process begins to serve as a node. An earlier process of the same name has ended.
    Joined {
        /// The node's name.
        name: String,
        /// A hash of all that has to be the same on all nodes.
        behaviour: String,
        /// The position of the snapshot with which it begins, or 0.
        #[serde(default)]
        from: u64,
        /// The part of it that operators are shown.
        #[serde(default)]
        card: NodeCard,
    },
    /// The inputs of a node's sessions.
    Round {
        node: u32,
        /// The position up to which the node has read the stream.
        #[serde(default)]
        read: u64,
        inputs: Vec<Input>,
    },
    /// A node is there, and had no inputs.
    Beat {
        node: u32,
        /// As that of a round.
        #[serde(default)]
        read: u64,
    },
    /// The hash of a node's durable state after the entry at `position`.
    State { node: u32, position: u64, hash: String },
    /// The inputs at which the engine panics, as the positions of their entries and their numbers
    /// in them. Each such entry has those of the ones before it too. All nodes leave them out.
    LeaveOut { inputs: Vec<(u64, usize)> },
    /// A node has written a snapshot of the state after the entry at `position`.
    Snapshot { node: u32, position: u64 },
    /// An operator wants a snapshot.
    SnapshotWanted,
    /// A node stops.
    Left { node: u32 },
    /// A node has appended nothing since the entry at `last`. Without effect if it has.
    Failed { node: u32, last: u64 },
    /// An operator ends a node.
    Removed { node: u32 },
}

/// The part of a node that operators are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NodeCard {
    /// The version of its program.
    pub(crate) version: String,
    /// The addresses at which it listens, as they were configured.
    pub(crate) addresses: Vec<String>,
}

impl Entry {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("an entry has only keys that are strings")
    }
}

/// Converts a time of the stream.
pub(crate) fn timestamp(time: DateTime) -> Timestamp {
    Timestamp::from_millis((time.unix_timestamp_nanos() / 1_000_000) as u64)
}
