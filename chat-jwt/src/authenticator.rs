//! Authenticates clients by their tokens.

use crate::remote_keys::NotFetched;
use crate::token::{Claims, Requirements, TokenError};
use crate::{JwtKey, Keys};
use async_trait::async_trait;
use chat_runtime::chat_core::{Answer, Identity};
use chat_runtime::chat_dialects::AuthRequest;
use chat_runtime::{Authenticator, Clock, SystemClock, Unavailable};
use jsonwebtoken::{Header, decode_header};
use std::fmt;
use std::time::Duration;
use tracing::debug;

/// An authenticator that accepts tokens that are signed with one of its keys.
///
/// An invalid token is refused even if [guests](Self::guests) are allowed: a user who has logged in
/// must not become a guest without noticing. Tokens are never logged.
pub struct JwtAuthenticator {
    keys: Vec<Keys>,
    requirements: Requirements,
    guests: bool,
    passwords: bool,
    clock: Box<dyn Clock>,
}

impl JwtAuthenticator {
    /// The longest token that is accepted, in bytes. The limit leaves room for claims that a chat
    /// does not need.
    pub const LONGEST_TOKEN: usize = 8_192;

    /// The default [nickname claims](Self::nickname_claims): the claims of OpenID Connect Core §5.1
    /// that are most likely to be a nickname.
    pub const NICKNAME_CLAIMS: [&str; 3] = ["preferred_username", "nickname", "name"];

    /// Accepts tokens that are signed with this key, or a key of this set, and have an expiry time,
    /// from any issuer.
    pub fn new(keys: impl Into<Keys>) -> Self {
        let leeway = Duration::from_secs(5);
        Self {
            keys: vec![keys.into()],
            requirements: Requirements {
                issuer: None,
                audience: None,
                expiry: true,
                leeway,
                nicknames: Self::NICKNAME_CLAIMS.map(Into::into).to_vec(),
                account_prefix: String::new(),
            },
            guests: false,
            passwords: false,
            clock: Box::new(SystemClock::new()),
        }
    }

    /// Accepts another key or key set as well, so that keys can be rotated while tokens of the
    /// previous key are still in use.
    ///
    /// A token whose `kid` is the id of a key is verified with that key. Other tokens are verified
    /// with each [single key](crate::JwtKey) in turn, and with the keys of a set only if there is
    /// no doubt which one is meant.
    #[must_use]
    pub fn key(mut self, keys: impl Into<Keys>) -> Self {
        self.keys.push(keys.into());
        self
    }

    /// Requires this `iss`. There can be only one issuer, because the same `sub` of another issuer
    /// may be another person (RFC 7519 §4.1.2).
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.requirements.issuer = Some(issuer.into());
        self
    }

    /// Requires that `aud` is this audience or contains it. Without this setting, a token that has
    /// an `aud` is refused, since it is meant for another recipient (RFC 7519 §4.1.3).
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.requirements.audience = Some(audience.into());
        self
    }

    /// Sets by how much the clocks of the login and the chat may differ: a token is accepted this
    /// long before `nbf` and after `exp`. The default is 5 seconds.
    #[must_use]
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.requirements.leeway = leeway;
        self
    }

    /// Sets the claims that a nickname is taken from, in order of preference. The user gets the
    /// first of these names that is a valid nickname and free, and cannot change it. If a token has
    /// some of these claims and none is usable, the user gets the nickname that the client has
    /// chosen, or else a generated one.
    #[must_use]
    pub fn nickname_claims(mut self, claims: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.requirements.nicknames = claims.into_iter().map(Into::into).collect();
        self
    }

    /// Sets whether a token must have an expiry time. The default is true: a token without one is
    /// valid for as long as its key.
    #[must_use]
    pub fn expiry_required(mut self, required: bool) -> Self {
        self.requirements.expiry = required;
        self
    }

    /// Sets whether a client without a token is admitted as a guest, with any free nickname. The
    /// default is false.
    #[must_use]
    pub fn guests(mut self, allowed: bool) -> Self {
        self.guests = allowed;
        self
    }

    /// Sets what is put before `sub` to make the account. A prefix that no nickname can have, such
    /// as `sso:`, keeps the accounts of the login apart from those that clients register with a
    /// password: otherwise, whoever registers somebody's `sub` first keeps that person out. The
    /// default is none.
    #[must_use]
    pub fn account_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.requirements.account_prefix = prefix.into();
        self
    }

    /// Sets whether refusals say that a client can also log in with a password, because the server
    /// keeps accounts. The default is false.
    #[must_use]
    pub fn passwords(mut self, possible: bool) -> Self {
        self.passwords = possible;
        self
    }

    /// Sets the clock by which tokens expire. It should be the clock of the server. The default is
    /// the system clock.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    async fn identity(&self, token: Option<&str>) -> Result<Identity, TokenError> {
        let token = token.ok_or(TokenError::Missing)?;
        if token.len() > Self::LONGEST_TOKEN {
            return Err(TokenError::TooLong);
        }
        let header = decode_header(token).map_err(|_| TokenError::Unverified)?;
        let claims = match self.claims(token, &header) {
            Err(TokenError::Unverified) if self.renewed(header.kid.as_deref()).await? => {
                self.claims(token, &header)
            }
            claims => claims,
        };
        claims?.identity(self.clock.now(), &self.requirements)
    }

    /// Verifies a token with the keys that it names, or else with those that may be meant.
    fn claims(&self, token: &str, header: &Header) -> Result<Claims, TokenError> {
        let kid = header.kid.as_deref();
        let mut keys = kid.map(|kid| self.named(kid)).unwrap_or_default();
        if keys.is_empty() {
            let unnamed = |keys: &Keys| keys.unnamed(header.alg, kid);
            keys.extend(self.keys.iter().filter_map(unnamed));
        }
        let mut claims = Err(TokenError::Unverified);
        for JwtKey { algorithm, key, .. } in &keys {
            claims = Claims::verified(token, key, *algorithm);
            if !matches!(claims, Err(TokenError::Unverified)) {
                break;
            }
        }
        claims
    }

    fn named(&self, kid: &str) -> Vec<JwtKey> {
        self.keys.iter().flat_map(|keys| keys.named(kid)).collect()
    }

    /// Fetches the keys that are not known yet, or all that are fetched if none has the id that a
    /// token names. Returns true if there may be new keys.
    async fn renewed(&self, kid: Option<&str>) -> Result<bool, TokenError> {
        let is_unknown = kid.is_some_and(|kid| self.named(kid).is_empty());
        let mut any = false;
        for remote in self.keys.iter().filter_map(Keys::remote) {
            if is_unknown || remote.current().is_none() {
                any |= remote.renewed().await.map_err(|NotFetched| TokenError::NoKeysYet)?;
            }
        }
        Ok(any)
    }
}

/// Shows which keys there are, and nothing of them.
impl fmt::Debug for JwtAuthenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { keys, requirements, guests, passwords, clock: _ } = self;
        let mut debug = f.debug_struct("JwtAuthenticator");
        debug.field("keys", keys).field("requirements", requirements);
        debug.field("guests", guests).field("passwords", passwords).finish_non_exhaustive()
    }
}

#[async_trait]
impl Authenticator for JwtAuthenticator {
    async fn authenticate(&self, request: &AuthRequest) -> Result<Answer, Unavailable> {
        let token = request.token.as_ref();
        Ok(match self.identity(token.map(|token| token.expose())).await {
            Ok(identity) => Answer::Account(identity),
            Err(TokenError::Missing) if self.guests => Answer::Guest,
            // The cause has been logged.
            Err(TokenError::NoKeysYet) => Answer::Unavailable,
            Err(error) => {
                debug!(session = request.session.0, %error, "a token was refused");
                Answer::Refused(error.message(request, self.passwords))
            }
        })
    }
}
