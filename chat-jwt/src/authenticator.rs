//! Who somebody is, by their token.

use crate::JwtKey;
use crate::token::{Claims, Demands, Unfit};
use async_trait::async_trait;
use chat_runtime::chat_core::{Answer, Identity};
use chat_runtime::chat_dialects::AuthRequest;
use chat_runtime::{Authenticator, Clock, SystemClock, Unavailable};
use jsonwebtoken::decode_header;
use std::time::Duration;
use tracing::debug;

/// Lets in who has a token that is signed with one of its keys.
///
/// A token that is no good is refused even where [guests](Self::guests) may come in without one:
/// who has logged in is not to become somebody else without noticing. No token is ever logged.
pub struct JwtAuthenticator {
    keys: Vec<JwtKey>,
    demands: Demands,
    guests: bool,
    clock: Box<dyn Clock>,
}

impl JwtAuthenticator {
    /// The longest token that is looked at, in bytes: there is room for some claims more than a
    /// chat needs.
    pub const LONGEST_TOKEN: usize = 8_192;

    /// The claims that a nickname is taken from, unless [others](Self::nickname_claims) are named:
    /// those of OpenID Connect Core §5.1 that are most likely to be one.
    pub const NICKNAME_CLAIMS: [&str; 3] = ["preferred_username", "nickname", "name"];

    /// Believes what is signed with this key and says when it expires, whoever it is from.
    pub fn new(key: JwtKey) -> Self {
        let leeway = Duration::from_secs(5);
        Self {
            keys: vec![key],
            demands: Demands {
                issuer: None,
                audience: None,
                expiry: true,
                leeway,
                nicknames: Self::NICKNAME_CLAIMS.map(Into::into).to_vec(),
            },
            guests: false,
            clock: Box::new(SystemClock::new()),
        }
    }

    /// Believes another key as well: the one that comes next, while the last tokens of the one
    /// before are about. A token whose `kid` is the [id](JwtKey::with_id) of a key is checked with
    /// that; the others with each key.
    #[must_use]
    pub fn key(mut self, key: JwtKey) -> Self {
        self.keys.push(key);
        self
    }

    /// Demands that `iss` is this. There can be only one: another's `sub` may be somebody else (RFC
    /// 7519 §4.1.2).
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.demands.issuer = Some(issuer.into());
        self
    }

    /// Demands that `aud` is this, or has this in it. Without, a token that has an `aud` is
    /// refused, since it is meant for somebody else (RFC 7519 §4.1.3).
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.demands.audience = Some(audience.into());
        self
    }

    /// Sets by how much the clocks of the login and the chat may differ: `exp` and `nbf` are
    /// believed for so long beyond. 5 seconds.
    #[must_use]
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.demands.leeway = leeway;
        self
    }

    /// Sets the claims that a nickname is taken from, the best first: the user has the first of
    /// these names that is a valid nickname and free, and cannot change it. If a token has some of
    /// the claims and none will do, the client's own choice counts, or else the user has a
    /// generated name.
    #[must_use]
    pub fn nickname_claims(mut self, claims: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.demands.nicknames = claims.into_iter().map(Into::into).collect();
        self
    }

    /// Decides whether a token has to say when it expires. Yes: one that does not is good for as
    /// long as its key.
    #[must_use]
    pub fn expiry_required(mut self, required: bool) -> Self {
        self.demands.expiry = required;
        self
    }

    /// Decides whether who has no token may come in as a guest, under any name that is free. No.
    #[must_use]
    pub fn guests(mut self, allowed: bool) -> Self {
        self.guests = allowed;
        self
    }

    /// Sets the clock by which tokens expire, which is to be the server's. The system's.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    fn identity(&self, token: Option<&str>) -> Result<Identity, Unfit> {
        let token = token.ok_or(Unfit::Missing)?;
        if token.len() > Self::LONGEST_TOKEN {
            return Err(Unfit::TooLong);
        }
        let kid = decode_header(token).map_err(|_| Unfit::Unverified)?.kid;
        let named = self.keys.iter().find(|key| key.id.is_some() && key.id == kid);
        let keys = named.map_or(&self.keys[..], std::slice::from_ref);
        let mut read = Err(Unfit::Unverified);
        for JwtKey { algorithm, key, .. } in keys {
            read = Claims::verified(token, key, *algorithm);
            if !matches!(read, Err(Unfit::Unverified)) {
                break;
            }
        }
        read?.identity(self.clock.now(), &self.demands)
    }
}

#[async_trait]
impl Authenticator for JwtAuthenticator {
    async fn authenticate(&self, request: &AuthRequest) -> Result<Answer, Unavailable> {
        let token = request.token.as_ref();
        Ok(match self.identity(token.map(|token| token.expose())) {
            Ok(identity) => Answer::Account(identity),
            Err(Unfit::Missing) if self.guests => Answer::Guest,
            Err(why) => {
                debug!(session = request.session.0, %why, "a token was refused");
                Answer::Refused(why.told(request))
            }
        })
    }
}
