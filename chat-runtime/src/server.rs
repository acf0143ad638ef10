//! A server: an engine and its front ends.

use crate::accept::{FrontEnd, FrontEndError};
use crate::authenticator::{AuthQueue, Authenticator};
use crate::cloak::Cloak;
use crate::clock::{Clock, SystemClock};
use crate::engine::{EngineFailure, EngineTask, Hub, LogFailure, OrderedLog};
use crate::history_source::{HistoryQueue, HistorySource};
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::outbound::{Outbox, Round, Shards};
use crate::passwords::{PasswordQueue, Passwords};
use crate::signal::stop_signal;
use crate::store_history::StoreHistory;
use crate::store_writer::StoreWriter;
use chat_core::{Config, Engine, Policy, SettingError};
use chat_dialects::Switchboard;
use chat_store::{Opened, StoreError};
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, JoinSet, unconstrained};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::error;

/// A builder of a chat server. Its methods set parts of the server in any order, and
/// [`start`](Self::start) or [`run`](Self::run) makes the engine and starts it.
///
/// ```
/// use chat_runtime::{Limits, Server, chat_core::Config};
///
/// let config = Config { message_bytes: 1_000, ..Config::default() };
/// let limits = Limits { connections: 100, ..Limits::default() };
/// let server = Server::new().config(config).limits(limits);
/// # drop(server);
/// ```
#[must_use = "a server does nothing before it is started"]
pub struct Server {
    config: Option<Config>,
    limits: Limits,
    clock: Arc<dyn Clock>,
    policy: Option<Box<dyn Policy + Send>>,
    authenticator: Option<Arc<dyn Authenticator>>,
    cloak: Option<Cloak>,
    history_source: Option<Arc<dyn HistorySource>>,
    passwords: Option<Arc<dyn Passwords>>,
    operator_passwords: Option<Arc<dyn Passwords>>,
    store: Option<Opened>,
    log: Option<OrderedLog>,
    front_ends: Vec<Box<dyn FrontEnd>>,
    shards: Shards,
}

/// A running chat server. It goes on when this handle is dropped.
#[derive(Debug)]
pub struct Running {
    hub: Hub,
    stop: CancellationToken,
    serves: watch::Receiver<bool>,
    front_ends: JoinSet<Result<(), FrontEndError>>,
    engine_task: JoinHandle<Result<(), EngineFailure>>,
}

/// The error of a server that could not start or go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// A limit is so small that every client would be refused.
    #[error(transparent)]
    Limit(#[from] SettingError),
    /// A front end failed; the others have been stopped properly.
    #[error(transparent)]
    FrontEnd(#[from] FrontEndError),
    /// The store failed; clients have been told that the server stops.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log of the cluster cannot be followed; clients have been told that the server stops.
    #[error(transparent)]
    Log(#[from] LogFailure),
    /// A task panicked: a bug.
    #[error("a task of the server failed: {0}")]
    Task(#[from] tokio::task::JoinError),
    /// The process may not listen for signals.
    #[error("cannot listen for signals: {0}")]
    Signal(#[source] io::Error),
}

impl From<EngineFailure> for ServerError {
    fn from(failure: EngineFailure) -> Self {
        match failure {
            EngineFailure::Store(error) => Self::Store(error),
            EngineFailure::Log(failure) => Self::Log(failure),
        }
    }
}

impl Server {
    /// Makes a server with the default limits, a system clock, and no front ends.
    pub fn new() -> Self {
        Self {
            config: None,
            limits: Limits::default(),
            clock: Arc::new(SystemClock::new()),
            policy: None,
            authenticator: None,
            cloak: None,
            history_source: None,
            passwords: None,
            operator_passwords: None,
            store: None,
            log: None,
            front_ends: Vec::new(),
            shards: Shards::default(),
        }
    }

    /// Adds a front end. That of a node of a cluster begins once the node has
    /// [caught up](Running::caught_up).
    pub fn front_end(mut self, front_end: impl FrontEnd + 'static) -> Self {
        self.front_ends.push(Box::new(front_end));
        self
    }

    /// Sets the limits of the engine, which take precedence over [`Limits::engine`].
    pub fn config(mut self, config: Config) -> Self {
        self.config = Some(config);
        self
    }

    /// Sets the limits of the server.
    pub fn limits(mut self, limits: impl Into<Limits>) -> Self {
        self.limits = limits.into();
        self
    }

    /// Sets the policy, which may refuse or change commands. Without one, all are allowed.
    pub fn policy(mut self, policy: impl Policy + Send + 'static) -> Self {
        self.policy = Some(Box::new(policy));
        self
    }

    /// Sets the authenticator. Without one, a client may take any nickname.
    pub fn authenticator(mut self, authenticator: impl Authenticator + 'static) -> Self {
        self.authenticator = Some(Arc::new(authenticator));
        self
    }

    /// Sets the cloak, which makes the host names that users see from their addresses. Without one,
    /// the server makes a [random one](Cloak::random).
    pub fn cloak(mut self, cloak: Cloak) -> Self {
        self.cloak = Some(cloak);
        self
    }

    /// Sets the source of messages that are no longer in memory. Without one, clients read as much
    /// as memory has.
    pub fn history_source(mut self, history_source: impl HistorySource + 'static) -> Self {
        self.history_source = Some(Arc::new(history_source));
        self
    }

    /// Lets the engine keep accounts with passwords, and sets the check of the passwords. Whether
    /// clients can register is a [setting](Config::registration).
    pub fn passwords(mut self, passwords: impl Passwords + 'static) -> Self {
        self.passwords = Some(Arc::new(passwords));
        self
    }

    /// Sets the check of the passwords with which users become [server
    /// operators](Config::operator_logins), if the server keeps no accounts. The one that
    /// [`passwords`](Self::passwords) sets takes precedence.
    pub fn operator_passwords(mut self, passwords: impl Passwords + 'static) -> Self {
        self.operator_passwords = Some(Arc::new(passwords));
        self
    }

    /// Sets the store. The server continues with its contents, and commits every change to it
    /// before a client sees a trace of it. Clients read messages that are no longer in memory from
    /// it, unless a [`history_source`](Self::history_source) is set. Without a store, a restart
    /// forgets everything.
    ///
    /// If the store fails, the server tells its clients that it stops, and stops with
    /// [`ServerError::Store`]. A later start continues with all that was committed.
    pub fn store(mut self, store: Opened) -> Self {
        self.store = Some(store);
        self
    }

    /// Makes the server a node of a cluster, whose log orders the inputs of all nodes. The
    /// configuration and the policy have to be the same on all of them. A server with a log has no
    /// [store](Self::store): each start applies the log from its first entry or a snapshot on.
    ///
    /// If the log cannot be followed any longer, the server tells its clients that it stops, and
    /// stops with [`ServerError::Log`].
    pub fn ordered_log(mut self, log: OrderedLog) -> Self {
        self.log = Some(log);
        self
    }

    /// Sets the clock. Without one, the server uses a [`SystemClock`].
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Shares the connections among threads. Without shards, the runtime on which the server is
    /// started serves all of them.
    pub fn shards(mut self, shards: Shards) -> Self {
        self.shards = shards;
        self
    }

    /// Starts the server on the current Tokio runtime.
    pub fn start(self) -> Running {
        let stop = CancellationToken::new();
        let (sender, messages) = mpsc::channel(MESSAGES);
        let mut limits = self.limits;
        limits.engine = self.config.unwrap_or(limits.engine);
        limits.engine.authenticate |= self.authenticator.is_some();
        let mut history_source = self.history_source;
        let (store, state) = self.store.map(|Opened { store, state }| (store, state)).unzip();
        if let Some(store) = &store
            && history_source.is_none()
        {
            match StoreHistory::of(&**store) {
                Ok(source) => history_source = Some(Arc::new(source)),
                Err(failure) => error!(%failure, "older messages cannot be read"),
            }
        }
        limits.engine.accounts |= self.passwords.is_some();
        limits.engine.older_history |= history_source.is_some();
        let (clock, engine_config) = (self.clock, limits.engine.clone());
        let (start, log) = self.log.map(OrderedLog::split).unzip();
        let (engine_start, node) = start.unzip();
        let mut engine = match (state, engine_start) {
            (Some(state), _) => Engine::restore(engine_config, state, clock.now()),
            (None, Some(start)) => start.call(engine_config),
            (None, None) => Engine::new(engine_config, clock.now()),
        };
        if let Some(policy) = self.policy {
            engine.set_policy(policy);
        }
        let mut switchboard = Switchboard::new(engine);
        if store.is_some() {
            switchboard.keep_records();
        }
        switchboard.set_slow_consumer(limits.slow_consumer);
        switchboard.set_frame_bytes(limits.frame_bytes);
        switchboard.set_patience(limits.ping_after, limits.silence);
        if !limits.announcement_delay.is_zero() {
            switchboard.hold_announcements(limits.announcement_audience);
        }
        let first_session = node.map(|node| {
            switchboard.order_inputs(clock.now(), node);
            Switchboard::<Outbox>::first_session(node)
        });
        let (to_serve, serves) = watch::channel(node.is_none());
        let answers = sender.downgrade();
        let patience = limits.engine.answer_timeout;
        let auth_queue = self
            .authenticator
            .map(|authenticator| AuthQueue::new(authenticator, clock.clone(), patience));
        let passwords = self.passwords.or(self.operator_passwords);
        let password_queue = passwords.map(|passwords| PasswordQueue::new(passwords, patience));
        let history_queue = history_source.map(|source| HistoryQueue::new(source, patience));
        let cloak = self.cloak.unwrap_or_else(Cloak::random);
        let limits = Arc::new(limits);
        let round = Round::new(self.shards.count(), limits.clone());
        let round = if store.is_some() { round.held() } else { round };
        let (auth, history) = (auth_queue.clone(), history_queue.clone());
        let hub = Hub::new(sender, limits, self.shards, auth, history, cloak, round);
        first_session.into_iter().for_each(|session| hub.note_log(session));
        let metrics = hub.metrics_registry().clone();
        tokio::spawn(watch(metrics.clone(), stop.clone()));
        let dispatch = hub.dispatch();
        let start = |store| StoreWriter::start(store, clock.clone(), metrics.clone());
        let store = store.map(start);
        let engine_task = EngineTask {
            switchboard,
            messages,
            clock,
            auth_queue,
            history_queue,
            password_queue,
            store,
            metrics,
            dispatch,
            answers,
            host_answers: Vec::new(),
            concerned: Vec::new(),
            waiting: Vec::new(),
            announcements_due: None,
            log,
            submitted: None,
            host_waiting: VecDeque::new(),
            serves: to_serve,
            stop: stop.clone(),
        };
        // Unconstrained, because the task writes to many sockets in a row. It yields after each
        // round itself.
        let engine_task = tokio::spawn(unconstrained(engine_task.run()));
        let mut running = Running { hub, stop, serves, front_ends: JoinSet::new(), engine_task };
        for front_end in self.front_ends {
            running.front_end(front_end);
        }
        running
    }

    /// Runs the server until SIGINT or SIGTERM, then stops it properly.
    ///
    /// # Errors
    ///
    /// If a front end fails.
    pub async fn run(self) -> Result<(), ServerError> {
        self.run_until(stop_signal()).await
    }

    /// Runs the server until it is asked to stop, then stops it properly. Use it with a
    /// [`stop_signal`] that has to be installed before the server runs.
    ///
    /// # Errors
    ///
    /// If a front end fails.
    pub async fn run_until(
        self,
        asked: impl Future<Output = io::Result<()>>,
    ) -> Result<(), ServerError> {
        self.config.as_ref().unwrap_or(&self.limits.engine).check()?;
        self.limits.check()?;
        self.start().run_until(asked).await
    }
}

impl Default for Server {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { config, limits, front_ends, shards, .. } = self;
        let mut debug = f.debug_struct("Server");
        debug.field("config", config).field("limits", limits).field("shards", shards);
        debug.field("front_ends", &front_ends.len()).finish_non_exhaustive()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The server goes on for those who have a hub.
        self.front_ends.detach_all();
    }
}

impl Running {
    /// Returns a handle to the engine task.
    pub fn hub(&self) -> &Hub {
        &self.hub
    }

    /// Waits until the server serves clients. A node of a cluster first applies all that was in its
    /// log when it started. Returns false if the server stops before that. Cancel safe.
    pub async fn caught_up(&self) -> bool {
        wait_to_serve(&mut self.serves.clone(), &self.stop).await
    }

    /// Adds a front end, which begins once the server has [caught up](Self::caught_up).
    pub fn front_end(&mut self, front_end: Box<dyn FrontEnd>) {
        let (hub, stop, mut serves) = (self.hub.clone(), self.stop.clone(), self.serves.clone());
        self.front_ends.spawn(async move {
            if wait_to_serve(&mut serves, &stop).await {
                front_end.serve(hub, stop).await
            } else {
                Ok(())
            }
        });
    }

    /// Asks the server to stop. It tells all clients, drains queues for at most [`Limits::drain`],
    /// and closes the connections.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Waits until the server is asked to stop, then stops it properly.
    ///
    /// # Errors
    ///
    /// If a front end fails.
    pub async fn run_until(
        self,
        asked: impl Future<Output = io::Result<()>>,
    ) -> Result<(), ServerError> {
        let stop = self.stop.clone();
        let waiting = self.wait();
        tokio::pin!(waiting);
        tokio::select! {
            ended = &mut waiting => return ended,
            asked = asked => asked.map_err(ServerError::Signal)?,
        }
        stop.cancel();
        waiting.await
    }

    /// Waits until the server has stopped, because it was asked to or because a front end failed.
    ///
    /// # Errors
    ///
    /// The first failure.
    pub async fn wait(mut self) -> Result<(), ServerError> {
        let mut result = Ok(());
        let mut engine_runs = true;
        loop {
            // The engine task ends last, unless it fails.
            let ended = tokio::select! {
                biased;
                ended = &mut self.engine_task, if engine_runs => {
                    engine_runs = false;
                    ended.map_err(ServerError::from).and_then(|ended| Ok(ended?))
                }
                Some(ended) = self.front_ends.join_next() => {
                    ended.map_err(ServerError::from).and_then(|ended| Ok(ended?))
                }
                else => return result,
            };
            if let Err(failure) = ended {
                error!(%failure, "a part of the server has failed; stopping");
                self.stop.cancel();
                result = result.and(Err(failure));
            }
        }
    }
}

/// Waits until the server serves clients. Returns false if it stops before that.
async fn wait_to_serve(serves: &mut watch::Receiver<bool>, stop: &CancellationToken) -> bool {
    if *serves.borrow() {
        return true;
    }
    // The order does not matter: both are final.
    tokio::select! {
        biased;
        waited = serves.wait_for(|serves| *serves) => waited.is_ok(),
        () = stop.cancelled() => false,
    }
}

/// Measures how late a task is woken, which shows how busy the runtime is.
async fn watch(metrics: Arc<Metrics>, stop: CancellationToken) {
    loop {
        let wanted = Instant::now() + WATCH;
        tokio::select! {
            () = sleep_until(wanted) => metrics.note_delay(wanted.elapsed()),
            () = stop.cancelled() => return,
        }
    }
}

/// The interval of this measurement.
const WATCH: Duration = Duration::from_secs(1);
/// The number of messages that may wait for the engine task. Beyond it, senders wait.
const MESSAGES: usize = 2_048;
