//! What is in a token, and whether it is any good.

use chat_runtime::chat_core::{Identity, Text, Timestamp};
use chat_runtime::chat_dialects::AuthRequest;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::time::Duration;

/// What a token says (RFC 7519 §4.1). A claim of the wrong type makes it no token, unless it is for
/// a nickname.
#[derive(Deserialize)]
pub(crate) struct Claims {
    #[serde(default)]
    sub: String,
    exp: Option<NumericDate>,
    nbf: Option<NumericDate>,
    iss: Option<String>,
    aud: Option<Audience>,
    /// The others, which may be of any type.
    #[serde(flatten)]
    others: Map<String, Value>,
}

/// Seconds since the Unix epoch, perhaps with a fraction.
#[derive(Clone, Copy, Deserialize)]
struct NumericDate(f64);

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// What a token has to say.
pub(crate) struct Demands {
    pub(crate) issuer: Option<String>,
    pub(crate) audience: Option<String>,
    pub(crate) expiry: bool,
    pub(crate) leeway: Duration,
    /// The claims that a nickname is taken from, the best first.
    pub(crate) nicknames: Vec<String>,
}

/// Why a token, or having none, is not enough. Its `Display` is for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unfit {
    #[error("there is no token")]
    Missing,
    #[error("the token is too long")]
    TooLong,
    #[error("it is no token, or no key here has signed it")]
    Unverified,
    #[error("it has critical extensions, of which none is known here")]
    Critical,
    #[error("it is from another issuer")]
    Issuer,
    #[error("it is for another audience")]
    Audience,
    #[error("it has no sub, or one that cannot be an account")]
    Subject,
    #[error("it does not say when it expires")]
    Unlimited,
    #[error("it has expired")]
    Expired,
    #[error("it is not valid yet")]
    Early,
}

impl Claims {
    /// Reads a token that has been signed for this key with this algorithm, and no other.
    pub(crate) fn verified(
        token: &str,
        key: &DecodingKey,
        algorithm: Algorithm,
    ) -> Result<Self, Unfit> {
        let mut signature_only = Validation::new(algorithm);
        // The claims are looked at here, by the host's clock and their types.
        signature_only.required_spec_claims.clear();
        signature_only.validate_exp = false;
        signature_only.validate_nbf = false;
        signature_only.validate_aud = false;
        let read = decode::<Self>(token, key, &signature_only).map_err(|_| Unfit::Unverified)?;
        // Who does not understand what is critical must not accept it (RFC 7515 §4.1.11).
        match read.header.crit {
            Some(_) => Err(Unfit::Critical),
            None => Ok(read.claims),
        }
    }

    /// Who it is, if that may be believed now.
    pub(crate) fn identity(self, now: Timestamp, demands: &Demands) -> Result<Identity, Unfit> {
        if demands.issuer.is_some() && demands.issuer != self.iss {
            return Err(Unfit::Issuer);
        }
        if !self.is_for(demands.audience.as_deref()) {
            return Err(Unfit::Audience);
        }
        let expires = self.exp.map(|exp| exp.moment() + demands.leeway);
        if demands.expiry && expires.is_none() {
            return Err(Unfit::Unlimited);
        }
        if expires.is_some_and(|expires| expires <= now) {
            return Err(Unfit::Expired);
        }
        if self.nbf.is_some_and(|nbf| nbf.moment() > now + demands.leeway) {
            return Err(Unfit::Early);
        }
        let is_account = !self.sub.trim().is_empty()
            && self.sub.len() <= LONGEST_SUBJECT
            && !self.sub.contains(char::is_control);
        if !is_account {
            return Err(Unfit::Subject);
        }
        let names = demands.nicknames.iter().filter_map(|claim| match claim.as_str() {
            "sub" => Some(self.sub.as_str()),
            other => self.others.get(other)?.as_str(),
        });
        let mut identity = Identity::new(self.sub.as_str()).with_nicknames(names);
        identity.expires = expires;
        Ok(identity)
    }

    /// Whether it is meant for this audience. A token for somebody is not for one who has no name
    /// for themselves (RFC 7519 §4.1.3).
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
    fn moment(self) -> Timestamp {
        // What is before 1970 is 1970, and what is after the end of time is its end.
        Timestamp::from_millis((self.0 * 1_000.0) as u64)
    }
}

impl Unfit {
    /// What the sender of a question is told: enough to know what to do, and nothing of keys.
    pub(crate) fn told(self, request: &AuthRequest) -> Text {
        Text::clean(match self {
            Self::Missing if request.is_about_request() => {
                "this server wants a token: send one as Authorization: Bearer"
            }
            Self::Missing => {
                "this server wants a token: send one in the JSON hello, or as Authorization: Bearer \
                 when opening a WebSocket"
            }
            Self::TooLong => "your token is too long",
            Self::Unverified | Self::Critical | Self::Issuer | Self::Audience => {
                "your token is not valid here"
            }
            Self::Subject => "your token does not say who you are",
            Self::Unlimited => "your token does not say when it expires",
            Self::Expired => "your token has expired",
            Self::Early => "your token is not valid yet",
        })
    }
}

/// Most bytes of an account: what OpenID Connect Core §2 allows for `sub`.
const LONGEST_SUBJECT: usize = 255;
