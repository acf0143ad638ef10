//! The messages that the engine task receives.

#[cfg(feature = "metrics")]
use crate::metrics::Levels;
use crate::outbound::{InProcessQueue, Outbox};
use chat_core::{Event, HostCommand, Peer, SessionId, View};
use chat_dialects::{Dialect, Inbound};
use std::sync::Arc;
use tokio::sync::oneshot;

/// A message to the engine task.
pub(crate) enum EngineMessage {
    Open(Box<Open>),
    OpenInProcess {
        session: SessionId,
        peer: Peer,
        port: InProcessQueue,
    },
    Inbound {
        session: SessionId,
        inbound: Inbound,
    },
    /// The host gives a command.
    Host {
        command: Box<HostCommand>,
        answer: oneshot::Sender<Event>,
    },
    Look(Box<dyn FnOnce(View<'_>) + Send>),
    /// Read the gauges of the metrics.
    #[cfg(feature = "metrics")]
    Measure(oneshot::Sender<Levels>),
}

impl EngineMessage {
    /// Returns the session that the message comes from.
    pub(crate) fn session(&self) -> Option<SessionId> {
        match self {
            Self::Open(open) => Some(open.session),
            Self::OpenInProcess { session, .. } | Self::Inbound { session, .. } => Some(*session),
            Self::Host { .. } | Self::Look(_) => None,
            #[cfg(feature = "metrics")]
            Self::Measure(_) => None,
        }
    }

    /// Returns true if the message shows the engine's state to somebody.
    pub(crate) fn is_look(&self) -> bool {
        matches!(self, Self::Look(_))
    }
}

/// A session that begins. It is boxed, because most messages are smaller.
pub(crate) struct Open {
    pub(crate) session: SessionId,
    pub(crate) peer: Peer,
    pub(crate) dialect: Arc<dyn Dialect>,
    pub(crate) outbox: Outbox,
}
