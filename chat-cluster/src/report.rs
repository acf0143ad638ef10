//! The reports of the reader of the stream, which its node appends.

/// Something that a node has noticed in the stream.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Report {
    /// A node has been silent since its entry at `last`.
    Silent { node: u32, last: u64 },
    /// The hash of this node's state after the entry at `position`.
    State { position: u64, hash: String },
    /// This node has written a snapshot of the state after the entry at `position`.
    Snapshot { position: u64 },
}
