//! The thread that writes to the store.

use chat_core::StampedRecord;
use chat_store::{Store, StoreError};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tracing::{error, info, warn};

/// A handle to the thread that owns the store. When it is dropped, the thread finishes its work and
/// ends.
pub(crate) struct StoreWriter {
    requests: Sender<Request>,
}

enum Request {
    /// Commits a round.
    Commit { records: Vec<StampedRecord>, done: oneshot::Sender<Result<(), StoreError>> },
    /// Closes the store.
    Close { done: oneshot::Sender<()> },
}

/// The time without commits after which the thread does work that can wait.
const IDLE: Duration = Duration::from_millis(200);
/// The time within which everything that is committed outlasts a loss of power.
const SYNC: Duration = Duration::from_secs(1);
/// The time after which a commit is tried again that found no room.
const RETRY: Duration = Duration::from_millis(250);

impl StoreWriter {
    /// Starts the thread. If the system has no thread for it, the first commit fails.
    pub(crate) fn start(store: Box<dyn Store>) -> Self {
        let (sender, requests) = channel();
        let thread = thread::Builder::new().name("chat-store".into());
        if let Err(failure) = thread.spawn(move || run(store, &requests)) {
            error!(%failure, "cannot start the thread of the store");
        }
        Self { requests: sender }
    }

    /// Commits the records of a round, and waits as long as there is no room for them.
    pub(crate) async fn commit(&self, records: Vec<StampedRecord>) -> Result<(), StoreError> {
        let (done, committed) = oneshot::channel();
        let gone = || StoreError::Failed("the thread of the store has ended".into());
        self.requests.send(Request::Commit { records, done }).map_err(|_| gone())?;
        committed.await.map_err(|_| gone())?
    }

    /// Closes the store, and waits until that is done.
    pub(crate) async fn close(self) {
        let (done, closed) = oneshot::channel();
        if self.requests.send(Request::Close { done }).is_ok() {
            let _ = closed.await;
        }
    }
}

fn run(mut store: Box<dyn Store>, requests: &Receiver<Request>) {
    let done = serve(&mut *store, requests);
    drop(store);
    if let Some(done) = done {
        // The engine task may have been cancelled.
        let _ = done.send(());
    }
}

/// Serves requests until the store is to be closed, or has failed.
fn serve(store: &mut dyn Store, requests: &Receiver<Request>) -> Option<oneshot::Sender<()>> {
    let mut synced = Instant::now();
    // True if the store has work that can wait.
    let mut has_work = true;
    let mut has_warned = false;
    let closer = loop {
        match requests.recv_timeout(if has_work { IDLE } else { SYNC }) {
            Ok(Request::Commit { records, done }) => {
                has_work = true;
                let result = commit(store, &records);
                let has_failed = result.is_err();
                // The engine task may have been cancelled.
                let _ = done.send(result);
                if has_failed {
                    return None;
                }
            }
            Ok(Request::Close { done }) => break Some(done),
            Err(RecvTimeoutError::Timeout) => match store.maintain() {
                Ok(more) => has_work = more,
                Err(failure) => {
                    // The next commit reports it, if it lasts.
                    if !std::mem::replace(&mut has_warned, true) {
                        warn!(%failure, "the store cannot be tidied up");
                    }
                    has_work = false;
                }
            },
            Err(RecvTimeoutError::Disconnected) => break None,
        }
        if synced.elapsed() >= SYNC {
            synced = Instant::now();
            if let Err(failure) = store.sync() {
                error!(%failure, "the store cannot be synced");
                return None;
            }
        }
    };
    if let Err(failure) = store.sync() {
        error!(%failure, "the store cannot be synced");
    }
    closer
}

/// Commits, and tries again as long as there is no room.
fn commit(store: &mut dyn Store, records: &[StampedRecord]) -> Result<(), StoreError> {
    let mut has_failed = false;
    loop {
        match store.commit(records) {
            Ok(()) => {
                if has_failed {
                    info!("the store has room again");
                }
                return Ok(());
            }
            Err(failure) if failure.is_temporary() => {
                if !has_failed {
                    error!(%failure, "nothing is delivered until the store has room again");
                }
                has_failed = true;
                thread::sleep(RETRY);
            }
            Err(failure) => return Err(failure),
        }
    }
}
