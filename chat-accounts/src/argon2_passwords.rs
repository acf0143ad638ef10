//! Answers the engine's questions about passwords.

use crate::credentials::Credentials;
use crate::external_login::ExternalLogin;
use crate::hasher::{Hasher, Verdict};
use crate::passwords::{Password, PasswordError};
use crate::scram_logins::{ScramLogins, ScramStep};
use crate::token::SessionToken;
use async_trait::async_trait;
use chat_core::{AccountName, Answer, PasswordRefusal, Question, Secret, Text};
use chat_dialects::HostRequest;
use chat_runtime::{Passwords, Unavailable};
use sha2::{Digest, Sha256};
use std::fmt;
use subtle::{Choice, ConstantTimeEq};

/// Checks the passwords of a server's accounts with a [`Hasher`].
///
/// ```
/// use chat_accounts::{Argon2Passwords, Hasher, HasherConfig};
/// use chat_core::{Config, Secret};
/// use chat_runtime::Server;
///
/// let hasher = Hasher::new(&HasherConfig::default())?;
/// let passwords = Argon2Passwords::new(hasher).registration_code(&Secret::new("tea-at-five"));
/// let config = Config { registration: true, ..Config::default() };
/// let server = Server::new().config(config).passwords(passwords);
/// # drop(server);
/// # Ok::<(), chat_accounts::HasherConfigError>(())
/// ```
///
/// Accounts keep what the engine stores for them, so that this has nothing to lose in a restart.
/// The engine limits how often somebody may guess, and says with
/// [`Config::registration`](chat_core::Config::registration) whether clients can register.
pub struct Argon2Passwords {
    hasher: Hasher,
    /// SHA-256 of the codes, which have equal lengths in contrast to the codes.
    codes: Vec<[u8; 32]>,
    accepts_weak: bool,
    /// `None` if clients cannot log in with SCRAM.
    scram: Option<ScramLogins>,
}

impl Argon2Passwords {
    /// The mechanism of SASL with which clients can log in, if the hasher
    /// [makes verifiers](crate::HasherConfig::scram_iterations).
    pub const SCRAM: &str = "SCRAM-SHA-256";

    /// Checks passwords with this hasher. Without codes, every client can register.
    pub fn new(hasher: Hasher) -> Self {
        let scram = hasher.scram_logins();
        Self { hasher, codes: Vec::new(), accepts_weak: false, scram }
    }

    /// Lets only clients that know this code, or another one of several, register.
    #[must_use]
    pub fn registration_code(mut self, code: &Secret) -> Self {
        self.codes.push(digest(code));
        self
    }

    /// Accepts new passwords that are [easy to guess](Password::check_strength), too: for tests,
    /// and for networks that nobody else reaches.
    #[must_use]
    pub fn accept_weak(mut self) -> Self {
        self.accepts_weak = true;
        self
    }

    /// Derives the salts that clients get for accounts that do not exist from this secret, so that
    /// they are the same after a restart. Otherwise, a client that asks before and after a restart
    /// finds out that there is no such account.
    #[must_use]
    pub fn salt_secret(mut self, secret: &Secret) -> Self {
        if let Some(scram) = &mut self.scram {
            scram.set_key(secret);
        }
        self
    }

    /// Returns the hasher.
    pub fn hasher(&self) -> &Hasher {
        &self.hasher
    }

    async fn register(
        &self,
        account: &AccountName,
        password: &Secret,
        code: Option<&Secret>,
    ) -> Result<Answer, Unavailable> {
        if !self.admits(code) {
            return Ok(Answer::PasswordRefused(PasswordRefusal::WrongCode));
        }
        let password = match self.new_password(password, account.as_str()) {
            Ok(password) => password,
            Err(error) => return Ok(too_weak(error)),
        };
        let credentials = Some(self.hasher.hash(&password).await?.to_secret());
        Ok(Answer::Password { credentials, token: Some(token()) })
    }

    /// Checks a password, and replaces the credentials if there is a new one, or if they are
    /// outdated.
    async fn check_password(
        &self,
        account: &Text,
        password: &Secret,
        credentials: Option<&Secret>,
        new: Option<&Secret>,
    ) -> Result<Answer, Unavailable> {
        let wrong = Answer::PasswordRefused(PasswordRefusal::Wrong);
        // Nobody has such a password. The answer comes at once for every account, known or not.
        let Ok(password) = Password::prepare(password) else { return Ok(wrong) };
        // An account without a password takes the time of one with another password.
        let with_password = credentials.filter(|text| ExternalLogin::parse(text).is_none());
        let credentials = with_password.map(Credentials::parse).transpose()?;
        let outdated = match self.hasher.verify(&password, credentials.as_ref()).await? {
            Verdict::Right { outdated } => outdated,
            Verdict::Wrong => return Ok(wrong),
        };
        if let Some(new) = new {
            let new = match self.new_password(new, account.as_str()) {
                Ok(new) => new,
                Err(error) => return Ok(too_weak(error)),
            };
            let credentials = Some(self.hasher.hash(&new).await?.to_secret());
            // The session has logged in already.
            return Ok(Answer::Password { credentials, token: None });
        }
        let credentials = if outdated {
            // If too many others wait, the old credentials are good enough until the next login.
            self.hasher.hash(&password).await.ok().map(|credentials| credentials.to_secret())
        } else {
            None
        };
        Ok(Answer::Password { credentials, token: Some(token()) })
    }

    /// Checks the messages of a login with SCRAM-SHA-256.
    fn exchange(
        &self,
        (mechanism, account): (&Text, &Text),
        messages: &[Secret],
        credentials: Option<&Secret>,
    ) -> Answer {
        let wrong = Answer::PasswordRefused(PasswordRefusal::Wrong);
        let is_known = mechanism.as_str() == Self::SCRAM;
        let Some(scram) = self.scram.as_ref().filter(|_| is_known) else { return wrong };
        match scram.check(account, messages, credentials) {
            ScramStep::Challenge(message) => Answer::Challenge { message: Secret::new(message) },
            ScramStep::Complete => Answer::Password { credentials: None, token: Some(token()) },
            ScramStep::Wrong => wrong,
        }
    }

    /// Prepares the new password of an account, if it is hard enough to guess.
    fn new_password(&self, text: &Secret, account: &str) -> Result<Password, PasswordError> {
        let password = Password::prepare(text)?;
        if !self.accepts_weak {
            password.check_strength(account)?;
        }
        Ok(password)
    }

    /// Returns true for a code with which a client may register. The time does not depend on how
    /// much of it is right.
    fn admits(&self, code: Option<&Secret>) -> bool {
        if self.codes.is_empty() {
            return true;
        }
        let Some(code) = code.map(digest) else { return false };
        let equal = self.codes.iter().map(|known| known.ct_eq(&code));
        equal.fold(Choice::from(0), |any, equal| any | equal).into()
    }
}

/// Has no part of the codes.
impl fmt::Debug for Argon2Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { hasher, codes, accepts_weak, scram } = self;
        let mut debug = f.debug_struct("Argon2Passwords");
        debug.field("hasher", hasher).field("codes", &codes.len());
        debug.field("accepts_weak", accepts_weak).field("scram", &scram.is_some()).finish()
    }
}

#[async_trait]
impl Passwords for Argon2Passwords {
    async fn check(&self, request: &HostRequest) -> Result<Answer, Unavailable> {
        match &request.question {
            Question::Register { account, password, code } => {
                self.register(account, password, code.as_ref()).await
            }
            Question::CheckPassword { account, password, credentials, new } => {
                self.check_password(account, password, credentials.as_ref(), new.as_ref()).await
            }
            Question::Exchange { mechanism, account, messages, credentials } => {
                Ok(self.exchange((mechanism, account), messages, credentials.as_ref()))
            }
            Question::Authenticate { .. }
            | Question::History { .. }
            | Question::PrivateHistory { .. }
            | Question::Missed(_)
            | Question::Search(_)
            | _ => Err("this question is not about a password".into()),
        }
    }
}

fn too_weak(error: PasswordError) -> Answer {
    let reason = Text::clean(&error.to_string());
    Answer::PasswordRefused(PasswordRefusal::TooWeak(reason))
}

fn token() -> Secret {
    SessionToken::random().into_secret()
}

fn digest(code: &Secret) -> [u8; 32] {
    Sha256::digest(code.expose()).into()
}
