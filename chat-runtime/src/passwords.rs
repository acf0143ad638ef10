//! Accounts with passwords: the engine keeps them, and the application checks the passwords.

use crate::authenticator::Unavailable;
use crate::places::Places;
use async_trait::async_trait;
use chat_core::Answer;
use chat_dialects::HostRequest;
use std::sync::Arc;
use std::time::Duration;

/// Checks and hashes the passwords of the accounts that the engine keeps.
///
/// The engine stores what this returns as credentials, and passes it back with the next question
/// about the account, so that an implementation keeps nothing itself. The crate `chat-accounts` has
/// one with Argon2id.
#[async_trait]
pub trait Passwords: Send + Sync {
    /// Answers [`Question::Register`] and [`Question::CheckPassword`] with [`Answer::Password`] or
    /// [`Answer::PasswordRefused`], and [`Question::Exchange`] with these or
    /// [`Answer::Challenge`]. The future is dropped when it takes longer than
    /// [`Config::answer_timeout`](chat_core::Config::answer_timeout).
    ///
    /// [`Question::Register`]: chat_core::Question::Register
    /// [`Question::CheckPassword`]: chat_core::Question::CheckPassword
    /// [`Question::Exchange`]: chat_core::Question::Exchange
    ///
    /// # Errors
    ///
    /// If the password cannot be checked at the moment, for example because too many others wait.
    /// The client is told to try again.
    async fn check(&self, request: &HostRequest) -> Result<Answer, Unavailable>;
}

#[async_trait]
impl<P: Passwords + ?Sized> Passwords for Box<P> {
    async fn check(&self, request: &HostRequest) -> Result<Answer, Unavailable> {
        (**self).check(request).await
    }
}

/// The password checks of a server, with a limit of requests at once.
#[derive(Clone)]
pub(crate) struct PasswordQueue {
    passwords: Arc<dyn Passwords>,
    places: Places,
}

impl PasswordQueue {
    pub(crate) fn new(passwords: Arc<dyn Passwords>, patience: Duration) -> Self {
        Self { passwords, places: Places::new("password check", patience) }
    }

    /// Answers a request within the time limit.
    pub(crate) async fn answer(&self, request: &HostRequest) -> Answer {
        self.places.wait(request.session, self.passwords.check(request)).await
    }
}
