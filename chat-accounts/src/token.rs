//! Session tokens: a client that has logged in once comes back without its password.

use crate::random::random;
use base64ct::{Base64UrlUnpadded, Encoding};
use chat_core::Secret;

/// A random token that stands for a login, such as
/// `chat_0kAVQlbvYrKdZu3hV3bSWOGoyYpmHxAkJT-NFLXKSxE`: the prefix and 256 random bits in base64url
/// (RFC 4648 §5, without padding).
///
/// The engine keeps only its [digest](chat_core::TokenDigest). A plain SHA-256 is enough for it,
/// because nobody can guess 256 random bits. Thanks to the prefix, programs that look for published
/// secrets recognise a token.
#[derive(Clone, Debug)]
pub struct SessionToken(Secret);

impl SessionToken {
    /// The beginning of every token.
    pub const PREFIX: &str = "chat_";

    /// The length of every token, in bytes.
    pub const LENGTH: usize = Self::PREFIX.len() + (Self::RANDOM_BYTES * 8).div_ceil(6);

    const RANDOM_BYTES: usize = 32;

    /// Creates a new token.
    ///
    /// # Panics
    ///
    /// If the operating system has no random numbers.
    pub fn random() -> Self {
        let random: [u8; Self::RANDOM_BYTES] = random();
        let text = format!("{}{}", Self::PREFIX, Base64UrlUnpadded::encode_string(&random));
        Self(Secret::new(text))
    }

    /// Returns the text, for the client.
    pub fn secret(&self) -> &Secret {
        &self.0
    }

    /// Returns the text, for the client.
    pub fn into_secret(self) -> Secret {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_is_256_random_bits_after_a_prefix() {
        let (one, two) = (SessionToken::random(), SessionToken::random());
        assert_ne!(one.secret(), two.secret());
        for token in [one, two] {
            let text = token.into_secret();
            assert_eq!(text.expose().len(), SessionToken::LENGTH);
            let random = text.expose().strip_prefix(SessionToken::PREFIX).unwrap();
            assert_eq!(Base64UrlUnpadded::decode_vec(random).unwrap().len(), 32);
        }
    }

    #[test]
    fn debug_does_not_show_the_token() {
        assert_eq!(format!("{:?}", SessionToken::random()), "SessionToken(Secret(…))");
    }
}
