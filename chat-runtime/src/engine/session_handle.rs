//! The engine task's mailbox, as one session uses it.

use super::hub::{Hub, Sending};
use super::message::EngineMessage;
use crate::outbound::Resume;
use chat_core::{CloseReason, SessionId};
use chat_dialects::Inbound;
use futures::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::sync::mpsc::error::TrySendError;

/// Sends input of one session to the engine task. Cloning is cheap.
#[derive(Clone, Debug)]
pub(crate) struct SessionHandle {
    pub(crate) hub: Hub,
    pub(crate) session: SessionId,
}

impl SessionHandle {
    /// Sends input at once if there is room, as there mostly is.
    pub(crate) fn send(&self, inbound: Inbound) -> Sending<'_> {
        self.hub.send(self.message(inbound))
    }

    /// Waits for room, and then sends the input if it is still wanted. Cancel safe: `take` is not
    /// called before there is room.
    pub(crate) async fn send_if(&self, inbound: Inbound, take: impl FnOnce() -> bool) {
        // A server that has stopped needs no input.
        if let Ok(permit) = self.hub.reserve().await
            && take()
        {
            permit.send(self.message(inbound));
        }
    }

    /// Ends the session from a place that cannot wait.
    pub(crate) fn close_now(&self, reason: CloseReason) {
        let message = self.message(Inbound::Close(reason));
        // Without room, a task waits for it. Outside of a runtime nothing can wait, and there is no
        // server either.
        match (self.hub.try_reserve(), Handle::try_current()) {
            (Ok(permit), _) => permit.send(message),
            (Err(TrySendError::Full(())), Ok(runtime)) => {
                let hub = self.hub.clone();
                runtime.spawn(async move { hub.send(message).await });
            }
            (Err(TrySendError::Full(()) | TrySendError::Closed(())), _) => {}
        }
    }

    fn message(&self, inbound: Inbound) -> EngineMessage {
        EngineMessage::Inbound { session: self.session, inbound }
    }
}

impl Resume for SessionHandle {
    fn resume(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            // A server that has stopped resumes nothing.
            let _ = self.send(Inbound::Resume).await;
        })
    }
}
