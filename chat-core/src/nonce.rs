//! Nonces, with which clients send a message again without doubling it.

use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;

/// A client's own name for a message: a string of 1 to 64 bytes, for example a random UUID.
///
/// If the user has sent a message with this nonce before, the engine answers
/// [`Say`](crate::Command::Say) with the acknowledgement of that message, and delivers nothing. So
/// a client can send a message again if the connection was lost before the acknowledgement arrived.
/// See [`Config::nonce_window`](crate::Config::nonce_window). Cloning shares.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "String", try_from = "String"))]
pub struct Nonce(Arc<str>);

/// The error of a string that cannot be a [`Nonce`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[error("a nonce must have 1 to {} bytes", Nonce::LONGEST)]
#[non_exhaustive]
pub struct NonceError;

impl Nonce {
    /// The largest number of bytes.
    pub const LONGEST: usize = 64;

    /// Checks the length of a string, which may have any characters. Nonces are equal if all their
    /// bytes are.
    ///
    /// # Errors
    ///
    /// [`NonceError`] if the string is empty or has more than [`LONGEST`](Self::LONGEST) bytes.
    pub fn parse(raw: &str) -> Result<Self, NonceError> {
        if (1..=Self::LONGEST).contains(&raw.len()) {
            Ok(Self(Arc::from(raw)))
        } else {
            Err(NonceError)
        }
    }

    /// The string itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl From<Nonce> for String {
    fn from(nonce: Nonce) -> Self {
        (&*nonce.0).into()
    }
}

impl TryFrom<String> for Nonce {
    type Error = NonceError;

    fn try_from(raw: String) -> Result<Self, NonceError> {
        Self::parse(&raw)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonce_has_1_to_64_bytes() {
        for (length, is_right) in [(0, false), (1, true), (64, true), (65, false)] {
            assert_eq!(Nonce::parse(&"x".repeat(length)).is_ok(), is_right, "{length} bytes");
        }
        // The limit counts bytes: each of these characters has two.
        assert!(Nonce::parse(&"é".repeat(33)).is_err());
    }
}
