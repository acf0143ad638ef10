//! Idle connections. They have no task of their own, because tasks and the runtime's state of a
//! socket would be most of their memory: one task waits for all of them.
//!
//! On other systems than Linux, they keep their tasks.

mod activity;
#[cfg(not(target_os = "linux"))]
mod disabled;
#[cfg(target_os = "linux")]
mod shard;

pub(crate) use activity::{Activity, Watched};
#[cfg(not(target_os = "linux"))]
pub(crate) use disabled::IdleShard;
#[cfg(target_os = "linux")]
pub(crate) use shard::{Idle, IdleShard, Socket};
