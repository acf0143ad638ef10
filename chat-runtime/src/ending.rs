//! Making sure that a session ends, whatever becomes of whoever serves it.

use crate::hub::{Hub, Order};
use chat_core::{CloseReason, SessionId};
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::runtime::Handle;
use tokio::sync::mpsc::error::TrySendError;

/// Ends a session when it is dropped, unless that has been done: because a task was aborted or has panicked, or because a
/// program has lost interest.
#[derive(Debug)]
pub(crate) struct Ending {
    pub(crate) hub: Hub,
    pub(crate) session: SessionId,
    done: AtomicBool,
}

impl Ending {
    pub(crate) fn new(hub: Hub, session: SessionId) -> Self {
        Self { hub, session, done: AtomicBool::new(false) }
    }

    /// Notes that the session has been ended.
    pub(crate) fn done(&self) {
        self.done.store(true, Ordering::Relaxed);
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        if *self.done.get_mut() {
            return;
        }
        let hub = &self.hub;
        let order = Order::Close { session: self.session, reason: CloseReason::Disconnected };
        // Nothing can be waited for here. When there is no room for the order, a task of its own waits for it; outside of a
        // runtime nothing can wait, and there is no server either.
        match (hub.try_reserve(), Handle::try_current()) {
            (Ok(permit), _) => permit.send(order),
            (Err(TrySendError::Full(())), Ok(runtime)) => {
                let hub = hub.clone();
                runtime.spawn(async move { hub.send(order).await });
            }
            (Err(TrySendError::Full(()) | TrySendError::Closed(())), _) => {}
        }
    }
}
