//! Closes a session when the task that serves it ends, however it ends.

use crate::engine::SessionHandle;
use chat_core::CloseReason;
use std::sync::atomic::{AtomicBool, Ordering};

/// Closes a session when it is dropped, unless the session was closed before: the task that held it
/// may have been aborted, may have panicked, or may have dropped its end of the session.
#[derive(Debug)]
pub(crate) struct CloseOnDrop {
    pub(crate) handle: SessionHandle,
    done: AtomicBool,
}

impl CloseOnDrop {
    pub(crate) fn new(handle: SessionHandle) -> Self {
        Self { handle, done: AtomicBool::new(false) }
    }

    /// Notes that the session is closed.
    pub(crate) fn done(&self) {
        self.done.store(true, Ordering::Relaxed);
    }
}

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        if !*self.done.get_mut() {
            self.handle.close_now(CloseReason::Disconnected);
        }
    }
}
