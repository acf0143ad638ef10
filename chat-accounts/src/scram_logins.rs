//! Logins with SCRAM-SHA-256.

use crate::argon2id::Argon2id;
use crate::credentials::Credentials;
use crate::external_login::ExternalLogin;
use crate::random::random;
use crate::scram::{ScramVerifier, hmac};
use crate::scram_exchange::ClientFirst;
use base64ct::{Base64Unpadded, Encoding};
use chat_core::{Nickname, Secret, Text};

/// Checks the messages of clients that log in with SCRAM-SHA-256, and keeps nothing between them.
///
/// An account that does not exist, or has no verifier, gets a salt that looks like any other and
/// does not change.
pub(crate) struct ScramLogins {
    iterations: u32,
    /// The key of the salts of accounts that do not exist.
    key: [u8; 32],
    /// Credentials that are read for accounts without any, so that this takes the same time.
    nobody: Secret,
}

/// The result of checking an exchange.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ScramStep {
    /// The next message of the server.
    Challenge(String),
    /// The client has proved its password.
    Complete,
    /// The proof or a message is wrong, or there is no such account.
    Wrong,
}

impl ScramLogins {
    pub(crate) fn new(iterations: u32, nobody: Argon2id) -> Self {
        let key = random();
        let scram = Some(verifier_of_nobody(&key, iterations, ""));
        let nobody = Credentials { argon2id: nobody, scram }.to_secret();
        Self { iterations, key, nobody }
    }

    /// Derives the salts of accounts that do not exist from this secret.
    pub(crate) fn set_key(&mut self, secret: &Secret) {
        self.key = hmac(secret.expose().as_bytes(), b"salts of unknown accounts");
    }

    /// Checks the messages of an exchange: those of the client and of this server in turn.
    pub(crate) fn check(
        &self,
        account: &Text,
        messages: &[Secret],
        credentials: Option<&Secret>,
    ) -> ScramStep {
        let verifier = self.verifier(account, credentials);
        let mut messages = messages.iter().map(Secret::expose);
        let Some(first) = messages.next().and_then(ClientFirst::parse) else {
            return ScramStep::Wrong;
        };
        // The credentials have to be those of the account for which the client has the password.
        if Text::clean(&first.account) != *account {
            return ScramStep::Wrong;
        }
        let Some(server_first) = messages.next() else {
            let nonce = Base64Unpadded::encode_string(&random::<NONCE>());
            return ScramStep::Challenge(first.answer(&verifier, &nonce));
        };
        let client_final = messages.next().unwrap_or_default();
        let Some(server_final) = first.finish(&verifier, server_first, client_final) else {
            return ScramStep::Wrong;
        };
        match (messages.next(), messages.next(), messages.next()) {
            (None, _, _) => ScramStep::Challenge(server_final),
            // The client acknowledges the signature of the server.
            (Some(_), Some(""), None) => ScramStep::Complete,
            _ => ScramStep::Wrong,
        }
    }

    fn verifier(&self, account: &Text, credentials: Option<&Secret>) -> ScramVerifier {
        let with_password = credentials.filter(|text| ExternalLogin::parse(text).is_none());
        let known = Credentials::parse(with_password.unwrap_or(&self.nobody));
        // Names of one account have one salt, however they are written.
        let name = Nickname::parse(account.as_str()).ok();
        let name = name.as_ref().map_or(account.as_str(), Nickname::folded);
        let fake = verifier_of_nobody(&self.key, self.iterations, name);
        let known = known.ok().filter(|_| with_password.is_some());
        known.and_then(|known| known.scram).unwrap_or(fake)
    }
}

/// Returns a verifier that belongs to no password.
fn verifier_of_nobody(key: &[u8], iterations: u32, account: &str) -> ScramVerifier {
    let derive = |purpose: &str| hmac(key, format!("{purpose} {account}").as_bytes());
    ScramVerifier::of_nobody(&derive("salt")[..SALT], iterations, derive("key"))
}

/// The length of a salt, in bytes: as that of the example in RFC 7677.
pub(crate) const SALT: usize = 16;
/// The random bytes of a nonce.
const NONCE: usize = 18;
