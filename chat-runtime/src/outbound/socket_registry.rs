//! The sockets of a shard's connections, by session.

use super::backpressure::Backpressure;
use super::socket_queue::SocketQueue;
use chat_core::SessionId;
use rustc_hash::FxHashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The sockets that a shard writes to.
#[derive(Default)]
pub(crate) struct SocketRegistry(Mutex<FxHashMap<SessionId, RemoteSocket>>);

/// A socket that is not on the engine task's shard.
pub(crate) struct RemoteSocket {
    pub(crate) socket_queue: Arc<SocketQueue>,
    pub(crate) backpressure: Arc<Backpressure>,
}

/// Keeps a socket registered until it is dropped.
pub(crate) struct Registered {
    registry: Arc<SocketRegistry>,
    session: SessionId,
}

impl SocketRegistry {
    /// Adds a socket until the returned value is dropped.
    pub(crate) fn register(
        self: &Arc<Self>,
        session: SessionId,
        socket: RemoteSocket,
    ) -> Registered {
        self.lock().insert(session, socket);
        Registered { registry: self.clone(), session }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, FxHashMap<SessionId, RemoteSocket>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.registry.lock().remove(&self.session);
    }
}
