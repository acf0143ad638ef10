//! JSON Web Tokens (RFC 7519) for the chat engine: an application's login signs the identity of a
//! user, and the chat verifies it.
//!
//! ```
//! use chat_jwt::{JwtAuthenticator, JwtKey};
//! use chat_runtime::Server;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let key = JwtKey::secret(b"32 bytes that nobody else knows!")?;
//! let tokens = JwtAuthenticator::new(key).issuer("https://login.example.org").audience("chat");
//! let server = Server::new().authenticator(tokens);
//! # drop(server);
//! # Ok(())
//! # }
//! ```
//!
//! In a token, `sub` is the [account](chat_runtime::chat_core::Identity::account),
//! [some claims](JwtAuthenticator::nickname_claims) may be the user's nickname, and `exp` is the
//! end of the session. The algorithm belongs to the [key](JwtKey), and the header of a token cannot
//! change it. Encrypted tokens are not supported.
//!
//! A login that publishes its keys as a [key set](KeySet) (JWKS) can change them at any time:
//! [`RemoteKeys`] fetches the set, regularly and when a token names an unknown key.

mod authenticator;
mod key;
mod key_set;
mod keys;
mod remote_keys;
mod token;

pub use authenticator::JwtAuthenticator;
pub use key::{JwtKey, KeyError};
pub use key_set::{IgnoredKey, IgnoredKeyReason, KeySet, KeySetError};
pub use keys::Keys;
pub use remote_keys::{FetchKeys, RemoteKeys, RemoteKeysConfig};
