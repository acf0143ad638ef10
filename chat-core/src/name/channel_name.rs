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

/// A valid name of a channel; compared without regard to case and width.
///
/// One `#` in front of a name is a sign that people may write or omit: `#rust` and `rust` are the
/// same channel. A second `#` belongs to the name, as in IRC (RFC 2811 §2.1): `##rust` is another
/// channel, which is always written with both. Elsewhere in a name `#` is a character like others:
/// `c#`.
///
/// [`shown`](Self::shown), [`folded`](Self::folded) and [`Display`](fmt::Display) of a name parse
/// to the same name.
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

    /// Parses a name as a user types it. White space at both ends is dropped, and so is a leading
    /// `#`, unless a second one follows it. Full-width signs (`＃`) count as `#`.
    ///
    /// # Errors
    ///
    /// The reason for which the name is invalid.
    ///
    /// ```
    /// use chat_core::ChannelName;
    /// assert_eq!(ChannelName::parse("#Rust")?, ChannelName::parse("rust")?);
    /// assert_ne!(ChannelName::parse("##rust")?, ChannelName::parse("rust")?);
    /// assert_eq!(ChannelName::parse("##rust")?.shown(), "##rust");
    /// # Ok::<(), chat_core::ChannelNameError>(())
    /// ```
    pub fn parse(raw: &str) -> Result<Self, ChannelNameError> {
        let raw = Self::typed(raw);
        if raw.chars().all(is_sign) {
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

    /// Strips white space and the optional `#` from a typed name. Two or more leading signs are
    /// part of the name: without the first one, `##rust` could not be told from `#rust`, which is
    /// `rust`.
    pub(crate) fn typed(raw: &str) -> &str {
        let raw = raw.trim();
        match raw.strip_prefix(is_sign) {
            Some(rest) if !rest.starts_with(is_sign) => rest,
            Some(_) | None => raw,
        }
    }

    /// The name as it was first written, without the optional `#`: `Rust`, or `##Rust`.
    pub fn shown(&self) -> &str {
        self.0.shown()
    }

    /// The name as it is compared: NFKC, lower case, without the optional `#`.
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
    /// Nothing is left without white space and leading `#`.
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
    /// `,` (IRC) and `$` (txt-chat).
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

/// The same as [`shown`](ChannelName::shown); [`Borrow`] gives the folded form instead.
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

/// Shows the name with its `#`: `#rust`, or `##rust`.
impl fmt::Display for ChannelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.shown();
        let sign = if shown.starts_with(is_sign) { "" } else { "#" };
        write!(f, "{sign}{shown}")
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

/// Returns true for `#`, and for the characters that folding turns into it.
fn is_sign(c: char) -> bool {
    matches!(c, '#' | '\u{ff03}' | '\u{fe5f}')
}

fn check_characters(name: &str) -> Result<(), ChannelNameError> {
    let mut marks = 0;
    for c in name.chars() {
        if c.is_whitespace() {
            return Err(ChannelNameError::WhiteSpace);
        }
        marks = if precis::is_mark(c) { marks + 1 } else { 0 };
        let separates = matches!(c, ',' | '$');
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
    use alloc::format;
    use alloc::string::ToString;
    use proptest::prelude::*;

    #[test]
    fn channel_names_ignore_the_sign_and_the_case() {
        let rust = ChannelName::parse("#Rust").expect("a name");
        assert_eq!(rust, ChannelName::parse(" rust ").expect("a name"));
        assert_eq!(rust.shown(), "Rust");
        assert!(ChannelName::parse("#LOBBY").expect("a name").is_lobby());
    }

    #[test]
    fn conversions_agree_with_parse() {
        for raw in ["#Rust", " rust ", "127.0.0.1:54102", "#", "a b", "a,b", "c#"] {
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
    fn second_sign_belongs_to_the_name() {
        let name = |raw: &str| ChannelName::parse(raw).expect("a name");
        assert_ne!(name("##rust"), name("rust"));
        assert_ne!(name("###rust"), name("##rust"));
        assert_eq!(name("##Rust").shown(), "##Rust");
        assert_eq!(name("##Rust").folded(), "##rust");
        assert_eq!(name("##Rust").to_string(), "##Rust");
        assert_eq!(name("#c#").shown(), "c#");
        assert_eq!(name("c#").to_string(), "#c#");
        assert!(!name("##lobby").is_lobby());
    }

    #[test]
    fn wide_signs_count_as_signs() {
        let name = |raw: &str| ChannelName::parse(raw).expect("a name");
        assert_eq!(name("\u{ff03}rust"), name("rust"));
        assert_eq!(name("\u{fe5f}rust").shown(), "rust");
        assert_eq!(name("\u{ff03}#rust"), name("##rust"));
        assert_eq!(name("\u{ff03}\u{fe5f}rust").to_string(), "\u{ff03}\u{fe5f}rust");
        for c in '\0'..=char::MAX {
            let mut utf8 = [0; 4];
            let folds_to_sign = precis::fold(c.encode_utf8(&mut utf8)).contains('#');
            assert_eq!(folds_to_sign, is_sign(c), "U+{:04X}", u32::from(c));
        }
    }

    proptest! {
        #[test]
        fn every_form_of_a_name_parses_to_the_same_name(
            raw in "[ #＃﹟]{0,4}([a-dA-D#＃﹟éＡａß\u{301}ﬁ.:/%-]|\\PC){0,8}[# ]{0,2}",
        ) {
            let Ok(name) = ChannelName::parse(&raw) else { return Ok(()) };
            let (displayed, spaced) = (format!("{name}"), format!(" {name} "));
            for form in [name.shown(), name.folded(), &displayed, &spaced] {
                let parsed = ChannelName::parse(form);
                prop_assert_eq!(parsed.as_ref(), Ok(&name), "{:?} of {:?}", form, raw);
            }
            for form in [name.shown(), &displayed] {
                let parsed = ChannelName::parse(form).expect("it has been parsed above");
                prop_assert_eq!(parsed.shown(), name.shown());
            }
            // Known names are found without parsing.
            prop_assert_eq!(ChannelName::typed(name.folded()), name.folded());
            #[cfg(feature = "serde")]
            {
                let json = serde_json::to_string(&name).expect("a name is JSON");
                let read: ChannelName = serde_json::from_str(&json).expect("it is a name");
                prop_assert_eq!(read.shown(), name.shown());
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
        assert_eq!(refused("##"), Some(ChannelNameError::Empty));
        assert_eq!(refused("\u{ff03}"), Some(ChannelNameError::Empty));
        assert_eq!(refused("##a b"), Some(ChannelNameError::WhiteSpace));
        assert_eq!(refused("a\u{7}b"), Some(ChannelNameError::Forbidden('\u{7}')));
        assert_eq!(refused(&"a".repeat(129)), Some(ChannelNameError::TooLong { limit: 128 }));
    }
}
