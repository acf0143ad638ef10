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
//! change it. Encrypted tokens, and keys that have to be fetched (JWKS), are not supported.

mod authenticator;
mod key;
mod token;

pub use authenticator::JwtAuthenticator;
pub use key::{JwtKey, KeyError};
