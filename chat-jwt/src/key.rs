//! What tokens are checked with.

use jsonwebtoken::{Algorithm, DecodingKey};
use rsa::pkcs1::RsaPublicKey as Modulus;
use rsa::pkcs1::der::Decode;
use rsa::pkcs1::{DecodeRsaPublicKey, ObjectIdentifier};
use rsa::pkcs8::{Document, SubjectPublicKeyInfoRef};
use std::fmt;

/// A key, and with it the one algorithm that a token may have been signed with: what the token
/// itself says is not believed.
#[derive(Clone)]
pub struct JwtKey {
    pub(crate) id: Option<String>,
    pub(crate) algorithm: Algorithm,
    pub(crate) key: DecodingKey,
}

/// Why something is no key for tokens.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The secret is too short.
    #[error("a secret needs at least {} bytes, and this one has {bytes}", JwtKey::SHORTEST_SECRET)]
    SecretTooShort {
        /// How long it is.
        bytes: usize,
    },
    /// It is no public key in PEM.
    #[error("it is not a public key in PEM, which begins with -----BEGIN PUBLIC KEY-----")]
    NotPem,
    /// It is the half of a key that nobody but the one who signs should have.
    #[error(
        "it is a private key; the server needs the public one, and nobody but the login needs this"
    )]
    Private,
    /// It is a certificate.
    #[error("it is a certificate; take its key out with openssl x509 -pubkey -noout")]
    Certificate,
    /// It is a public key for another algorithm.
    #[error("it is neither an RSA nor an Ed25519 key")]
    UnknownAlgorithm,
    /// The RSA key is too short, or too long.
    #[error(
        "an RSA key has {} to {} bits here, and this one has {bits}",
        JwtKey::SHORTEST_RSA,
        JwtKey::LONGEST_RSA
    )]
    RsaLength {
        /// How long it is.
        bits: usize,
    },
}

impl JwtKey {
    /// Fewest bytes of a secret: as many as the hash has (RFC 7518 §3.2).
    pub const SHORTEST_SECRET: usize = 32;
    /// Fewest bits of an RSA key (RFC 7518 §3.3).
    pub const SHORTEST_RSA: usize = 2_048;
    /// Most bits of an RSA key: with longer ones, checking a token becomes a way to keep the server
    /// busy.
    pub const LONGEST_RSA: usize = 4_096;

    /// A secret that the login and the chat share, for HS256.
    ///
    /// # Errors
    ///
    /// If it has fewer than [32 bytes](Self::SHORTEST_SECRET).
    pub fn secret(secret: &[u8]) -> Result<Self, KeyError> {
        if secret.len() < Self::SHORTEST_SECRET {
            return Err(KeyError::SecretTooShort { bytes: secret.len() });
        }
        Ok(Self::new(Algorithm::HS256, DecodingKey::from_secret(secret)))
    }

    /// The public key of a login, in PEM: for RS256 if it is an RSA key, for EdDSA if it is an
    /// Ed25519 key.
    ///
    /// # Errors
    ///
    /// If it is no public key, of another kind, or an RSA key of fewer than
    /// [2,048](Self::SHORTEST_RSA) or more than [4,096](Self::LONGEST_RSA) bits.
    pub fn public_pem(pem: &str) -> Result<Self, KeyError> {
        let (label, document) = Document::from_pem(pem).map_err(|_| KeyError::NotPem)?;
        match label {
            "RSA PUBLIC KEY" => Self::rsa(document.as_bytes()),
            "PUBLIC KEY" => {
                let info = SubjectPublicKeyInfoRef::from_der(document.as_bytes());
                let info = info.map_err(|_| KeyError::NotPem)?;
                let key = info.subject_public_key.as_bytes().ok_or(KeyError::NotPem)?;
                match info.algorithm.oid {
                    RSA => Self::rsa(key),
                    ED25519 if key.len() == ED25519_BYTES => {
                        Ok(Self::new(Algorithm::EdDSA, DecodingKey::from_ed_der(key)))
                    }
                    ED25519 => Err(KeyError::NotPem),
                    _ => Err(KeyError::UnknownAlgorithm),
                }
            }
            "CERTIFICATE" => Err(KeyError::Certificate),
            private if private.ends_with("PRIVATE KEY") => Err(KeyError::Private),
            _ => Err(KeyError::NotPem),
        }
    }

    /// Gives the key a name. A token that bears it as `kid` is checked with this key alone; with
    /// several keys, the others are tried one after the other.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    fn new(algorithm: Algorithm, key: DecodingKey) -> Self {
        Self { id: None, algorithm, key }
    }

    fn rsa(pkcs1: &[u8]) -> Result<Self, KeyError> {
        let modulus = Modulus::from_der(pkcs1).map_err(|_| KeyError::NotPem)?.modulus;
        let first = modulus.as_bytes().first().map_or(8, |byte| byte.leading_zeros());
        let bits = (modulus.as_bytes().len() * 8).saturating_sub(first as usize);
        if !(Self::SHORTEST_RSA..=Self::LONGEST_RSA).contains(&bits) {
            return Err(KeyError::RsaLength { bits });
        }
        rsa::RsaPublicKey::from_pkcs1_der(pkcs1).map_err(|_| KeyError::NotPem)?;
        Ok(Self::new(Algorithm::RS256, DecodingKey::from_rsa_der(pkcs1)))
    }
}

/// What the key is for, and nothing of the key.
impl fmt::Debug for JwtKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, algorithm, key: _ } = self;
        f.debug_struct("JwtKey")
            .field("id", id)
            .field("algorithm", algorithm)
            .finish_non_exhaustive()
    }
}

/// Of RSA keys (RFC 8017 §A.1).
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// Of Ed25519 keys (RFC 8410 §3).
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// How long an Ed25519 key is (RFC 8032 §5.1.5).
const ED25519_BYTES: usize = 32;
