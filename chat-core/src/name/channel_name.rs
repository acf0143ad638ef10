//! A channel's name.

use super::precis::{self, Verdict};
use super::{Forms, check_blank};
use alloc::string::String;
use alloc::sync::Arc;
use core::borrow::Borrow;
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::str::FromStr;

/// A valid name of a channel, without the `#` that people may write in front; compared without
/// regard to case and width.
///
/// Cloning shares.
///
/// A channel name has no `PartialEq<str>`, because a string could mean either form, with or without
/// `#`: parse the string first, or compare [`shown`](Self::shown) or [`folded`](Self::folded) with
/// it.
#[derive(Clone)]
pub struct ChannelName(Arc<Forms>);

impl ChannelName {
    /// The most characters that a name may have, whatever a [`Config`](crate::Config) says.
    pub const LONGEST: usize = 128;

    /// The lobby, a channel without an owner that always exists.
    pub fn lobby() -> Self {
        Self(Arc::new(Forms::new("lobby", "lobby")))
    }

    /// Parses a name as a user types it. White space at both ends and one leading `#` are dropped.
    ///
    /// # Errors
    ///
    /// The reason for which the name is invalid.
    ///
    /// ```
    /// use chat_core::ChannelName;
    /// assert_eq!(ChannelName::parse("#Rust")?, ChannelName::parse("rust")?);
    /// # Ok::<(), chat_core::ChannelNameError>(())
    /// ```
    pub fn parse(raw: &str) -> Result<Self, ChannelNameError> {
        let raw = Self::typed(raw);
        if raw.is_empty() {
            return Err(ChannelNameError::Empty);
        }
        if raw.chars().nth(Self::LONGEST).is_some() {
            return Err(ChannelNameError::TooLong { limit: Self::LONGEST });
        }
        check_blank(raw).map_err(ChannelNameError::Forbidden)?;
        let folded = precis::fold(raw);
        check_characters(raw)?;
        check_characters(&folded)?;
        Ok(Self(Arc::new(Forms::new(raw, &folded))))
    }

    /// Strips white space and the leading `#` from a typed name.
    pub(crate) fn typed(raw: &str) -> &str {
        let raw = raw.trim();
        raw.strip_prefix('#').unwrap_or(raw)
    }

    /// The name as it was first written, without `#`.
    pub fn shown(&self) -> &str {
        self.0.shown()
    }

    /// The name as it is compared: NFKC, lower case.
    pub fn folded(&self) -> &str {
        self.0.folded()
    }

    /// Returns true if this is the lobby.
    pub fn is_lobby(&self) -> bool {
        self.folded() == "lobby"
    }
}

/// The reason for which a text is not a valid channel name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum ChannelNameError {
    /// Nothing is left without white space and `#`.
    #[error("channel name cannot be empty")]
    Empty,
    /// It has too many characters.
    #[error("channel name is longer than {limit} characters")]
    TooLong {
        /// The most characters that it may have.
        limit: usize,
    },
    /// There is white space inside.
    #[error("channel name cannot contain white space")]
    WhiteSpace,
    /// It contains a character that PRECIS forbids (RFC 8264 §4.3), or one that separates names:
    /// `,` (IRC), `$` (txt-chat) and a second `#`.
    #[error("channel name cannot contain the character {}", Shown(*.0))]
    Forbidden(char),
}

/// Displays a character in an error: itself if it is harmless, otherwise its code point.
struct Shown(char);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_ascii_graphic() {
            write!(f, "'{}'", self.0)
        } else {
            write!(f, "U+{:04X}", u32::from(self.0))
        }
    }
}

/// As [`parse`](ChannelName::parse).
impl FromStr for ChannelName {
    type Err = ChannelNameError;

    fn from_str(raw: &str) -> Result<Self, ChannelNameError> {
        Self::parse(raw)
    }
}

/// As [`parse`](ChannelName::parse).
impl TryFrom<&str> for ChannelName {
    type Error = ChannelNameError;

    fn try_from(raw: &str) -> Result<Self, ChannelNameError> {
        Self::parse(raw)
    }
}

/// As [`parse`](ChannelName::parse).
impl TryFrom<String> for ChannelName {
    type Error = ChannelNameError;

    fn try_from(raw: String) -> Result<Self, ChannelNameError> {
        Self::parse(&raw)
    }
}

/// The name as it was first written, without `#`; [`Borrow`] gives the folded form instead.
impl AsRef<str> for ChannelName {
    fn as_ref(&self) -> &str {
        self.shown()
    }
}

impl PartialEq for ChannelName {
    fn eq(&self, other: &Self) -> bool {
        // Names from the same channel share one allocation, and most comparisons are between such
        // names.
        Arc::ptr_eq(&self.0, &other.0) || self.folded() == other.folded()
    }
}

impl Eq for ChannelName {}

impl PartialOrd for ChannelName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ChannelName {
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.0, &other.0) {
            return Ordering::Equal;
        }
        self.folded().cmp(other.folded())
    }
}

/// Names compare by the folded form, so that maps can be searched with it.
impl Borrow<str> for ChannelName {
    fn borrow(&self) -> &str {
        self.folded()
    }
}

impl Hash for ChannelName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded().hash(state);
    }
}

/// Shows the name with its `#`.
impl fmt::Display for ChannelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.shown())
    }
}

impl fmt::Debug for ChannelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.shown(), f)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for ChannelName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.shown())
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for ChannelName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = String::deserialize(deserializer)?;
        Self::parse(&raw).map_err(serde::de::Error::custom)
    }
}

fn check_characters(name: &str) -> Result<(), ChannelNameError> {
    let mut marks = 0;
    for c in name.chars() {
        if c.is_whitespace() {
            return Err(ChannelNameError::WhiteSpace);
        }
        marks = if precis::is_mark(c) { marks + 1 } else { 0 };
        let separates = matches!(c, ',' | '$' | '#');
        if separates || marks > super::Nickname::MOST_MARKS || precis::freeform(c) != Verdict::Valid
        {
            return Err(ChannelNameError::Forbidden(c));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channel_names_ignore_the_sign_and_the_case() {
        let rust = ChannelName::parse("#Rust").expect("a name");
        assert_eq!(rust, ChannelName::parse(" rust ").expect("a name"));
        assert_eq!(rust.shown(), "Rust");
        assert!(ChannelName::parse("#LOBBY").expect("a name").is_lobby());
    }

    #[test]
    fn conversions_agree_with_parse() {
        for raw in ["#Rust", " rust ", "127.0.0.1:54102", "#", "a b", "a,b", "##a"] {
            let parsed = ChannelName::parse(raw);
            assert_eq!(raw.parse(), parsed, "{raw:?}");
            assert_eq!(ChannelName::try_from(raw), parsed, "{raw:?}");
            assert_eq!(ChannelName::try_from(String::from(raw)), parsed, "{raw:?}");
            if let Ok(name) = parsed {
                assert_eq!(name.as_ref(), raw.trim().trim_start_matches('#'));
            }
        }
    }

    #[test]
    fn address_is_a_valid_channel_name() {
        assert!(ChannelName::parse("127.0.0.1:54102").is_ok());
        assert!(ChannelName::parse("[::1]:54102").is_ok());
    }

    #[test]
    fn invalid_names_are_refused_with_their_reasons() {
        let refused = |raw: &str| ChannelName::parse(raw).err();
        assert_eq!(refused("#"), Some(ChannelNameError::Empty));
        assert_eq!(refused("a b"), Some(ChannelNameError::WhiteSpace));
        assert_eq!(refused("a,b"), Some(ChannelNameError::Forbidden(',')));
        assert_eq!(refused("a$b"), Some(ChannelNameError::Forbidden('$')));
        assert_eq!(refused("##a"), Some(ChannelNameError::Forbidden('#')));
        assert_eq!(refused("a\u{7}b"), Some(ChannelNameError::Forbidden('\u{7}')));
        assert_eq!(refused(&"a".repeat(129)), Some(ChannelNameError::TooLong { limit: 128 }));
    }
}
