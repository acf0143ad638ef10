//! Secrets, which must not appear in logs.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::ops::RangeInclusive;

/// A credential, such as a password or a token. Its `Debug` does not show it.
///
/// A secret has neither `Display` nor a comparison with strings, so that it is not shown by
/// accident and not compared in a time that depends on its content; see [`is_same`](Self::is_same).
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Secret(
    // A boxed pointer keeps commands small: they are moved often, and few have a secret.
    Arc<Box<str>>,
);

impl Secret {
    /// The most bytes of a password. The host is not asked about longer ones.
    pub const LONGEST_PASSWORD: usize = 1_024;
    /// The numbers of bytes that a reconnect key may have. The least is 128 bits, if they are
    /// chosen at random.
    pub const RECONNECT_KEY: RangeInclusive<usize> = 16..=128;

    /// Keeps a text secret.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(Arc::new(text.into()))
    }

    /// Compares with another secret, in a time that does not depend on where they differ.
    pub fn is_same(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.0.as_bytes(), other.0.as_bytes());
        let differences = ours.iter().zip(theirs).fold(0, |found, (one, two)| found | (one ^ two));
        ours.len() == theirs.len() && core::hint::black_box(differences) == 0
    }

    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
