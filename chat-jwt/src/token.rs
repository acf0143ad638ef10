//! The claims of a token, and their verification.

use chat_runtime::chat_core::{Identity, Text, Timestamp};
use chat_runtime::chat_dialects::AuthRequest;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::time::Duration;

/// The claims of a token (RFC 7519 §4.1). A claim of the wrong type makes the token invalid, unless
/// the claim is for a nickname.
#[derive(Deserialize)]
pub(crate) struct Claims {
    #[serde(default)]
    sub: String,
    exp: Option<NumericDate>,
    nbf: Option<NumericDate>,
    iss: Option<String>,
    aud: Option<Audience>,
    /// All other claims, which may be of any type.
    #[serde(flatten)]
    others: Map<String, Value>,
}

/// Seconds since the Unix epoch, with an optional fraction (RFC 7519 §2).
#[derive(Clone, Copy, Deserialize)]
struct NumericDate(f64);

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// The requirements that the claims of a token have to meet.
#[derive(Debug)]
pub(crate) struct Requirements {
    pub(crate) issuer: Option<String>,
    pub(crate) audience: Option<String>,
    pub(crate) expiry: bool,
    pub(crate) leeway: Duration,
    /// The claims that a nickname is taken from, in order of preference.
    pub(crate) nicknames: Vec<String>,
    /// The text before the `sub` in the name of the account.
    pub(crate) account_prefix: String,
}

/// The reason for which a client is refused by its token, or for lack of one. `Display` is for the
/// log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenError {
    #[error("there is no token")]
    Missing,
    #[error("the token is too long")]
    TooLong,
    #[error("the token is malformed, or no configured key verifies it")]
    Unverified,
    #[error("the keys that could verify the token are not available")]
    NoKeysYet,
    #[error("the token has critical extensions, and none is supported")]
    Critical,
    #[error("the token is from another issuer")]
    Issuer,
    #[error("the token is for another audience")]
    Audience,
    #[error("the token has no sub, or one that cannot be an account")]
    Subject,
    #[error("the token has no expiry time")]
    NoExpiry,
    #[error("the token has expired")]
    Expired,
    #[error("the token is not valid yet")]
    NotYetValid,
}

impl Claims {
    /// Verifies a token's signature with this key and this algorithm only. Returns its claims,
    /// which are not checked yet.
    pub(crate) fn verified(
        token: &str,
        key: &DecodingKey,
        algorithm: Algorithm,
    ) -> Result<Self, TokenError> {
        let mut signature_only = Validation::new(algorithm);
        // `identity` checks the claims, by the configured clock.
        signature_only.required_spec_claims.clear();
        signature_only.validate_exp = false;
        signature_only.validate_nbf = false;
        signature_only.validate_aud = false;
        let decoded =
            decode::<Self>(token, key, &signature_only).map_err(|_| TokenError::Unverified)?;
        // A recipient must reject critical extensions that it does not understand
        // (RFC 7515 §4.1.11).
        match decoded.header.crit {
            Some(_) => Err(TokenError::Critical),
            None => Ok(decoded.claims),
        }
    }

    /// Checks the claims at a time. Returns the identity that they describe.
    pub(crate) fn identity(
        self,
        now: Timestamp,
        requirements: &Requirements,
    ) -> Result<Identity, TokenError> {
        if requirements.issuer.is_some() && requirements.issuer != self.iss {
            return Err(TokenError::Issuer);
        }
        if !self.is_for(requirements.audience.as_deref()) {
            return Err(TokenError::Audience);
        }
        let expires = self.exp.map(|exp| exp.timestamp() + requirements.leeway);
        if requirements.expiry && expires.is_none() {
            return Err(TokenError::NoExpiry);
        }
        if expires.is_some_and(|expires| expires <= now) {
            return Err(TokenError::Expired);
        }
        if self.nbf.is_some_and(|nbf| nbf.timestamp() > now + requirements.leeway) {
            return Err(TokenError::NotYetValid);
        }
        let is_account = !self.sub.trim().is_empty()
            && self.sub.len() <= LONGEST_SUBJECT
            && !self.sub.contains(char::is_control);
        if !is_account {
            return Err(TokenError::Subject);
        }
        let names = requirements.nicknames.iter().filter_map(|claim| match claim.as_str() {
            "sub" => Some(self.sub.as_str()),
            other => self.others.get(other)?.as_str(),
        });
        let account = [&requirements.account_prefix, self.sub.as_str()].concat();
        let mut identity = Identity::new(account).with_nicknames(names);
        identity.expires = expires;
        Ok(identity)
    }

    /// Returns true if the token is meant for this audience. Without a configured audience, only
    /// tokens without `aud` are (RFC 7519 §4.1.3).
    fn is_for(&self, audience: Option<&str>) -> bool {
        match (&self.aud, audience) {
            (None, None) => true,
            (Some(Audience::One(one)), Some(audience)) => one == audience,
            (Some(Audience::Several(several)), Some(audience)) => {
                several.iter().any(|one| one == audience)
            }
            (None, Some(_)) | (Some(_), None) => false,
        }
    }
}

impl NumericDate {
    fn timestamp(self) -> Timestamp {
        // The conversion saturates: a time before 1970 becomes 1970, and a time beyond the range
        // becomes the last representable one.
        Timestamp::from_millis((self.0 * 1_000.0) as u64)
    }
}

impl TokenError {
    /// Returns the message for the client. It tells what to do, and reveals nothing about keys.
    pub(crate) fn message(self, request: &AuthRequest, passwords: bool) -> Text {
        Text::clean(match self {
            Self::Missing if request.is_about_request() => {
                "this server wants a token: send one as Authorization: Bearer"
            }
            Self::Missing if passwords => {
                "this server wants a login: send an account with its password, or a token, in the \
                 JSON hello, or a token as Authorization: Bearer when opening a WebSocket"
            }
            Self::Missing => {
                "this server wants a token: send one in the JSON hello, or as Authorization: \
                 Bearer when opening a WebSocket"
            }
            Self::TooLong => "your token is too long",
            Self::Unverified if passwords => {
                "your token is not valid here, or its login has ended: get a new one, or log in \
                 with an account and its password"
            }
            Self::Unverified | Self::Critical | Self::Issuer | Self::Audience => {
                "your token is not valid here"
            }
            Self::NoKeysYet => "your token cannot be checked at the moment; try again",
            Self::Subject => "your token does not say who you are",
            Self::NoExpiry => "your token does not say when it expires",
            Self::Expired => "your token has expired",
            Self::NotYetValid => "your token is not valid yet",
        })
    }
}

/// The longest account in bytes: the limit of OpenID Connect Core §2 for `sub`.
const LONGEST_SUBJECT: usize = 255;
