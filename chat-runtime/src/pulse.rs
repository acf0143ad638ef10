//! When a peer was last heard of, for transports that can ask whether it is still there.

use crate::Limits;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// What the reading half of a connection tells the writing half about its peer.
#[derive(Debug)]
pub(crate) struct Pulse(Mutex<Felt>);

#[derive(Clone, Copy, Debug)]
struct Felt {
    last: Instant,
    /// When the peer was asked whether it is still there, if it has been silent since.
    asked: Option<Instant>,
}

/// What a silent peer needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Care {
    /// To be asked whether it is still there.
    Ask,
    /// To be closed: it was asked, and has not answered.
    GiveUp,
}

impl Pulse {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Felt { last: Instant::now(), asked: None }))
    }

    /// Notes that something has come from the peer.
    pub(crate) fn felt(&self) {
        *self.lock() = Felt { last: Instant::now(), asked: None };
    }

    /// Comes back when the peer has been silent for so long that something has to be done. Cancel safe.
    pub(crate) async fn silence(&self, limits: &Limits) -> Care {
        loop {
            // What comes meanwhile does not wake this up: it looks again when it would have had something to do.
            let felt = *self.lock();
            let question = later(felt.asked.unwrap_or(felt.last), limits.ping_after);
            let end = later(felt.last, limits.silence);
            let now = Instant::now();
            if felt.asked.is_some() && now >= end {
                return Care::GiveUp;
            }
            if now >= question {
                self.lock().asked = Some(now);
                return Care::Ask;
            }
            sleep_until(if felt.asked.is_some() { question.min(end) } else { question }).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Felt> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// So much later, or as late as makes no difference.
fn later(from: Instant, by: Duration) -> Instant {
    const A_YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    from + by.min(A_YEAR)
}
