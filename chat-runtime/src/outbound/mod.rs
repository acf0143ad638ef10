//! Output: from the frames that the engine task prepares to the bytes that sockets take, and to the
//! events that sessions in the same process take. Nothing in here knows the engine task.

mod backlog;
mod backpressure;
mod dispatch;
mod ending;
mod in_process_queue;
mod outbox;
mod piece;
mod round;
mod shard_batch;
mod shards;
mod socket_queue;
mod socket_registry;

pub(crate) use backpressure::Backpressure;
pub(crate) use dispatch::Dispatch;
pub use in_process_queue::SessionEvent;
pub(crate) use in_process_queue::{InProcessQueue, InProcessReceiver};
pub(crate) use outbox::{Outbox, RemoteShard};
pub(crate) use round::Round;
pub use shards::Shards;
pub(crate) use shards::settle;
pub(crate) use socket_queue::{Resume, SocketQueue};
pub(crate) use socket_registry::{Registered, RemoteSocket};
