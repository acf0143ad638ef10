//! A server: an engine and its front ends.

use crate::accept::{FrontEnd, FrontEndError};
use crate::authenticator::{AuthQueue, Authenticator};
use crate::clock::{Clock, SystemClock};
use crate::engine::{EngineTask, Hub};
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::outbound::Shards;
use crate::signal::stop_signal;
use chat_core::{Engine, SettingError};
use chat_dialects::Switchboard;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet, unconstrained};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::error;

/// A chat server before its start.
pub struct Server {
    engine: Engine,
    clock: Arc<dyn Clock>,
    limits: Limits,
    authenticator: Option<Arc<dyn Authenticator>>,
    front_ends: Vec<Box<dyn FrontEnd>>,
    shards: Shards,
}

/// A running chat server. It goes on when this handle is dropped.
#[derive(Debug)]
pub struct Running {
    hub: Hub,
    stop: CancellationToken,
    front_ends: JoinSet<Result<(), FrontEndError>>,
    host: JoinHandle<()>,
}

/// The error of a server that could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// A limit is so small that every client would be refused.
    #[error(transparent)]
    Limit(#[from] SettingError),
    /// A front end failed; the others have been stopped properly.
    #[error(transparent)]
    FrontEnd(#[from] FrontEndError),
    /// A task panicked: a bug.
    #[error("a task of the server failed: {0}")]
    Task(#[from] tokio::task::JoinError),
    /// The process may not listen for signals.
    #[error("cannot listen for signals: {0}")]
    Signal(#[source] io::Error),
}

impl Server {
    /// Makes a server with a new engine. A [`Config`](chat_core::Config) is enough to set only the
    /// limits of the engine.
    pub fn new(limits: impl Into<Limits>) -> Self {
        let (clock, limits) = (SystemClock::new(), limits.into());
        Self::with_engine(Engine::new(limits.engine.clone(), clock.now()), clock).limits(limits)
    }

    /// Makes a server with a given engine, for instance one with a policy, and the clock that the
    /// engine was made with.
    pub fn with_engine(engine: Engine, clock: impl Clock + 'static) -> Self {
        let limits = Limits::from(engine.view().config().clone());
        Self {
            engine,
            clock: Arc::new(clock),
            limits,
            authenticator: None,
            front_ends: Vec::new(),
            shards: Shards::default(),
        }
    }

    /// Adds a front end.
    #[must_use]
    pub fn front_end(mut self, front_end: impl FrontEnd + 'static) -> Self {
        self.front_ends.push(Box::new(front_end));
        self
    }

    /// Sets the limits of the server, except those of the engine, which has its own.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        let engine = self.limits.engine;
        self.limits = Limits { engine, ..limits };
        self
    }

    /// Sets the authenticator. Without one, a client may take any nickname.
    #[must_use]
    pub fn authenticator(mut self, authenticator: impl Authenticator + 'static) -> Self {
        self.engine.set_authenticate(true);
        self.authenticator = Some(Arc::new(authenticator));
        self
    }

    /// Shares the connections among threads. Without shards, the runtime on which the server is
    /// started serves all of them.
    #[must_use]
    pub fn shards(mut self, shards: Shards) -> Self {
        self.shards = shards;
        self
    }

    /// Starts the server on the current Tokio runtime.
    pub fn start(self) -> Running {
        let stop = CancellationToken::new();
        let (sender, messages) = mpsc::channel(ORDERS);
        let mut switchboard = Switchboard::new(self.engine);
        switchboard.set_slow_consumer(self.limits.slow_consumer);
        switchboard.set_frame_bytes(self.limits.frame_bytes);
        switchboard.set_patience(self.limits.ping_after, self.limits.silence);
        let answers = sender.downgrade();
        let (clock, patience) = (self.clock, self.limits.engine.answer_timeout);
        let auth_queue = self
            .authenticator
            .map(|authenticator| AuthQueue::new(authenticator, clock.clone(), patience));
        let hub = Hub::new(sender, Arc::new(self.limits), self.shards, auth_queue.clone());
        let metrics = hub.metrics_registry().clone();
        tokio::spawn(watch(metrics.clone(), stop.clone()));
        let dispatch = hub.dispatch();
        let host =
            EngineTask { switchboard, messages, clock, auth_queue, metrics, dispatch, answers };
        // It writes to many sockets in a row, and lets others run at the end of each round.
        let host = tokio::spawn(unconstrained(host.run(stop.clone())));
        let mut front_ends = JoinSet::new();
        for front_end in self.front_ends {
            front_ends.spawn(front_end.serve(hub.clone(), stop.clone()));
        }
        Running { hub, stop, front_ends, host }
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
        self.limits.check()?;
        self.start().run_until(asked).await
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Whoever still has a hub goes on using the server.
        self.front_ends.detach_all();
    }
}

impl Running {
    /// Returns a handle to the engine task.
    pub fn hub(&self) -> &Hub {
        &self.hub
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
        let mut host_runs = true;
        loop {
            // Either the engine's task is done, which it is last of all unless it has failed, or a
            // front end is.
            let ended = tokio::select! {
                biased;
                ended = &mut self.host, if host_runs => {
                    host_runs = false;
                    ended.map_err(ServerError::from)
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
const ORDERS: usize = 2_048;
