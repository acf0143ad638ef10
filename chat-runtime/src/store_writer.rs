//! The store that the engine task writes to, mostly on a thread of its own.

use crate::clock::Clock;
use crate::metrics::Metrics;
use chat_core::StampedRecord;
use chat_store::{Store, StoreError};
use std::future::pending;
use std::mem;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};
use tracing::{error, warn};

/// The engine task's end of the store.
pub(crate) enum StoreWriter {
    /// A thread owns the store. It finishes its work and ends when the sender is dropped.
    Thread {
        requests: Sender<Request>,
        /// The failure of work other than commits.
        failure: oneshot::Receiver<StoreError>,
    },
    /// The store [does not block](Store::blocks).
    Local(Tended),
}

pub(crate) enum Request {
    /// Commits a round.
    Commit { records: Vec<StampedRecord>, done: oneshot::Sender<Result<(), NotCommitted>> },
    /// Closes the store.
    Close { done: oneshot::Sender<()> },
}

/// The records of a round that was not committed, and the reason.
#[derive(Debug)]
pub(crate) struct NotCommitted {
    pub(crate) error: StoreError,
    pub(crate) records: Vec<StampedRecord>,
}

/// A store whose duties other than commits are done in time.
pub(crate) struct Tended {
    store: Box<dyn Store>,
    clock: Arc<dyn Clock>,
    synced: Instant,
    metrics: Arc<Metrics>,
    /// True if the store may have work that can wait.
    has_work: bool,
    has_warned: bool,
}

/// The time without commits after which a thread does work that can wait.
const IDLE: Duration = Duration::from_millis(200);
/// The time within which everything that is committed outlasts a loss of power.
const SYNC: Duration = Duration::from_secs(1);
/// The time that pruning takes at most in each second of a busy store.
const PRUNING: Duration = Duration::from_millis(20);

impl StoreWriter {
    /// Starts the thread of a store that blocks. If the system has no thread for it, the first
    /// commit fails.
    pub(crate) fn start(
        store: Box<dyn Store>,
        clock: Arc<dyn Clock>,
        metrics: Arc<Metrics>,
    ) -> Self {
        let blocks = store.blocks();
        let tended = Tended::new(store, clock, metrics);
        if !blocks {
            return Self::Local(tended);
        }
        let (sender, requests) = channel();
        let (failed, failure) = oneshot::channel();
        let thread = thread::Builder::new().name("chat-store".into());
        if let Err(failure) = thread.spawn(move || run(tended, &requests, failed)) {
            error!(%failure, "cannot start the thread of the store");
        }
        Self::Thread { requests: sender, failure }
    }

    /// Returns true if a commit waits, so that one of many messages costs less than many commits.
    pub(crate) fn waits(&self) -> bool {
        matches!(self, Self::Thread { .. })
    }

    /// Commits the records of a round.
    pub(crate) async fn commit(&mut self, records: Vec<StampedRecord>) -> Result<(), NotCommitted> {
        match self {
            Self::Thread { requests, failure } => {
                let (done, committed) = oneshot::channel();
                // An error of either means that the thread has ended.
                if requests.send(Request::Commit { records, done }).is_ok()
                    && let Ok(result) = committed.await
                {
                    return result;
                }
                let gone = || StoreError::Failed("the thread of the store has ended".into());
                let error = failure.try_recv().unwrap_or_else(|_| gone());
                Err(NotCommitted { error, records: Vec::new() })
            }
            // A store that has no room for a while is not tended meanwhile.
            Self::Local(tended) => match tended.sync_if_due() {
                Ok(()) => tended.commit(records),
                Err(error) => Err(NotCommitted { error, records }),
            },
        }
    }

    /// Waits until a local store is to be synced, and does that and a part of the work that can
    /// wait. A thread does both by itself; then this waits until it fails. It may be cancelled
    /// while it waits.
    pub(crate) async fn tend(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Local(tended) if tended.has_work => {
                sleep_until(tended.synced + SYNC).await;
                tended.maintain()?;
                tended.sync_if_due()
            }
            Self::Thread { failure, .. } if !failure.is_terminated() => match failure.await {
                Ok(failure) => Err(failure),
                // A commit has failed, and reports it.
                Err(_) => pending().await,
            },
            Self::Local(_) | Self::Thread { .. } => pending().await,
        }
    }

    /// Closes the store, and waits until that is done.
    pub(crate) async fn close(self) {
        match self {
            Self::Thread { requests, .. } => {
                let (done, closed) = oneshot::channel();
                if requests.send(Request::Close { done }).is_ok() {
                    let _ = closed.await;
                }
            }
            Self::Local(mut tended) => tended.sync_at_end(),
        }
    }
}

fn run(mut tended: Tended, requests: &Receiver<Request>, failed: oneshot::Sender<StoreError>) {
    let result = serve(&mut tended, requests);
    drop(tended);
    // The engine task may have been cancelled, and waits for neither.
    match result {
        Ok(Some(done)) => drop(done.send(())),
        Ok(None) => {}
        Err(failure) => drop(failed.send(failure)),
    }
}

/// Serves requests until the store is to be closed, or a commit has failed, which its answer
/// reports. Other failures are returned.
fn serve(
    tended: &mut Tended,
    requests: &Receiver<Request>,
) -> Result<Option<oneshot::Sender<()>>, StoreError> {
    let closer = loop {
        match requests.recv_timeout(if tended.has_work { IDLE } else { SYNC }) {
            Ok(Request::Commit { records, done }) => {
                let result = tended.commit(records);
                let has_failed =
                    result.as_ref().is_err_and(|failure| !failure.error.is_temporary());
                // The engine task may have been cancelled.
                let _ = done.send(result);
                if has_failed {
                    return Ok(None);
                }
            }
            Ok(Request::Close { done }) => break Some(done),
            Err(RecvTimeoutError::Timeout) => tended.maintain()?,
            Err(RecvTimeoutError::Disconnected) => break None,
        }
        tended.sync_if_due()?;
    };
    tended.sync_at_end();
    Ok(closer)
}

impl Tended {
    fn new(store: Box<dyn Store>, clock: Arc<dyn Clock>, metrics: Arc<Metrics>) -> Self {
        metrics.note_store(store.levels());
        let synced = Instant::now();
        Self { store, clock, synced, metrics, has_work: true, has_warned: false }
    }

    fn commit(&mut self, records: Vec<StampedRecord>) -> Result<(), NotCommitted> {
        self.has_work = true;
        let begun = std::time::Instant::now();
        let result = self.store.commit(&records);
        self.metrics.note_commit(begun.elapsed(), records.len());
        result.map_err(|error| {
            self.metrics.note_store(self.store.levels());
            NotCommitted { error, records }
        })
    }

    fn maintain(&mut self) -> Result<(), StoreError> {
        let result = self.store.maintain(self.clock.now());
        self.has_work = *result.as_ref().unwrap_or(&false);
        self.wait_for_room(result.map(drop))
    }

    fn sync_if_due(&mut self) -> Result<(), StoreError> {
        if self.synced.elapsed() < SYNC {
            return Ok(());
        }
        self.synced = Instant::now();
        self.metrics.note_store(self.store.levels());
        if self.has_work {
            self.prune_for_a_while()?;
        }
        let result = self.store.sync();
        self.wait_for_room(result)
    }

    /// Turns a lack of room into a warning: the work is done after a later commit.
    fn wait_for_room(&mut self, result: Result<(), StoreError>) -> Result<(), StoreError> {
        match result {
            Err(failure) if failure.is_temporary() => {
                if !mem::replace(&mut self.has_warned, true) {
                    warn!(%failure, "the store cannot be tidied up");
                }
                Ok(())
            }
            result => result,
        }
    }

    /// Prunes while the store is too busy to be [maintained](Self::maintain).
    fn prune_for_a_while(&mut self) -> Result<(), StoreError> {
        let begun = std::time::Instant::now();
        while begun.elapsed() < PRUNING {
            match self.store.prune(self.clock.now()) {
                Ok(true) => {}
                result => return self.wait_for_room(result.map(drop)),
            }
        }
        Ok(())
    }

    fn sync_at_end(&mut self) {
        if let Err(failure) = self.store.sync() {
            error!(%failure, "the store cannot be synced");
        }
    }
}
