//! Keys that are fetched from the login, and change while the server runs.

use crate::{IgnoredKey, KeySet};
use async_trait::async_trait;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::task::AbortOnDropHandle;
use tracing::{debug, info, warn};

/// Fetches the text of a [`KeySet`].
#[async_trait]
pub trait FetchKeys: Send + Sync {
    /// Fetches the text, of at most [`KeySet::LONGEST`] bytes. The future is dropped when it takes
    /// longer than [`RemoteKeysConfig::patience`].
    ///
    /// # Errors
    ///
    /// If the text is not available at the moment. The error is logged.
    async fn fetch(&self) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>>;
}

/// The times at which keys are fetched. Start from [`RemoteKeysConfig::default`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RemoteKeysConfig {
    /// The time between two regular fetches, at least [`SHORTEST_REFRESH`](Self::SHORTEST_REFRESH).
    /// 15 minutes: a key that its login has withdrawn is accepted so long at most, while the login
    /// can be reached.
    pub refresh: Duration,
    /// The time after a fetch within which tokens with an unknown `kid` cause no further one, and
    /// after which a failed fetch is repeated. 30 seconds: clients that invent a `kid` cannot make
    /// the server flood the login.
    pub pause: Duration,
    /// The longest duration of a fetch. 5 seconds, which is less than clients wait for the answer
    /// to their login.
    pub patience: Duration,
}

impl RemoteKeysConfig {
    /// The shortest time between two regular fetches.
    pub const SHORTEST_REFRESH: Duration = Duration::from_secs(60);
}

impl Default for RemoteKeysConfig {
    fn default() -> Self {
        Self {
            refresh: Duration::from_secs(15 * 60),
            pause: Duration::from_secs(30),
            patience: Duration::from_secs(5),
        }
    }
}

/// The key set of a login, which a task fetches at the start, in regular intervals, and when a
/// token names an unknown key. A clone is another handle to the same keys; the task ends with the
/// last handle.
///
/// A failed fetch keeps the keys. The first failure of several in a row is logged, and so is their
/// end.
#[derive(Clone)]
pub struct RemoteKeys(Arc<Shared>);

struct Shared {
    state: Arc<watch::Sender<State>>,
    wish: Arc<Notify>,
    _task: AbortOnDropHandle<()>,
}

/// The result of the fetches so far.
#[derive(Clone, Default)]
struct State {
    set: Option<Arc<KeySet>>,
    /// The number of fetches that have ended.
    fetches: u64,
    /// True if the last fetch failed.
    is_failing: bool,
    /// The time from which a token with an unknown `kid` may cause a fetch; `None`: a fetch goes on
    /// or is about to begin.
    next: Option<Instant>,
}

/// The keys of the login are not known, and may be known later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotFetched;

impl RemoteKeys {
    /// Starts to fetch keys, on the current Tokio runtime.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime.
    pub fn start(fetch: impl FetchKeys + 'static, config: RemoteKeysConfig) -> Self {
        let state = Arc::new(watch::Sender::new(State::default()));
        let wish = Arc::new(Notify::new());
        let task = Task { fetch, config, wish: wish.clone(), state: state.clone() };
        let task = AbortOnDropHandle::new(tokio::spawn(task.run()));
        Self(Arc::new(Shared { state, wish, _task: task }))
    }

    /// Fetches the keys as soon as possible, also shortly after the last fetch, for example because
    /// an operator has asked for it.
    pub fn refresh(&self) {
        self.0.wish.notify_one();
    }

    /// Returns the keys that were fetched last.
    pub(crate) fn current(&self) -> Option<Arc<KeySet>> {
        self.0.state.borrow().set.clone()
    }

    /// Fetches the keys for a token with an unknown `kid`, unless this has been done a moment ago.
    /// Returns true if the keys have been fetched, so that another look is worth while.
    ///
    /// Many may wait for one fetch. Cancel safe.
    pub(crate) async fn renewed(&self) -> Result<bool, NotFetched> {
        let now = Instant::now();
        let (mut before, mut is_failing, mut waits) = (0, false, false);
        let begins = self.0.state.send_if_modified(|state| {
            let is_due = state.next.is_some_and(|next| next <= now);
            if is_due {
                state.next = None;
            }
            (before, is_failing, waits) = (state.fetches, state.is_failing, state.next.is_none());
            is_due
        });
        if begins {
            self.0.wish.notify_one();
        }
        if !waits {
            // The unknown key may be a new one, as long as the login cannot be asked.
            return if is_failing { Err(NotFetched) } else { Ok(false) };
        }
        let mut state = self.0.state.subscribe();
        match state.wait_for(|state| state.fetches != before).await {
            Ok(state) if !state.is_failing => Ok(true),
            Ok(_) | Err(_) => Err(NotFetched),
        }
    }
}

impl fmt::Debug for RemoteKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.0.state.borrow();
        let keys = state.set.as_ref().map(|set| set.keys().len());
        let mut debug = f.debug_struct("RemoteKeys");
        debug.field("keys", &keys).field("is_failing", &state.is_failing).finish_non_exhaustive()
    }
}

/// The task that fetches.
struct Task<F> {
    fetch: F,
    config: RemoteKeysConfig,
    wish: Arc<Notify>,
    state: Arc<watch::Sender<State>>,
}

impl<F: FetchKeys> Task<F> {
    async fn run(self) {
        loop {
            self.state.send_modify(|state| state.next = None);
            let fetched = self.fetched().await;
            let is_failing = fetched.is_err();
            self.note(fetched);
            let RemoteKeysConfig { refresh, pause, .. } = self.config;
            let wait =
                if is_failing { pause } else { refresh.max(RemoteKeysConfig::SHORTEST_REFRESH) };
            // A wish or the end of the time: both are a reason to fetch.
            let _ = timeout_at(Instant::now() + wait, self.wish.notified()).await;
        }
    }

    async fn fetched(&self) -> Result<KeySet, String> {
        let Ok(text) = timeout(self.config.patience, self.fetch.fetch()).await else {
            return Err(format!("there was no answer within {:?}", self.config.patience));
        };
        let text = text.map_err(|error| error.to_string())?;
        KeySet::parse(&text).map_err(|error| error.to_string())
    }

    fn note(&self, fetched: Result<KeySet, String>) {
        let State { is_failing: was_failing, set, .. } = self.state.borrow().clone();
        let had_keys = set.is_some();
        match &fetched {
            Ok(set) if was_failing || !had_keys => {
                info!(keys = set.keys().len(), "the keys for tokens have been fetched");
            }
            Ok(set) => debug!(keys = set.keys().len(), "the keys for tokens have been fetched"),
            Err(why) if was_failing => debug!(%why, "the keys for tokens cannot be fetched"),
            Err(why) if had_keys => {
                warn!(%why, "the keys for tokens cannot be fetched; the old ones stay in use");
            }
            Err(why) => warn!(
                %why,
                "the keys for tokens cannot be fetched; clients with a token are told to try again"
            ),
        }
        self.state.send_modify(|state| {
            state.fetches += 1;
            state.is_failing = fetched.is_err();
            state.next = Some(Instant::now() + self.config.pause);
            if let Ok(set) = fetched {
                for IgnoredKey { position, reason } in set.ignored() {
                    debug!(position, %reason, "a key is ignored");
                }
                state.set = Some(Arc::new(set));
            }
        });
    }
}
