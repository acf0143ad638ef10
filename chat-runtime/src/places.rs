//! Questions of the engine that a part of the application answers.

use chat_core::{Answer, SessionId};
use std::fmt::Display;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tracing::warn;

/// The places for questions to one part of the application: a limit of questions at once, and a
/// time limit.
#[derive(Clone)]
pub(crate) struct Places {
    /// The name of the part, for the log.
    part: &'static str,
    patience: Duration,
    places: Arc<Semaphore>,
}

impl Places {
    pub(crate) fn new(part: &'static str, patience: Duration) -> Self {
        Self { part, patience, places: Arc::new(Semaphore::new(QUESTIONS)) }
    }

    /// Waits for an answer within the time limit. If the part panics there is no answer, and the
    /// engine's own time limit applies.
    pub(crate) async fn wait(
        &self,
        session: SessionId,
        answer: impl Future<Output = Result<Answer, impl Display>>,
    ) -> Answer {
        let Ok(_place) = self.places.try_acquire() else {
            return self.unavailable(session, &"too many questions at once");
        };
        match timeout(self.patience, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => self.unavailable(session, &error),
            Err(_) => self.unavailable(session, &"it took too long"),
        }
    }

    /// Logs a failure of the part, and returns the answer for it.
    pub(crate) fn unavailable(&self, session: SessionId, why: &dyn Display) -> Answer {
        warn!(session = session.0, %why, "the {} has failed", self.part);
        Answer::Unavailable
    }
}

/// The largest number of questions at once: enough for all clients that return after a restart, and
/// a bound for the load that a flood can put on a database.
const QUESTIONS: usize = 1_024;
