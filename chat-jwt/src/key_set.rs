//! Key sets (JWKS), in which a login publishes its keys.

use crate::{JwtKey, KeyError};
use base64ct::{Base64UrlUnpadded, Encoding};
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use serde_json::Value;

/// The keys of a JSON Web Key Set (RFC 7517 §5).
///
/// A set contains public keys for RS256, ES256 (P-256) or EdDSA (Ed25519). Other keys are
/// [ignored](Self::ignored), for example keys for encryption, and those of algorithms that are not
/// supported. Several keys may have the same id.
#[derive(Clone, Debug)]
pub struct KeySet {
    keys: Vec<JwtKey>,
    ignored: Vec<IgnoredKey>,
}

/// A key of a set that verifies no tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IgnoredKey {
    /// The position of the key in the set, from 0.
    pub position: usize,
    /// The reason.
    pub reason: IgnoredKeyReason,
}

/// The reason for which a key of a set is ignored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IgnoredKeyReason {
    /// The entry is not a key at all.
    #[error("it is not an object with kty, and texts in the fields of a key")]
    NotAKey,
    /// The key is not for signatures.
    #[error("it is not for signatures")]
    Use,
    /// The type or the algorithm is not supported.
    #[error("its type or algorithm is none of RS256, ES256 and EdDSA with Ed25519")]
    UnknownAlgorithm,
    /// The key is a secret, which nobody may publish.
    #[error("it is a secret or a private key; a set is published, so it may have public keys only")]
    Secret,
    /// The id is longer than [`KeySet::LONGEST_ID`].
    #[error("its id is longer than {} bytes", KeySet::LONGEST_ID)]
    LongId,
    /// The numbers of the key are not valid.
    #[error("its numbers are not those of a key")]
    Malformed,
    /// The key cannot be used.
    #[error(transparent)]
    Key(KeyError),
    /// The set has more keys than [`KeySet::MOST_KEYS`].
    #[error("there are already {} keys", KeySet::MOST_KEYS)]
    TooMany,
}

/// The reason for which a text is not a key set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeySetError {
    /// The text is too long.
    #[error("a key set has at most {} bytes, and this has more", KeySet::LONGEST)]
    TooLong,
    /// The text is not an object with a list of keys.
    #[error("it is not a key set: a JSON object with a list \"keys\"")]
    NotAKeySet,
    /// No key of the set can verify tokens.
    #[error("none of its {keys} keys can verify tokens{}", first_reason(.reason))]
    NoKey {
        /// The number of keys.
        keys: usize,
        /// The reason for which the first one is ignored.
        reason: Option<IgnoredKeyReason>,
    },
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

/// The fields of a key that matter here (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2).
#[derive(Deserialize)]
struct Entry {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    r#use: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    /// The private part of a key. Its value does not matter.
    d: Option<Value>,
}

impl KeySet {
    /// The longest text that is read, in bytes. Sets of large providers have some 20 kB.
    pub const LONGEST: usize = 262_144;
    /// The most keys that are used. Providers publish two to ten.
    pub const MOST_KEYS: usize = 32;
    /// The longest id of a key, in bytes.
    pub const LONGEST_ID: usize = 256;

    /// Reads a key set in JSON.
    ///
    /// # Errors
    ///
    /// If the text is too long, is not a key set, or has no key that can verify tokens.
    pub fn parse(json: &[u8]) -> Result<Self, KeySetError> {
        if json.len() > Self::LONGEST {
            return Err(KeySetError::TooLong);
        }
        let document: Document =
            serde_json::from_slice(json).map_err(|_| KeySetError::NotAKeySet)?;
        let count = document.keys.len();
        let (mut keys, mut ignored) = (Vec::new(), Vec::new());
        for (position, entry) in document.keys.into_iter().enumerate() {
            let key = if keys.len() < Self::MOST_KEYS {
                Entry::deserialize(entry)
                    .map_err(|_| IgnoredKeyReason::NotAKey)
                    .and_then(Entry::key)
            } else {
                Err(IgnoredKeyReason::TooMany)
            };
            match key {
                Ok(key) => keys.push(key),
                Err(reason) => ignored.push(IgnoredKey { position, reason }),
            }
        }
        if keys.is_empty() {
            let reason = ignored.into_iter().next().map(|first| first.reason);
            return Err(KeySetError::NoKey { keys: count, reason });
        }
        Ok(Self { keys, ignored })
    }

    /// Returns the keys that verify tokens.
    pub fn keys(&self) -> &[JwtKey] {
        &self.keys
    }

    /// Returns the keys that are ignored, with the reasons.
    pub fn ignored(&self) -> &[IgnoredKey] {
        &self.ignored
    }

    /// Returns the key for a token whose `kid` is that of no key, if there is no doubt which one is
    /// meant: the only key for the token's algorithm, which must have no id if the token has a
    /// `kid`. If a set has several keys, a token has to name its key (OpenID Connect Core §10.1).
    pub(crate) fn only_key(&self, algorithm: Algorithm, kid: Option<&str>) -> Option<&JwtKey> {
        let fits =
            |key: &&JwtKey| key.algorithm == algorithm && (kid.is_none() || key.id.is_none());
        let mut keys = self.keys.iter().filter(fits);
        let key = keys.next()?;
        keys.next().is_none().then_some(key)
    }
}

impl Entry {
    fn key(self) -> Result<JwtKey, IgnoredKeyReason> {
        if self.kty == "oct" || self.d.is_some() {
            return Err(IgnoredKeyReason::Secret);
        }
        let verifies = |operations: &Vec<String>| operations.iter().any(|one| one == "verify");
        if self.r#use.as_deref().is_some_and(|one| one != "sig")
            || self.key_ops.as_ref().is_some_and(|operations| !verifies(operations))
        {
            return Err(IgnoredKeyReason::Use);
        }
        let bytes = |number: &Option<String>| {
            let number = number.as_deref().ok_or(IgnoredKeyReason::Malformed)?;
            Base64UrlUnpadded::decode_vec(number).map_err(|_| IgnoredKeyReason::Malformed)
        };
        let alg = self.alg.as_deref();
        let key = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) if matches!(alg, None | Some("RS256")) => {
                JwtKey::rsa_numbers(&bytes(&self.n)?, &bytes(&self.e)?)
            }
            ("EC", Some("P-256")) if matches!(alg, None | Some("ES256")) => {
                JwtKey::p256_numbers(&bytes(&self.x)?, &bytes(&self.y)?)
            }
            // RFC 9864 names the algorithm of the curve.
            ("OKP", Some("Ed25519")) if matches!(alg, None | Some("EdDSA" | "Ed25519")) => {
                JwtKey::ed25519(&bytes(&self.x)?)
            }
            _ => return Err(IgnoredKeyReason::UnknownAlgorithm),
        };
        let key = key.map_err(|error| {
            let is_malformed = error == KeyError::NotPem;
            if is_malformed { IgnoredKeyReason::Malformed } else { IgnoredKeyReason::Key(error) }
        })?;
        match self.kid {
            Some(id) if id.len() > KeySet::LONGEST_ID => Err(IgnoredKeyReason::LongId),
            Some(id) => Ok(key.with_id(id)),
            None => Ok(key),
        }
    }
}

fn first_reason(reason: &Option<IgnoredKeyReason>) -> String {
    reason.as_ref().map(|reason| format!("; the first: {reason}")).unwrap_or_default()
}
