//! Closes a session when the task that serves it ends, however it ends.

use crate::hub::{EngineMessage, Hub};
use chat_core::{CloseReason, SessionId};
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::runtime::Handle;
use tokio::sync::mpsc::error::TrySendError;

/// Closes a session when it is dropped, unless the session was closed before: the task that held it
/// may have been aborted, may have panicked, or may have dropped its end of the session.
#[derive(Debug)]
pub(crate) struct CloseOnDrop {
    pub(crate) hub: Hub,
    pub(crate) session: SessionId,
    done: AtomicBool,
}

impl CloseOnDrop {
    pub(crate) fn new(hub: Hub, session: SessionId) -> Self {
        Self { hub, session, done: AtomicBool::new(false) }
    }

    /// Notes that the session is closed.
    pub(crate) fn done(&self) {
        self.done.store(true, Ordering::Relaxed);
    }
}

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        if *self.done.get_mut() {
            return;
        }
        let hub = &self.hub;
        let message =
            EngineMessage::Close { session: self.session, reason: CloseReason::Disconnected };
        // Nothing can be waited for here. When there is no room for the order, a task of its own
        // waits for it; outside of a runtime nothing can wait, and there is no server either.
        match (hub.try_reserve(), Handle::try_current()) {
            (Ok(permit), _) => permit.send(message),
            (Err(TrySendError::Full(())), Ok(runtime)) => {
                let hub = hub.clone();
                runtime.spawn(async move { hub.send(message).await });
            }
            (Err(TrySendError::Full(()) | TrySendError::Closed(())), _) => {}
        }
    }
}
