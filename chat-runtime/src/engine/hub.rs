//! The handle to the engine task.

use super::message::EngineMessage;
use crate::admission::{Admission, Permit};
use crate::authenticator::AuthQueue;
use crate::cloak::Cloak;
use crate::history_source::HistoryQueue;
use crate::idle::IdleShard;
use crate::io::{FramingTable, PeerAddress};
use crate::limits::Limits;
use crate::metrics::Metrics;
#[cfg(feature = "metrics")]
use crate::metrics::MetricsFormat;
use crate::outbound::{Dispatch, Outbox, RemoteShard, Round, Shards, SocketQueue};
use chat_core::{AccountName, Answer, CloseReason, Identity, Secret, SessionId, View};
use chat_dialects::{AuthRequest, Inbound, TurnedAway, token_stand_in};
use futures::future::{BoxFuture, Either, Ready, ready};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio::runtime::Handle;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

/// A handle to the engine task. Cloning is cheap.
///
/// The messages of one caller arrive in order. When the task is busy, sending waits, which slows
/// floods down.
#[derive(Clone)]
pub struct Hub {
    messages: mpsc::Sender<EngineMessage>,
    shared: Arc<Shared>,
}

/// The state that all handles share. A handle is small, because each connection has one.
struct Shared {
    /// The number of the last session.
    sessions: AtomicU64,
    /// True if a log orders the inputs, and the engine knows stand-ins of secrets only.
    has_log: AtomicBool,
    limits: Arc<Limits>,
    admission: Arc<Admission>,
    metrics: Arc<Metrics>,
    round: Arc<Round>,
    shards: Arc<Shards>,
    /// The server's authenticator, for requests that concern no session.
    auth_queue: Option<AuthQueue>,
    /// The server's source of older messages.
    history_queue: Option<HistoryQueue>,
    cloak: Cloak,
    /// The idle connections of each shard.
    idle: Box<[IdleShard]>,
}

/// The server has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the chat server has stopped")]
pub struct Stopped;

/// Waits until a message has been sent.
pub(crate) type Sending<'a> =
    Either<Ready<Result<(), Stopped>>, BoxFuture<'a, Result<(), Stopped>>>;

impl Hub {
    pub(crate) fn new(
        messages: mpsc::Sender<EngineMessage>,
        limits: Arc<Limits>,
        shards: Shards,
        auth_queue: Option<AuthQueue>,
        history_queue: Option<HistoryQueue>,
        cloak: Cloak,
        round: Round,
    ) -> Self {
        let admission = Arc::new(Admission::new(&limits, shards.count()));
        let metrics = Arc::new(Metrics::new());
        let round = Arc::new(round);
        let (sessions, has_log) = (AtomicU64::new(0), AtomicBool::new(false));
        let idle = (0..shards.count()).map(|_| IdleShard::default()).collect();
        let shards = Arc::new(shards);
        let shared = Arc::new(Shared {
            sessions,
            has_log,
            limits,
            admission,
            metrics,
            round,
            shards,
            auth_queue,
            history_queue,
            cloak,
            idle,
        });
        Self { messages, shared }
    }

    /// Admits a connection from an address. An [`Acceptor`](crate::Acceptor) calls this itself; it
    /// is for front ends that get their connections from elsewhere. Without an address, only the
    /// limit of all connections applies.
    ///
    /// # Errors
    ///
    /// The reason to refuse the connection.
    pub fn admit(&self, address: Option<&PeerAddress>) -> Result<Permit, TurnedAway> {
        self.shared
            .admission
            .admit(address)
            .inspect_err(|why| self.shared.metrics.note_turned_away(*why))
    }

    /// Admits the client that a request comes from.
    ///
    /// `permit` is that of the connection. If a [trusted proxy](crate::TrustedProxies) has opened
    /// it, the client counts until the returned permit is dropped, whichever connection of the
    /// proxy's the request came over. Otherwise the connection counts already.
    ///
    /// # Errors
    ///
    /// The reason to refuse the request.
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

    /// Returns the runtime of the connection's [shard](crate::Shards), on which all tasks of the
    /// connection run best. They work on any runtime.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime.
    pub fn runtime(&self, permit: &Permit) -> Handle {
        self.shared.shards.runtime(permit.shard())
    }

    /// Returns the number of admitted connections, with or without a session.
    pub fn connections(&self) -> usize {
        self.shared.admission.connections()
    }

    /// Returns the server's metrics in the text format of OpenMetrics, which Prometheus reads:
    /// connections, sessions by transport and dialect, input and output, refusals by reason,
    /// queues, and durations. They contain no messages and no secrets.
    ///
    /// # Errors
    ///
    /// If the server has stopped.
    #[cfg(feature = "metrics")]
    pub async fn metrics(&self) -> Result<String, Stopped> {
        let (answer, answered) = oneshot::channel();
        self.send(EngineMessage::Measure(answer)).await?;
        let levels = answered.await.map_err(|_| Stopped)?;
        Ok(self.shared.metrics.text(self.connections(), levels))
    }

    /// Returns the [metrics](Self::metrics) in a chosen format.
    ///
    /// # Errors
    ///
    /// If the server has stopped.
    #[cfg(feature = "metrics")]
    pub async fn metrics_in(&self, format: MetricsFormat) -> Result<String, Stopped> {
        self.metrics().await.map(|metrics| format.write(metrics))
    }

    /// Returns true if the server has an [`Authenticator`](crate::Authenticator).
    pub fn has_authenticator(&self) -> bool {
        self.shared.auth_queue.is_some()
    }

    /// Lets the server's [`Authenticator`](crate::Authenticator) authenticate a
    /// [request](AuthRequest::about_request) that concerns no session, such as one of an HTTP API.
    /// A [session token](chat_core::Credential::Session) is that of its account, without asking
    /// the authenticator. Without an authenticator the result is a guest otherwise.
    pub async fn authenticate(&self, address: Option<Arc<str>>, token: Option<Secret>) -> Answer {
        if let Some(account) = self.account_of(token.clone()).await {
            return Answer::Account(Identity::new(account));
        }
        let Some(auth_queue) = &self.shared.auth_queue else { return Answer::Guest };
        let answer = auth_queue.answer_request(&AuthRequest::about_request(address, token)).await;
        self.shared.metrics.note_answer(&answer);
        answer
    }

    /// Returns the account of a session token, if the engine keeps accounts.
    async fn account_of(&self, token: Option<Secret>) -> Option<AccountName> {
        let mut token = token.filter(|_| self.shared.limits.engine.accounts)?;
        if self.shared.has_log.load(Ordering::Relaxed) {
            token = token_stand_in(&token);
        }
        self.look(move |view| view.account_of_token(&token).cloned()).await.ok()?
    }

    /// Returns the limits of the server.
    pub fn limits(&self) -> &Limits {
        &self.shared.limits
    }

    pub(crate) fn history_queue(&self) -> Option<&HistoryQueue> {
        self.shared.history_queue.as_ref()
    }

    pub(crate) fn cloak(&self) -> &Cloak {
        &self.shared.cloak
    }

    /// Calls `look` with the engine's state, in the engine task. Keep it short, because all
    /// sessions wait. If `look` panics, this function panics, and the server goes on.
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
            // The caller may have been cancelled.
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
        self.send(EngineMessage::Inbound { session, inbound: Inbound::Close(reason) }).await
    }

    /// Notes that a log orders the inputs, and sets the number before that of the first session.
    pub(crate) fn note_log(&self, first_session: SessionId) {
        self.shared.has_log.store(true, Ordering::Relaxed);
        self.shared.sessions.store(first_session.0, Ordering::Relaxed);
    }

    pub(crate) fn next_session(&self) -> SessionId {
        SessionId(self.shared.sessions.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Makes the outbox for a socket queue.
    pub(crate) fn outbox(
        &self,
        socket_queue: Arc<SocketQueue>,
        framing: &'static FramingTable,
        remote_shard: Option<RemoteShard>,
    ) -> Outbox {
        Outbox::new(socket_queue, framing, self.shared.round.clone(), remote_shard)
    }

    /// Returns the shards of the server.
    pub(crate) fn shards(&self) -> &Shards {
        &self.shared.shards
    }

    /// Returns the idle connections of a shard.
    pub(crate) fn idle(&self, shard: usize) -> &IdleShard {
        &self.shared.idle[shard]
    }

    /// Makes the dispatch to other shards.
    pub(crate) fn dispatch(&self) -> Dispatch {
        Dispatch { round: self.shared.round.clone(), shards: self.shared.shards.clone() }
    }

    pub(crate) fn metrics_registry(&self) -> &Arc<Metrics> {
        &self.shared.metrics
    }

    pub(crate) fn admission(&self) -> &Admission {
        &self.shared.admission
    }

    /// Waits until there is room for a message. Cancel safe.
    pub(crate) async fn reserve(&self) -> Result<mpsc::Permit<'_, EngineMessage>, Stopped> {
        self.messages.reserve().await.map_err(|_| Stopped)
    }

    /// Reserves room for a message, if there is any now.
    pub(crate) fn try_reserve(&self) -> Result<mpsc::Permit<'_, EngineMessage>, TrySendError<()>> {
        self.messages.try_reserve()
    }

    /// Sends a message at once if there is room, as there mostly is. The slow path is boxed to keep
    /// the callers' futures small.
    pub(crate) fn send(&self, message: EngineMessage) -> Sending<'_> {
        match self.messages.try_send(message) {
            Ok(()) => Either::Left(ready(Ok(()))),
            Err(TrySendError::Closed(_)) => Either::Left(ready(Err(Stopped))),
            Err(TrySendError::Full(message)) => Either::Right(Box::pin(async move {
                self.messages.send(message).await.map_err(|_| Stopped)
            })),
        }
    }
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hub").field("limits", &self.shared.limits).finish_non_exhaustive()
    }
}
