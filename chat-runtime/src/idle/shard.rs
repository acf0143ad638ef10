//! The idle connections of a shard.

use super::activity::Watched;
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Registry, Token};
use slab::Slab;
use std::io;
use std::net::TcpStream;
use std::os::fd::AsRawFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Wake, Waker};
use std::time::Duration;
use tokio::io::unix::AsyncFd;
use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval};
use tracing::debug;

/// The connections of a shard that are idle, or may become so.
#[derive(Default)]
pub(crate) struct IdleShard(Mutex<Weak<Connections>>);

/// A connection without a task.
pub(crate) trait Idle: Send {
    /// Starts the task, after [`Socket::forget`].
    fn resume(self: Box<Self>, socket: &Socket<'_>);
}

/// The place of a connection among the idle ones.
pub(crate) struct Socket<'a> {
    registry: &'a Registry,
    connections: &'a Weak<Connections>,
    key: usize,
}

/// The task of a shard's idle connections owns this. It ends when there is no connection.
struct Connections {
    registry: Registry,
    state: Mutex<State>,
    /// The idle connections that have something to do, by their keys.
    woken: Mutex<Vec<usize>>,
    wake: Notify,
}

#[derive(Default)]
struct State {
    idle: Slab<Box<dyn Idle>>,
    busy: Vec<Weak<dyn Watched>>,
    /// True once the task has ended.
    is_over: bool,
}

/// Resumes an idle connection.
struct IdleWaker {
    connections: Weak<Connections>,
    key: usize,
}

impl IdleShard {
    /// Watches a connection, which has a task on the current runtime, for the time when it becomes
    /// idle.
    pub(crate) fn watch(&self, connection: Weak<dyn Watched>) {
        let mut shard = lock(&self.0);
        if shard.upgrade().is_some_and(|connections| connections.watch(&connection)) {
            return;
        }
        match Connections::start(connection) {
            Ok(started) => *shard = started,
            // The connection keeps its task.
            Err(error) => debug!(%error, "cannot watch idle connections"),
        }
    }

    /// Keeps the connection that `rest` makes of one with a task. Returns false if it makes none.
    pub(crate) fn keep(&self, rest: impl FnOnce(&Socket<'_>) -> Option<Box<dyn Idle>>) -> bool {
        let connections = lock(&self.0).upgrade();
        connections.is_some_and(|connections| connections.keep(rest))
    }

    /// Returns the number of idle connections.
    #[cfg(test)]
    pub(crate) fn count(&self) -> usize {
        lock(&self.0).upgrade().map_or(0, |connections| lock(&connections.state).idle.len())
    }
}

impl Socket<'_> {
    /// Returns the waker that resumes the connection.
    pub(crate) fn waker(&self) -> Waker {
        let connections = self.connections.clone();
        Arc::new(IdleWaker { connections, key: self.key }).into()
    }

    /// Resumes the connection when there is something to read.
    pub(crate) fn wait_for(&self, socket: &TcpStream) -> io::Result<()> {
        let mut source = SourceFd(&socket.as_raw_fd());
        self.registry.register(&mut source, Token(self.key), Interest::READABLE)
    }

    /// Waits for it no longer.
    pub(crate) fn forget(&self, socket: &TcpStream) -> io::Result<()> {
        self.registry.deregister(&mut SourceFd(&socket.as_raw_fd()))
    }
}

impl State {
    fn add_busy(&mut self, connection: Weak<dyn Watched>) {
        if self.busy.len() == self.busy.capacity() {
            // Connections that have ended since the last sweep keep no memory.
            self.busy.retain(|connection| connection.strong_count() > 0);
            // Otherwise a few that have ended would soon lead here again.
            if self.busy.len() > self.busy.capacity() / 2 {
                self.busy.reserve(self.busy.capacity());
            }
        }
        self.busy.push(connection);
    }
}

impl Connections {
    /// Starts the task on the current runtime.
    fn start(connection: Weak<dyn Watched>) -> io::Result<Weak<Self>> {
        let poll = Poll::new()?;
        let connections = Arc::new(Self {
            registry: poll.registry().try_clone()?,
            state: Mutex::new(State { busy: vec![connection], ..State::default() }),
            woken: Mutex::default(),
            wake: Notify::new(),
        });
        let started = Arc::downgrade(&connections);
        // Its replacement is unsafe, because an object could close or change its descriptor. `Poll`
        // does neither.
        #[allow(deprecated, reason = "the workspace has no unsafe code")]
        let poll = AsyncFd::new(poll)?;
        tokio::spawn(connections.run(poll));
        Ok(started)
    }

    async fn run(self: Arc<Self>, mut poll: AsyncFd<Poll>) {
        let mut events = Events::with_capacity(EVENTS);
        let mut sweeps = interval(PERIOD);
        sweeps.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                ready = poll.readable_mut() => {
                    // An error means that the runtime ends.
                    let Ok(mut ready) = ready else { return };
                    match ready.try_io(|poll| take(poll.get_mut(), &mut events)) {
                        Ok(Ok(())) => events.iter().for_each(|event| self.resume(event.token().0)),
                        Ok(Err(error)) => debug!(%error, "cannot wait for idle connections"),
                        Err(_would_block) => {}
                    }
                }
                () = self.wake.notified() => {
                    let woken = std::mem::take(&mut *lock(&self.woken));
                    woken.into_iter().for_each(|key| self.resume(key));
                }
                _ = sweeps.tick() => {
                    if self.sweep() {
                        return;
                    }
                }
            }
        }
    }

    /// Returns false if the task has ended.
    fn watch(&self, connection: &Weak<dyn Watched>) -> bool {
        let mut state = lock(&self.state);
        if !state.is_over {
            state.add_busy(connection.clone());
        }
        !state.is_over
    }

    fn keep(self: &Arc<Self>, rest: impl FnOnce(&Socket<'_>) -> Option<Box<dyn Idle>>) -> bool {
        let mut state = lock(&self.state);
        let key = state.idle.vacant_key();
        let connections = Arc::downgrade(self);
        let socket = Socket { registry: &self.registry, connections: &connections, key };
        if !state.is_over
            && let Some(idle) = rest(&socket)
        {
            state.idle.insert(idle);
            return true;
        }
        false
    }

    /// Starts the task of an idle connection, if there still is one of this key.
    fn resume(self: &Arc<Self>, key: usize) {
        let idle = lock(&self.state).idle.try_remove(key);
        if let Some(idle) = idle {
            let connections = Arc::downgrade(self);
            idle.resume(&Socket { registry: &self.registry, connections: &connections, key });
        }
    }

    /// Asks the tasks to end whose connections have had no input since the sweep before. Returns
    /// true if there has been no connection for a period.
    fn sweep(&self) -> bool {
        let mut state = lock(&self.state);
        // Before the others are asked, because they become idle a moment later.
        state.is_over = state.busy.is_empty() && state.idle.is_empty();
        state.busy.retain(|connection| {
            let Some(connection) = connection.upgrade() else { return false };
            let is_asked = connection.activity().sweep();
            if is_asked {
                connection.wake();
            }
            !is_asked
        });
        state.is_over
    }
}

impl Wake for IdleWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    /// Leaves the work to the task: the caller has locked the connection's socket.
    fn wake_by_ref(self: &Arc<Self>) {
        if let Some(connections) = self.connections.upgrade() {
            lock(&connections.woken).push(self.key);
            connections.wake.notify_one();
        }
    }
}

/// Takes the events that have happened. The error is `WouldBlock` if there are none.
fn take(poll: &mut Poll, events: &mut Events) -> io::Result<()> {
    poll.poll(events, Some(Duration::ZERO))?;
    if events.is_empty() { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(()) }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The time between two sweeps. A connection is idle after one to two such periods without input.
const PERIOD: Duration = Duration::from_secs(1);
/// The most connections that are resumed at once.
const EVENTS: usize = 256;
