//! Session tokens: a client that has logged in once comes back without its password.

use crate::random::random;
use base64ct::{Base64UrlUnpadded, Encoding};
use chat_core::Secret;
use sha2::{Digest, Sha256};

/// A random token that stands for a login, such as
/// `chat_0kAVQlbvYrKdZu3hV3bSWOGoyYpmHxAkJT-NFLXKSxE`: the prefix and 256 random bits in base64url
/// (RFC 4648 §5, without padding).
///
/// The server keeps only the [digest](Self::digest). A plain SHA-256 is enough for it, because
/// nobody can guess 256 random bits. Thanks to the prefix, programs that look for published secrets
/// recognise a token.
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

    /// Reads the token that a client has sent. Returns `None` if the text cannot be one of these
    /// tokens, as a JSON Web Token for example.
    pub fn parse(text: &Secret) -> Option<Self> {
        let encoded = text.expose().strip_prefix(Self::PREFIX)?;
        let mut random = [0; Self::RANDOM_BYTES];
        let decoded = Base64UrlUnpadded::decode(encoded, &mut random).ok()?;
        (decoded.len() == Self::RANDOM_BYTES).then(|| Self(text.clone()))
    }

    /// Returns the SHA-256 of the token's text, by which the server recognises it.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.0.expose()).into()
    }

    /// Returns the text, for the client.
    pub fn secret(&self) -> &Secret {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_are_read_again() {
        let (one, two) = (SessionToken::random(), SessionToken::random());
        assert_ne!(one.secret(), two.secret());
        assert_eq!(one.secret().expose().len(), SessionToken::LENGTH);
        let again = SessionToken::parse(one.secret()).unwrap();
        assert_eq!(again.digest(), one.digest());
        assert_ne!(again.digest(), two.digest());
    }

    #[test]
    fn digest_is_the_sha_256_of_the_text() {
        let token = Secret::new("chat_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
        // printf chat_AAAA… | sha256sum
        let hex: String = SessionToken::parse(&token)
            .unwrap()
            .digest()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(hex, "d5e96a075f96a9947a1f3dd52f033cb357d7134bd6bdee9df0f57c64d7b5524f");
    }

    #[test]
    fn other_texts_are_no_tokens() {
        let token = SessionToken::random();
        let text = token.secret().expose();
        // The last character has two bits that are always zero.
        let not_canonical = format!("{}B", "chat_".to_owned() + &"A".repeat(42));
        for other in [
            "",
            "chat_",
            &text[..text.len() - 1],
            &format!("{text}A"),
            &text.replace("chat_", "chat-"),
            &text["chat_".len()..],
            &format!("chat_{}", "\u{e9}".repeat(21)),
            &format!("chat_{}=", "A".repeat(42)),
            &not_canonical,
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbCJ9.c2lnbmF0dXJl",
        ] {
            assert!(SessionToken::parse(&Secret::new(other)).is_none(), "{other}");
        }
    }

    #[test]
    fn debug_does_not_show_the_token() {
        assert_eq!(format!("{:?}", SessionToken::random()), "SessionToken(Secret(…))");
    }
}
