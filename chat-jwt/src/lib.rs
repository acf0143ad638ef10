//! JSON Web Tokens (RFC 7519) for the chat engine: an application's login signs who somebody is,
//! and the chat believes it.
//!
//! ```
//! use chat_jwt::{JwtAuthenticator, JwtKey};
//! use chat_runtime::{Server, chat_core::Config};
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
//! Of a token, `sub` is the [account](chat_runtime::chat_core::Identity::account),
//! [some claims](JwtAuthenticator::nickname_claims) may be the nickname of the user, and `exp` is
//! the end of the session. The algorithm belongs to the [key](JwtKey), whatever a token says of
//! itself. Tokens that are encrypted, and keys that are fetched from somewhere (JWKS), are not
//! known here.

mod authenticator;
mod key;
mod token;

pub use authenticator::JwtAuthenticator;
pub use key::{JwtKey, KeyError};
