//! Who somebody is: asked by the engine, answered by the application.

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

/// Finds out who somebody is before they get a name: from a token, a password, a database.
///
/// ```
/// use chat_runtime::core::{Answer, Config, Identity, Text};
/// use chat_runtime::dialects::AuthRequest;
/// use chat_runtime::{Authenticator, Server, Unavailable};
///
/// /// Lets in who knows the word, as one and the same user.
/// struct Password(&'static str);
///
/// #[async_trait::async_trait]
/// impl Authenticator for Password {
///     async fn authenticate(&self, request: &AuthRequest) -> Result<Answer, Unavailable> {
///         let Some(token) = &request.token else {
///             return Ok(Answer::Guest);
///         };
///         if token.expose() != self.0 {
///             return Ok(Answer::Refused(Text::clean("that is not the word")));
///         }
///         let account = "friend".into();
///         Ok(Answer::Account(Identity { account, nicknames: Vec::new(), expires: None }))
///     }
/// }
///
/// let server = Server::new(Config::default()).authenticator(Password("sesame"));
/// # drop(server);
/// ```
#[async_trait]
pub trait Authenticator: Send + Sync {
    /// Says who it is. It is dropped when it takes longer than
    /// [`Config::answer_timeout`](chat_core::Config::answer_timeout).
    ///
    /// # Errors
    ///
    /// If it cannot be told at the moment: whoever asked for a name is told to try again.
    async fn authenticate(&self, request: &AuthRequest) -> Result<Answer, Unavailable>;
}

#[async_trait]
impl<A: Authenticator + ?Sized> Authenticator for Box<A> {
    async fn authenticate(&self, request: &AuthRequest) -> Result<Answer, Unavailable> {
        (**self).authenticate(request).await
    }
}

/// Why it cannot be told at the moment who somebody is: for the log, not for them.
pub type Unavailable = Box<dyn Error + Send + Sync>;

/// The authenticator of a server, which is asked many questions at once, but not without end.
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
        Self { authenticator, clock, patience, places: Arc::new(Semaphore::new(QUESTIONS)) }
    }

    /// Answers a question about a request that opens no session. The engine checks that a login has
    /// not expired when it opens one; here nobody else does.
    pub(crate) async fn answer_request(&self, request: &AuthRequest) -> Answer {
        let answer = self.answer(request).await;
        if let Answer::Account(Identity { expires: Some(expires), .. }) = &answer
            && *expires <= self.clock.now()
        {
            return Answer::Refused(Text::clean("your login has expired"));
        }
        answer
    }

    /// Answers a question, in time and whatever happens but a panic, after which the engine waits
    /// in vain and says so.
    pub(crate) async fn answer(&self, request: &AuthRequest) -> Answer {
        let session = request.session;
        let Ok(_place) = self.places.try_acquire() else {
            return unavailable(session, &"too many questions at once");
        };
        match timeout(self.patience, self.authenticator.authenticate(request)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => unavailable(session, &error),
            Err(_) => unavailable(session, &"it took too long"),
        }
    }
}

fn unavailable(session: SessionId, why: &dyn std::fmt::Display) -> Answer {
    warn!(session = session.0, %why, "cannot tell who somebody is");
    Answer::Unavailable
}

/// Most questions at once: enough for everybody who comes back after a restart, and an end to what
/// a flood can make a database do.
const QUESTIONS: usize = 1_024;
