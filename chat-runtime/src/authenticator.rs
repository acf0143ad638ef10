//! Authentication: the engine requests it, and the application answers.

use crate::clock::Clock;
use async_trait::async_trait;
use chat_core::{Answer, Identity, SessionId, Text};
use chat_dialects::AuthRequest;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tracing::warn;

/// Authenticates sessions before they get a nickname, for instance by a token or from a database.
///
/// ```
/// use chat_runtime::chat_core::{Answer, Config, Identity, Text};
/// use chat_runtime::chat_dialects::AuthRequest;
/// use chat_runtime::{Authenticator, Server, Unavailable};
///
/// /// Clients that know the password are one user.
/// struct Password(&'static str);
///
/// #[async_trait::async_trait]
/// impl Authenticator for Password {
///     async fn authenticate(&self, request: &AuthRequest) -> Result<Answer, Unavailable> {
///         let Some(token) = &request.token else {
///             return Ok(Answer::Guest);
///         };
///         if token.expose() != self.0 {
///             return Ok(Answer::Refused(Text::clean("that is not the password")));
///         }
///         Ok(Answer::Account(Identity::new("friend")))
///     }
/// }
///
/// let server = Server::new().authenticator(Password("sesame"));
/// # drop(server);
/// ```
#[async_trait]
pub trait Authenticator: Send + Sync {
    /// Authenticates a session. The future is dropped when it takes longer than
    /// [`Config::answer_timeout`](chat_core::Config::answer_timeout).
    ///
    /// # Errors
    ///
    /// If the authenticator cannot answer at the moment. The client is told to try again.
    async fn authenticate(&self, request: &AuthRequest) -> Result<Answer, Unavailable>;
}

#[async_trait]
impl<A: Authenticator + ?Sized> Authenticator for Box<A> {
    async fn authenticate(&self, request: &AuthRequest) -> Result<Answer, Unavailable> {
        (**self).authenticate(request).await
    }
}

/// The error of an authenticator that cannot answer at the moment. It is logged; the client does
/// not see it.
pub type Unavailable = Box<dyn Error + Send + Sync>;

/// The authenticator of a server, with a limit of requests at once.
#[derive(Clone)]
pub(crate) struct AuthQueue {
    authenticator: Arc<dyn Authenticator>,
    clock: Arc<dyn Clock>,
    patience: Duration,
    places: Arc<Semaphore>,
}

impl AuthQueue {
    pub(crate) fn new(
        authenticator: Arc<dyn Authenticator>,
        clock: Arc<dyn Clock>,
        patience: Duration,
    ) -> Self {
        Self { authenticator, clock, patience, places: Arc::new(Semaphore::new(REQUESTS)) }
    }

    /// Answers a request that concerns no session. Where there is a session, the engine checks that
    /// the authentication has not expired; this function does it itself.
    pub(crate) async fn answer_request(&self, request: &AuthRequest) -> Answer {
        let answer = self.answer(request).await;
        if let Answer::Account(Identity { expires: Some(expires), .. }) = &answer
            && *expires <= self.clock.now()
        {
            return Answer::Refused(Text::clean("your login has expired"));
        }
        answer
    }

    /// Answers a request within the time limit. If the authenticator panics there is no answer, and
    /// the engine's own time limit applies.
    pub(crate) async fn answer(&self, request: &AuthRequest) -> Answer {
        let session = request.session;
        let Ok(_place) = self.places.try_acquire() else {
            return unavailable(session, &"too many requests at once");
        };
        match timeout(self.patience, self.authenticator.authenticate(request)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => unavailable(session, &error),
            Err(_) => unavailable(session, &"it took too long"),
        }
    }
}

fn unavailable(session: SessionId, why: &dyn std::fmt::Display) -> Answer {
    warn!(session = session.0, %why, "the authenticator has failed");
    Answer::Unavailable
}

/// The largest number of requests at once: enough for all clients that return after a restart, and
/// a bound for the load that a flood can put on a database.
const REQUESTS: usize = 1_024;
