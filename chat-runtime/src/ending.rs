//! Making sure that a session ends, whatever becomes of whoever serves it.

use crate::hub::{Hub, Order};
use chat_core::{CloseReason, SessionId};
use std::borrow::Borrow;
use tokio::runtime::Handle;
use tokio::sync::mpsc::error::TrySendError;

/// Ends a session when it is dropped, unless that has been done: because a task was aborted or has panicked, or because a
/// program has lost interest.
#[derive(Debug)]
pub(crate) struct Ending<H: Borrow<Hub>> {
    hub: H,
    session: SessionId,
    done: bool,
}

impl<H: Borrow<Hub>> Ending<H> {
    pub(crate) fn new(hub: H, session: SessionId) -> Self {
        Self { hub, session, done: false }
    }

    /// Notes that the session has been ended.
    pub(crate) fn done(&mut self) {
        self.done = true;
    }
}

impl<H: Borrow<Hub>> Drop for Ending<H> {
    fn drop(&mut self) {
        if self.done {
            return;
        }
        let hub: &Hub = self.hub.borrow();
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
