//! The proof of a user's identity, in `hello`.

use chat_server::engine::Secret;
use serde::Serialize;

/// The proof of a user's identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(super) enum Proof {
    /// A token of the server's authenticator.
    Token { token: Secret },
    /// The token of an earlier login to an account.
    Session { session: Secret },
    /// The password of an account.
    Password { account: String, password: Secret, device: String },
}

/// Describes this client for the user's list of logins.
pub(super) fn device() -> String {
    format!("chat on {}", std::env::consts::OS)
}
