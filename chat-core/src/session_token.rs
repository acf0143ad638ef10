//! Session tokens, with which clients log in again without a password.

use crate::{Secret, Text, Timestamp};
use alloc::string::String;
use core::fmt;
use sha2::{Digest, Sha256};

/// The SHA-256 digest of a session token. The engine keeps no token itself, so that nobody who
/// reads its state can log in with one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "String", try_from = "String"))]
pub struct TokenDigest([u8; 32]);

/// The error of a text that is not a digest in hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a digest has 64 hexadecimal digits in lower case")]
#[non_exhaustive]
pub struct TokenDigestError;

impl TokenDigest {
    /// Computes the digest of a token.
    ///
    /// ```
    /// use chat_core::{Secret, TokenDigest};
    /// let digest = TokenDigest::of(&Secret::new("abc"));
    /// assert!(digest.to_string().starts_with("ba7816bf8f01cfea"));
    /// ```
    pub fn of(token: &Secret) -> Self {
        Self(Sha256::digest(token.expose()).into())
    }

    /// Parses 64 hexadecimal digits, as `Display` writes them.
    ///
    /// # Errors
    ///
    /// If the text is anything else.
    pub fn parse(text: &str) -> Result<Self, TokenDigestError> {
        let mut digest = [0; 32];
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return Err(TokenDigestError) };
        if pairs.len() != digest.len() {
            return Err(TokenDigestError);
        }
        for (byte, &[high, low]) in digest.iter_mut().zip(pairs) {
            *byte = hex(high)? << 4 | hex(low)?;
        }
        Ok(Self(digest))
    }

    /// Returns the public name of the token, which tells nothing about it.
    pub fn id(&self) -> TokenId {
        let [a, b, c, d, e, f, ..] = self.0;
        TokenId(u64::from_be_bytes([0, 0, a, b, c, d, e, f]))
    }
}

fn hex(digit: u8) -> Result<u8, TokenDigestError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(TokenDigestError),
    }
}

impl fmt::Display for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenDigest({self})")
    }
}

impl From<TokenDigest> for String {
    fn from(digest: TokenDigest) -> Self {
        alloc::format!("{digest}")
    }
}

impl TryFrom<String> for TokenDigest {
    type Error = TokenDigestError;

    fn try_from(text: String) -> Result<Self, TokenDigestError> {
        Self::parse(&text)
    }
}

/// The public name of a session token: the first 48 bits of its digest. Tokens of one account have
/// different names, because a new one replaces an earlier one of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TokenId(pub u64);

/// Twelve hexadecimal digits.
impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012x}", self.0)
    }
}

impl TokenId {
    /// Parses up to 12 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let is_hex = (1..=12).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_hexdigit());
        is_hex.then(|| u64::from_str_radix(text, 16).ok().map(Self))?
    }
}

/// A login of an account that is remembered, as its user is shown it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SessionCard {
    /// The public name of its token.
    pub id: TokenId,
    /// The client's description of the device.
    pub device: Option<Text>,
    /// The time of the login.
    pub since: Timestamp,
    /// The time at which the token was last used, exact to an hour.
    pub used: Timestamp,
    /// True if a session with this token is open.
    pub is_online: bool,
    /// True for the session that asks.
    pub is_current: bool,
}

impl SessionCard {
    /// The longest description of a device, in bytes.
    pub const LONGEST_DEVICE: usize = 64;
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn digest_is_written_and_parsed() {
        let digest = TokenDigest::of(&Secret::new("abc"));
        let written = digest.to_string();
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(written, known);
        assert_eq!(TokenDigest::parse(&written), Ok(digest));
        assert_eq!(digest.id().to_string(), "ba7816bf8f01");
        assert_eq!(TokenId::parse("ba7816bf8f01"), Some(digest.id()));
        for wrong in ["", &known[1..], &known.to_uppercase(), &known.replace('a', "g")] {
            assert_eq!(TokenDigest::parse(wrong), Err(TokenDigestError), "{wrong}");
        }
        for wrong in ["", "+1", "1234567890123", "xyz"] {
            assert_eq!(TokenId::parse(wrong), None, "{wrong}");
        }
    }
}
