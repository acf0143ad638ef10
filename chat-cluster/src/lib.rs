//! Runs one chat *realm* on several *nodes*.
//!
//! A stream of NATS JetStream orders the inputs of all nodes. Each node appends the inputs of its
//! own sessions as *rounds*, reads the entries of all nodes in order, and applies them at the time
//! that the stream has given them. The engine is deterministic, so all nodes have the same state.
//!
//! [`join`] returns the log that [`Server::ordered_log`](chat_runtime::Server::ordered_log) takes.
//! [`Realm`] is what operators see of it.
//! This crate implements no consensus: JetStream decides the order, and stores the entries.

mod bucket;
mod connect;
mod entry;
mod error;
mod follow;
mod isolation;
mod join;
mod left_out;
mod members;
mod options;
mod publish;
mod realm;
mod report;
mod snapshot;
mod snapshots;
mod state_checks;

pub use error::JoinError;
pub use join::join;
pub use options::{ClusterOptions, NameError};
pub use realm::{NodeStatus, Realm, RealmError, RealmStatus};
