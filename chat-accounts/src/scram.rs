//! Verifiers, with which a server authenticates clients by SCRAM-SHA-256 (RFC 5802, RFC 7677).

use crate::passwords::Password;
use base64ct::{Base64, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use subtle::ConstantTimeEq;

/// The keys by which a server recognises a client that proves its password with SCRAM-SHA-256, and
/// proves to the client that it knows them.
///
/// In contrast to an argon2id hash, guessing a password takes an attacker who has the keys only as
/// many rounds of SHA-256 as there are [iterations](Self::iterations).
#[derive(Clone, PartialEq, Eq)]
pub struct ScramVerifier {
    iterations: u32,
    salt: Vec<u8>,
    stored_key: [u8; 32],
    server_key: [u8; 32],
}

impl ScramVerifier {
    /// The fewest iterations that a server may use (RFC 7677 §4).
    pub const FEWEST_ITERATIONS: u32 = 4_096;

    pub(crate) fn new(password: &Password, salt: &[u8], iterations: u32) -> Self {
        let mut salted = [0; 32];
        pbkdf2::pbkdf2_hmac::<Sha256>(password.text().as_bytes(), salt, iterations, &mut salted);
        Self {
            iterations,
            salt: salt.to_vec(),
            stored_key: Sha256::digest(hmac(&salted, b"Client Key")).into(),
            server_key: hmac(&salted, b"Server Key"),
        }
    }

    /// Returns a verifier that belongs to no password, if the key is random.
    pub(crate) fn of_nobody(salt: &[u8], iterations: u32, key: [u8; 32]) -> Self {
        Self { iterations, salt: salt.to_vec(), stored_key: key, server_key: key }
    }

    /// Returns the number of iterations, which the server tells the client as `i`.
    pub fn iterations(&self) -> u32 {
        self.iterations
    }

    /// Returns the salt, which the server tells the client as `s`.
    pub fn salt(&self) -> &[u8] {
        &self.salt
    }

    /// Checks the proof of a client. `auth_message` consists of the messages that both sides have
    /// exchanged (RFC 5802 §3), `proof` is the decoded `p` of the client.
    ///
    /// Returns the signature of the server, for `v` of its answer, or `None` if the proof is wrong.
    /// This takes a few microseconds, since the client has done the work.
    pub fn verify(&self, auth_message: &[u8], proof: &[u8]) -> Option<[u8; 32]> {
        let mut client_key = hmac(&self.stored_key, auth_message);
        let proof: &[u8; 32] = proof.try_into().ok()?;
        client_key.iter_mut().zip(proof).for_each(|(key, proof)| *key ^= proof);
        let stored_key = Sha256::digest(client_key);
        let right = bool::from(stored_key.ct_eq(&self.stored_key));
        right.then(|| hmac(&self.server_key, auth_message))
    }

    pub(crate) fn parse(stored: &StoredScram) -> Option<Self> {
        let salt = Base64::decode_vec(&stored.salt).ok()?;
        let key = |text: &str| Base64::decode_vec(text).ok()?.try_into().ok();
        let valid = stored.iterations >= Self::FEWEST_ITERATIONS && !salt.is_empty();
        let (stored_key, server_key) = (key(&stored.stored_key)?, key(&stored.server_key)?);
        valid.then_some(Self { iterations: stored.iterations, salt, stored_key, server_key })
    }

    pub(crate) fn stored(&self) -> StoredScram {
        StoredScram {
            iterations: self.iterations,
            salt: Base64::encode_string(&self.salt),
            stored_key: Base64::encode_string(&self.stored_key),
            server_key: Base64::encode_string(&self.server_key),
        }
    }
}

/// Does not show the keys.
impl fmt::Debug for ScramVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { iterations, salt: _, stored_key: _, server_key: _ } = self;
        f.debug_struct("ScramVerifier").field("iterations", iterations).finish_non_exhaustive()
    }
}

/// A verifier as it is stored. Salt and keys are in base64.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StoredScram {
    iterations: u32,
    salt: String,
    stored_key: String,
    server_key: String,
}

pub(crate) fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mac =
        <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.chain_update(message).finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chat_core::Secret;

    /// The exchange of RFC 7677 §3.
    const AUTH_MESSAGE: &[u8] = b"n=user,r=rOprNGfwEbeRWgbNEkqO,\
        r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,\
        c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";

    fn decoded(text: &str) -> Vec<u8> {
        Base64::decode_vec(text).unwrap()
    }

    fn pencil() -> ScramVerifier {
        let password = Password::prepare(&Secret::new("pencil")).unwrap();
        ScramVerifier::new(&password, &decoded("W22ZaJ0SNY7soEsUEjb6gQ=="), 4_096)
    }

    #[test]
    fn exchange_of_rfc_7677_is_accepted() {
        let proof = decoded("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        let signature = pencil().verify(AUTH_MESSAGE, &proof).unwrap();
        assert_eq!(
            Base64::encode_string(&signature),
            "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
        );
    }

    #[test]
    fn keys_of_that_exchange_are_as_known() {
        let stored = pencil().stored();
        assert_eq!(stored.stored_key, "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=");
        assert_eq!(stored.server_key, "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
        assert_eq!(ScramVerifier::parse(&stored), Some(pencil()));
    }

    #[test]
    fn other_proofs_are_refused() {
        let proof = decoded("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        let verifier = pencil();
        assert_eq!(verifier.verify(b"another exchange", &proof), None);
        assert_eq!(verifier.verify(AUTH_MESSAGE, &[]), None);
        assert_eq!(verifier.verify(AUTH_MESSAGE, &[proof.as_slice(), &[0]].concat()), None);
        for bit in 0..256 {
            let mut wrong = proof.clone();
            wrong[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(verifier.verify(AUTH_MESSAGE, &wrong), None);
        }
    }
}
