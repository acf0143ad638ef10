//! Keys that verify tokens.

use jsonwebtoken::{Algorithm, DecodingKey};
use rsa::pkcs1::RsaPublicKey as Modulus;
use rsa::pkcs1::der::Decode;
use rsa::pkcs1::{DecodeRsaPublicKey, EncodeRsaPublicKey, ObjectIdentifier};
use rsa::pkcs8::{Document, SubjectPublicKeyInfoRef};
use std::fmt;

/// A key with its one algorithm. The algorithm that a token names in its header has no influence on
/// how the token is verified.
#[derive(Clone)]
pub struct JwtKey {
    pub(crate) id: Option<String>,
    pub(crate) algorithm: Algorithm,
    pub(crate) key: DecodingKey,
}

/// The reason for which a key cannot be used to verify tokens.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The secret is too short.
    #[error("a secret needs at least {} bytes, and this one has {bytes}", JwtKey::SHORTEST_SECRET)]
    SecretTooShort {
        /// The length of the secret.
        bytes: usize,
    },
    /// The text is not a public key in PEM.
    #[error("it is not a public key in PEM, which begins with -----BEGIN PUBLIC KEY-----")]
    NotPem,
    /// The text is a private key, which only the signing login should have.
    #[error(
        "it is a private key; the server needs the public key, and only the login should have the \
         private one"
    )]
    Private,
    /// The text is a certificate.
    #[error("it is a certificate; extract its key with openssl x509 -pubkey -noout")]
    Certificate,
    /// The key is for another algorithm.
    #[error("it is neither an RSA key, nor one on the curve P-256, nor an Ed25519 key")]
    UnknownAlgorithm,
    /// The RSA key is too short or too long.
    #[error(
        "an RSA key has to have {} to {} bits, and this one has {bits}",
        JwtKey::SHORTEST_RSA,
        JwtKey::LONGEST_RSA
    )]
    RsaLength {
        /// The length of the modulus.
        bits: usize,
    },
}

impl JwtKey {
    /// The shortest secret in bytes: the size of the hash (RFC 7518 §3.2).
    pub const SHORTEST_SECRET: usize = 32;
    /// The shortest RSA key in bits (RFC 7518 §3.3).
    pub const SHORTEST_RSA: usize = 2_048;
    /// The longest RSA key in bits. With longer keys, verifying a token takes so much time that
    /// clients could overload the server.
    pub const LONGEST_RSA: usize = 4_096;

    /// Makes a key for HS256 from a secret that the login and the chat share.
    ///
    /// # Errors
    ///
    /// If the secret has fewer than [32 bytes](Self::SHORTEST_SECRET).
    pub fn secret(secret: &[u8]) -> Result<Self, KeyError> {
        if secret.len() < Self::SHORTEST_SECRET {
            return Err(KeyError::SecretTooShort { bytes: secret.len() });
        }
        Ok(Self::new(Algorithm::HS256, DecodingKey::from_secret(secret)))
    }

    /// Reads the public key of a login in PEM. An RSA key is for RS256, a key on the curve P-256
    /// for ES256, and an Ed25519 key for EdDSA.
    ///
    /// # Errors
    ///
    /// If the text is not a public key, the key is of another type, or an RSA key has fewer than
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
                    EC if info.algorithm.parameters_oid() == Ok(P256) => Self::p256(key),
                    ED25519 => Self::ed25519(key),
                    _ => Err(KeyError::UnknownAlgorithm),
                }
            }
            "CERTIFICATE" => Err(KeyError::Certificate),
            private if private.ends_with("PRIVATE KEY") => Err(KeyError::Private),
            _ => Err(KeyError::NotPem),
        }
    }

    /// Reads all public keys of a text in PEM, one after the other, as
    /// [`public_pem`](Self::public_pem) reads one. Text between them is ignored.
    ///
    /// # Errors
    ///
    /// If there is no key, or one of them is not usable.
    pub fn public_pems(pem: &str) -> Result<Vec<Self>, KeyError> {
        let starts = pem.match_indices(PEM_START).map(|(start, _)| start);
        let ends = starts.clone().skip(1).chain([pem.len()]);
        let keys: Vec<Self> = starts
            .zip(ends)
            .map(|(start, end)| {
                let block = &pem[start..end];
                let line = block.find(PEM_END).and_then(|end| Some(end + block[end..].find('\n')?));
                Self::public_pem(&block[..line.map_or(block.len(), |end| end + 1)])
            })
            .collect::<Result<_, _>>()?;
        if keys.is_empty() { Err(KeyError::NotPem) } else { Ok(keys) }
    }

    /// Sets the id of the key. A token with this id as `kid` is verified with this key only. Other
    /// tokens are verified with all keys in turn.
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

    /// Makes a key from its modulus and its exponent (RFC 7518 §6.3.1), big-endian.
    pub(crate) fn rsa_numbers(modulus: &[u8], exponent: &[u8]) -> Result<Self, KeyError> {
        let longest = Self::LONGEST_RSA / 8 + 1;
        if modulus.len() > longest {
            return Err(KeyError::RsaLength { bits: modulus.len() * 8 });
        }
        let exponent = if exponent.len() <= longest { exponent } else { &[] };
        let [modulus, exponent] = [modulus, exponent].map(rsa::BigUint::from_bytes_be);
        let bits = modulus.bits();
        if !(Self::SHORTEST_RSA..=Self::LONGEST_RSA).contains(&bits) {
            return Err(KeyError::RsaLength { bits });
        }
        let key = rsa::RsaPublicKey::new(modulus, exponent).map_err(|_| KeyError::NotPem)?;
        let pkcs1 = key.to_pkcs1_der().map_err(|_| KeyError::NotPem)?;
        Self::rsa(pkcs1.as_bytes())
    }

    /// Makes a key from the coordinates of its point (RFC 7518 §6.2.1).
    pub(crate) fn p256_numbers(x: &[u8], y: &[u8]) -> Result<Self, KeyError> {
        if [x.len(), y.len()] != [P256_BYTES; 2] {
            return Err(KeyError::NotPem);
        }
        Self::p256(&[&[UNCOMPRESSED], x, y].concat())
    }

    pub(crate) fn ed25519(key: &[u8]) -> Result<Self, KeyError> {
        if key.len() != ED25519_BYTES {
            return Err(KeyError::NotPem);
        }
        Ok(Self::new(Algorithm::EdDSA, DecodingKey::from_ed_der(key)))
    }

    /// Makes a key from a point on the curve P-256 (SEC 1 §2.3.3).
    fn p256(point: &[u8]) -> Result<Self, KeyError> {
        p256::PublicKey::from_sec1_bytes(point).map_err(|_| KeyError::NotPem)?;
        Ok(Self::new(Algorithm::ES256, DecodingKey::from_ec_der(point)))
    }
}

/// Shows the id and the algorithm, and not the key.
impl fmt::Debug for JwtKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, algorithm, key: _ } = self;
        f.debug_struct("JwtKey")
            .field("id", id)
            .field("algorithm", algorithm)
            .finish_non_exhaustive()
    }
}

/// The object identifier of RSA keys (RFC 8017 §A.1).
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// The object identifier of keys on elliptic curves, and that of the curve P-256 (RFC 5480 §2.1.1).
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
/// The object identifier of Ed25519 keys (RFC 8410 §3).
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// The length of a coordinate of the curve P-256 in bytes, and the first byte of a point with both
/// coordinates (SEC 1 §2.3.3).
const P256_BYTES: usize = 32;
const UNCOMPRESSED: u8 = 4;
/// The length of an Ed25519 public key in bytes (RFC 8032 §5.1.5).
const ED25519_BYTES: usize = 32;
/// The first characters of a block in PEM, and those of its last line (RFC 7468 §3).
const PEM_START: &str = "-----BEGIN ";
const PEM_END: &str = "-----END ";
