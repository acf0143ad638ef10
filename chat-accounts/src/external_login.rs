//! Accounts whose users log in elsewhere.

use chat_core::Secret;
use serde::{Deserialize, Serialize};

/// The credentials of an account whose user logs in with an identity provider, and has no password
/// here. The provider's name for the user never changes and never passes to somebody else, in
/// contrast to a nickname (OpenID Connect Core §5.7).
///
/// As a [text](Self::to_secret) this is an object in JSON with the version `v` 1, `issuer` and
/// `subject`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalLogin {
    /// The provider.
    pub issuer: String,
    /// The provider's name for the user.
    pub subject: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    v: u64,
    issuer: String,
    subject: String,
}

impl ExternalLogin {
    /// Reads what [`to_secret`](Self::to_secret) has written. Returns `None` for all other
    /// credentials.
    pub fn parse(text: &Secret) -> Option<Self> {
        let Stored { v, issuer, subject } = serde_json::from_str(text.expose()).ok()?;
        (v == VERSION).then_some(Self { issuer, subject })
    }

    /// Writes the text that is stored. It is the same for the same user.
    pub fn to_secret(&self) -> Secret {
        let Self { issuer, subject } = self.clone();
        let stored = Stored { v: VERSION, issuer, subject };
        Secret::new(serde_json::to_string(&stored).expect("texts can be written"))
    }
}

/// The version of the format.
const VERSION: u64 = 1;
