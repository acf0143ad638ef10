//! Authentication: the engine requests it, and the application answers.

use crate::clock::Clock;
use crate::places::Places;
use async_trait::async_trait;
use chat_core::{Answer, Identity, Text};
use chat_dialects::AuthRequest;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

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

/// The error of an authenticator, or of a [source of older messages](crate::HistorySource), that
/// cannot answer at the moment. It is logged; the client does not see it.
pub type Unavailable = Box<dyn Error + Send + Sync>;

/// The authenticator of a server, with a limit of requests at once.
#[derive(Clone)]
pub(crate) struct AuthQueue {
    authenticator: Arc<dyn Authenticator>,
    clock: Arc<dyn Clock>,
    places: Places,
}

impl AuthQueue {
    pub(crate) fn new(
        authenticator: Arc<dyn Authenticator>,
        clock: Arc<dyn Clock>,
        patience: Duration,
    ) -> Self {
        Self { authenticator, clock, places: Places::new("authenticator", patience) }
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

    /// Answers a request within the time limit.
    pub(crate) async fn answer(&self, request: &AuthRequest) -> Answer {
        let session = request.session;
        let answer = self.places.wait(session, self.authenticator.authenticate(request)).await;
        if matches!(answer, Answer::Messages { .. }) {
            return self.places.unavailable(session, &"messages do not say who a client is");
        }
        answer
    }
}
