//! The handle to the engine task.

use crate::admission::{Admission, Permit};
use crate::authenticator::AuthQueue;
use crate::connection::DialectSwitch;
use crate::dispatch::Dispatch;
use crate::engine_task::outcome;
use crate::framing::Framing;
use crate::in_process::{End, InProcessSession, SessionEvent};
use crate::limits::Limits;
use crate::metrics::{Counted, Levels, Metrics};
use crate::metrics_format::MetricsFormat;
use crate::outbox::{Outbox, RemoteShard};
use crate::peer_address::PeerAddress;
use crate::round::Round;
use crate::shards::Shards;
use crate::socket_queue::SocketQueue;
use bytes::Bytes;
use chat_core::{
    Answer, CloseReason, Command, Peer, QuestionId, RequestId, Secret, SessionId, View,
};
use chat_dialects::{AuthRequest, Dialect, Fault, TurnedAway};
use futures::future::{BoxFuture, Either, Ready, ready};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::runtime::Handle;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

/// A handle to the engine's task. Cloning is cheap.
///
/// What one caller sends arrives in order. When the task is busy, sending waits: that is how a
/// flood is slowed down.
#[derive(Clone)]
pub struct Hub {
    messages: mpsc::Sender<EngineMessage>,
    shared: Arc<Shared>,
}

/// What all handles have in common. A handle is small, since each connection has one.
struct Shared {
    /// The number of the session that was opened last.
    sessions: AtomicU64,
    limits: Arc<Limits>,
    admission: Arc<Admission>,
    metrics: Arc<Metrics>,
    round: Arc<Round>,
    shards: Arc<Shards>,
    /// The server's authenticator, for requests that open no session.
    auth_queue: Option<AuthQueue>,
}

/// The server has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the chat server has stopped")]
pub struct Stopped;

/// What the engine's task is asked to do.
pub(crate) enum EngineMessage {
    Open(Box<Open>),
    OpenInProcess {
        session: SessionId,
        peer: Peer,
        in_process_queue: InProcessQueue,
    },
    Frame {
        session: SessionId,
        frame: Bytes,
    },
    Fault {
        session: SessionId,
        fault: Fault,
    },
    /// A sign of life.
    Alive {
        session: SessionId,
    },
    Command {
        session: SessionId,
        request: Option<RequestId>,
        command: Command,
    },
    Close {
        session: SessionId,
        reason: CloseReason,
    },
    Switch {
        session: SessionId,
        switch: Box<DialectSwitch>,
    },
    Answer {
        session: SessionId,
        question: QuestionId,
        answer: Answer,
    },
    /// The session's queue has room again.
    Resume {
        session: SessionId,
    },
    Look(Box<dyn FnOnce(View<'_>) + Send>),
    /// What the metrics show of this moment is to be read off.
    Measure(oneshot::Sender<Levels>),
}

/// Waits until an order has been given.
pub(crate) type Giving<'a> = Either<Ready<Result<(), Stopped>>, BoxFuture<'a, Result<(), Stopped>>>;

/// A session that begins. Orders are many and small, and this is neither.
pub(crate) struct Open {
    pub(crate) session: SessionId,
    pub(crate) peer: Peer,
    pub(crate) dialect: Arc<dyn Dialect>,
    pub(crate) outbox: Outbox,
}

/// Where a session in the same process hears events.
pub(crate) struct InProcessQueue {
    pub(crate) events: mpsc::Sender<SessionEvent>,
    /// Something was refused for want of room.
    pub(crate) refused: Arc<AtomicBool>,
    pub(crate) end: Arc<Mutex<Option<End>>>,
    pub(crate) _counted: Counted,
}

impl Hub {
    pub(crate) fn new(
        messages: mpsc::Sender<EngineMessage>,
        limits: Arc<Limits>,
        shards: Shards,
        auth_queue: Option<AuthQueue>,
    ) -> Self {
        let admission = Arc::new(Admission::new(&limits, shards.count()));
        let metrics = Arc::new(Metrics::new());
        let round = Arc::new(Round::new(shards.count(), limits.clone()));
        let sessions = AtomicU64::new(0);
        let shards = Arc::new(shards);
        let shared = Shared { sessions, limits, admission, metrics, round, shards, auth_queue };
        let shared = Arc::new(shared);
        Self { messages, shared }
    }

    /// Lets a connection in from an address, or says why not. A [`Acceptor`](crate::Acceptor) asks
    /// this itself; it is for front ends that get their connections from somebody else. Without an
    /// address, only the limit of all connections counts.
    ///
    /// # Errors
    ///
    /// Why it has to be turned away.
    pub fn admit(&self, address: Option<&PeerAddress>) -> Result<Permit, TurnedAway> {
        self.shared
            .admission
            .admit(address)
            .inspect_err(|why| self.shared.metrics.note_turned_away(*why))
    }

    /// Lets the client in that a request comes from, or says why not.
    ///
    /// `permit` is that of the connection. If a [trusted proxy](crate::TrustedProxies) has opened
    /// it, the client counts until the returned permit is dropped, whichever connection of the
    /// proxy's the request came over. Otherwise the connection counts already.
    ///
    /// # Errors
    ///
    /// Why it has to be turned away.
    pub fn admit_client(
        &self,
        permit: &Permit,
        client: &PeerAddress,
    ) -> Result<Permit, TurnedAway> {
        self.shared
            .admission
            .admit_client(permit, client)
            .inspect_err(|why| self.shared.metrics.note_turned_away(*why))
    }

    /// Counts a connection that a front end refuses by itself in `chat_connections_refused_total`.
    /// The reason is in `snake_case`, and stable.
    pub fn note_refused(&self, reason: &'static str) {
        self.shared.metrics.note_no_connection(reason);
    }

    /// The runtime that the tasks of a connection belong on, all of them from the first: that of
    /// its [shard](crate::Shards). It works on any, but not as well.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime.
    pub fn runtime(&self, permit: &Permit) -> Handle {
        self.shared.shards.runtime(permit.shard())
    }

    /// How many connections have been let in and are not gone yet, whether or not they have a
    /// session.
    pub fn connections(&self) -> usize {
        self.shared.admission.connections()
    }

    /// The server's metrics, in OpenMetrics' text format, which Prometheus reads: connections,
    /// sessions by transport and dialect, what came in and went out, what was refused and why,
    /// queues, and how long things took. Nothing that anybody has said is in there, and nothing
    /// secret.
    ///
    /// # Errors
    ///
    /// If the server has stopped.
    pub async fn metrics(&self) -> Result<String, Stopped> {
        let (answer, answered) = oneshot::channel();
        self.send(EngineMessage::Measure(answer)).await?;
        let levels = answered.await.map_err(|_| Stopped)?;
        Ok(self.shared.metrics.text(self.connections(), levels))
    }

    /// The [metrics](Self::metrics) in one of the formats that there are.
    ///
    /// # Errors
    ///
    /// If the server has stopped.
    pub async fn metrics_in(&self, format: MetricsFormat) -> Result<String, Stopped> {
        self.metrics().await.map(|metrics| format.write(metrics))
    }

    /// Whether the server has an [`Authenticator`](crate::Authenticator).
    pub fn has_authenticator(&self) -> bool {
        self.shared.auth_queue.is_some()
    }

    /// Asks the server's [`Authenticator`](crate::Authenticator)
    /// [about a request](AuthRequest::about_request) that opens no session, such as one of an HTTP
    /// API. Everybody is a guest on a server without an authenticator.
    pub async fn authenticate(&self, host: Option<Arc<str>>, token: Option<Secret>) -> Answer {
        let Some(auth_queue) = &self.shared.auth_queue else { return Answer::Guest };
        let answer = auth_queue.answer_request(&AuthRequest::about_request(host, token)).await;
        self.shared.metrics.note_answer(outcome(&answer));
        answer
    }

    /// What the server allows.
    pub fn limits(&self) -> &Limits {
        &self.shared.limits
    }

    /// Opens a session without a connection or a dialect: for a bot or a bridge in the same
    /// process.
    ///
    /// # Errors
    ///
    /// If the server has stopped.
    pub async fn open_in_process(&self, peer: Peer) -> Result<InProcessSession, Stopped> {
        let session = self.next_session();
        let (events, heard) = mpsc::channel(self.shared.limits.queue_frames.max(1));
        let refused = Arc::new(AtomicBool::new(false));
        let end = Arc::new(Mutex::new(None));
        let counted = self.shared.metrics.count_session("in_process", "none");
        let in_process_queue = InProcessQueue {
            events,
            refused: refused.clone(),
            end: end.clone(),
            _counted: counted,
        };
        self.send(EngineMessage::OpenInProcess { session, peer, in_process_queue }).await?;
        Ok(InProcessSession::new(session, self.clone(), heard, refused, end))
    }

    /// Looks at the engine's state from its own task. Keep it short: everybody waits. If `look`
    /// panics, so does this, and nobody else notices.
    ///
    /// # Errors
    ///
    /// If the server has stopped.
    pub async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(View<'_>) -> T + Send + 'static,
    ) -> Result<T, Stopped> {
        let (answer, answered) = oneshot::channel();
        let message = EngineMessage::Look(Box::new(move |view| {
            // The state is only read, so it is as good after a panic as before.
            let outcome = catch_unwind(AssertUnwindSafe(|| look(view)));
            // Whoever asked may have gone.
            let _ = answer.send(outcome);
        }));
        self.send(message).await?;
        match answered.await.map_err(|_| Stopped)? {
            Ok(seen) => Ok(seen),
            Err(panic) => resume_unwind(panic),
        }
    }

    /// Closes a session.
    ///
    /// # Errors
    ///
    /// If the server has stopped.
    pub async fn close(&self, session: SessionId, reason: CloseReason) -> Result<(), Stopped> {
        self.send(EngineMessage::Close { session, reason }).await
    }

    pub(crate) fn next_session(&self) -> SessionId {
        SessionId(self.shared.sessions.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// The engine's end of a wire.
    pub(crate) fn outbox(
        &self,
        socket_queue: Arc<SocketQueue>,
        framing: &'static dyn Framing,
        remote_shard: Option<RemoteShard>,
    ) -> Outbox {
        Outbox::new(socket_queue, framing, self.shared.round.clone(), remote_shard)
    }

    /// The threads that connections are served on.
    pub(crate) fn shards(&self) -> &Shards {
        &self.shared.shards
    }

    /// The host's way to other shards.
    pub(crate) fn dispatch(&self) -> Dispatch {
        Dispatch { round: self.shared.round.clone(), shards: self.shared.shards.clone() }
    }

    pub(crate) fn measured(&self) -> &Arc<Metrics> {
        &self.shared.metrics
    }

    pub(crate) fn admission(&self) -> &Admission {
        &self.shared.admission
    }

    /// Waits until there is room for an order. Cancel safe.
    pub(crate) async fn reserve(&self) -> Result<mpsc::Permit<'_, EngineMessage>, Stopped> {
        self.messages.reserve().await.map_err(|_| Stopped)
    }

    /// Room for an order, if there is any now.
    pub(crate) fn try_reserve(&self) -> Result<mpsc::Permit<'_, EngineMessage>, TrySendError<()>> {
        self.messages.try_reserve()
    }

    /// Gives an order at once if there is room for it, as there mostly is. What waits otherwise
    /// takes no room in a future that it never is a part of.
    pub(crate) fn give(&self, message: EngineMessage) -> Giving<'_> {
        match self.messages.try_send(message) {
            Ok(()) => Either::Left(ready(Ok(()))),
            Err(TrySendError::Closed(_)) => Either::Left(ready(Err(Stopped))),
            Err(TrySendError::Full(message)) => Either::Right(Box::pin(self.send(message))),
        }
    }

    pub(crate) async fn send(&self, message: EngineMessage) -> Result<(), Stopped> {
        self.messages.send(message).await.map_err(|_| Stopped)
    }
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hub").field("limits", &self.shared.limits).finish_non_exhaustive()
    }
}
