//! A user's name.

use super::precis::{self, Verdict};
use super::{Forms, check_blank, context};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::str::FromStr;

/// A valid name of a user: shown as first written, compared without regard to case and width (RFC
/// 8266).
///
/// `Alice`, `alice` and `Ａlice` are equal; [`shown`](Self::shown) tells them apart. Cloning shares.
///
/// A nickname has no `PartialEq<str>`, because a string could mean either form: parse the string
/// first, or compare [`shown`](Self::shown) or [`folded`](Self::folded) with it.
#[derive(Clone)]
pub struct Nickname(Arc<Forms>);

impl Nickname {
    /// The most characters that a name may have, whatever a [`Config`](crate::Config) says.
    pub const LONGEST: usize = 64;

    /// The most combining marks that may follow each other: enough for every living language, too
    /// few to paint over the lines above.
    pub const MOST_MARKS: usize = 4;

    /// Parses a name as a user types it. White space at both ends is dropped (RFC 8266 §2.1).
    ///
    /// Beyond what PRECIS forbids, a nickname has no character that would end it, or have another
    /// meaning, in IRC: `!`, `@`, `*` and `?` separate and match the parts of a user (RFC 2812
    /// §2.3.1, §2.5), `,` separates targets (§3.3.1), and `:` begins the last parameter (§2.3.1).
    /// It does not begin with a character that marks a channel (`#`, `&`, `+`), a role in a list of
    /// members (`~`, `&`, `%`, `+`), a mask of servers (`$`) or a removal (`-`), and is not `0`,
    /// with which `JOIN` leaves all channels (§3.2.1). Full-width forms count as these characters.
    ///
    /// # Errors
    ///
    /// The reason for which the name is invalid.
    ///
    /// ```
    /// use chat_core::Nickname;
    /// let alice = Nickname::parse("Alice")?;
    /// assert_eq!(alice, Nickname::parse("ａｌｉｃｅ")?);
    /// assert_eq!(alice.shown(), "Alice");
    /// assert!(Nickname::parse("al ice").is_err());
    /// # Ok::<(), chat_core::NicknameError>(())
    /// ```
    pub fn parse(raw: &str) -> Result<Self, NicknameError> {
        let raw = raw.trim();
        if raw.is_empty() {
            return Err(NicknameError::Empty);
        }
        if raw.chars().nth(Self::LONGEST).is_some() {
            return Err(NicknameError::TooLong { limit: Self::LONGEST });
        }
        check_blank(raw).map_err(NicknameError::Forbidden)?;
        check_characters(raw)?;
        let folded = precis::fold(raw);
        // NFKC may turn a valid character into invalid ones (U+00A8 becomes a space and a mark).
        check_characters(&folded)?;
        if folded == "0" {
            return Err(NicknameError::Zero);
        }
        Ok(Self(Arc::new(Forms::new(raw, &folded))))
    }

    /// The name as it was first written.
    pub fn shown(&self) -> &str {
        self.0.shown()
    }

    /// The name as it is compared: NFKC, lower case.
    pub fn folded(&self) -> &str {
        self.0.folded()
    }
}

/// The reason for which a text is not a valid nickname.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum NicknameError {
    /// Nothing is left without white space.
    #[error("nickname cannot be empty")]
    Empty,
    /// It has too many characters.
    #[error("nickname is longer than {limit} characters")]
    TooLong {
        /// The most characters that it may have.
        limit: usize,
    },
    /// There is white space inside.
    #[error("nickname cannot contain white space")]
    WhiteSpace,
    /// It begins with a character that marks something else: `#`, `&`, `+`, `~`, `%`, `$`, `-`.
    #[error("nickname cannot begin with '{0}'; begin with a letter, a digit or '_'")]
    Prefix(char),
    /// It contains a character that separates or matches names: `!`, `@`, `*`, `?`, `,`, `:`.
    #[error("nickname cannot contain '{0}'; use letters, digits, '-', '_' and '.'")]
    Separator(char),
    /// It is `0`, which stands for no channel in IRC.
    #[error("nickname cannot be '0' alone; add a letter or another digit")]
    Zero,
    /// It contains a character that PRECIS forbids (RFC 8264 §4.3), or forbids where it stands.
    #[error("nickname cannot contain the character U+{:04X}", u32::from(*.0))]
    Forbidden(char),
    /// Too many combining marks follow each other.
    #[error("nickname has more than {} combining marks in a row", Nickname::MOST_MARKS)]
    TooManyMarks,
}

/// As [`parse`](Nickname::parse).
impl FromStr for Nickname {
    type Err = NicknameError;

    fn from_str(raw: &str) -> Result<Self, NicknameError> {
        Self::parse(raw)
    }
}

/// As [`parse`](Nickname::parse).
impl TryFrom<&str> for Nickname {
    type Error = NicknameError;

    fn try_from(raw: &str) -> Result<Self, NicknameError> {
        Self::parse(raw)
    }
}

/// As [`parse`](Nickname::parse).
impl TryFrom<String> for Nickname {
    type Error = NicknameError;

    fn try_from(raw: String) -> Result<Self, NicknameError> {
        Self::parse(&raw)
    }
}

/// The name as it was first written.
impl AsRef<str> for Nickname {
    fn as_ref(&self) -> &str {
        self.shown()
    }
}

impl PartialEq for Nickname {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.folded() == other.folded()
    }
}

impl Eq for Nickname {}

impl PartialOrd for Nickname {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Nickname {
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.0, &other.0) {
            return Ordering::Equal;
        }
        self.folded().cmp(other.folded())
    }
}

impl Hash for Nickname {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded().hash(state);
    }
}

impl fmt::Display for Nickname {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shown())
    }
}

impl fmt::Debug for Nickname {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.shown(), f)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Nickname {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.shown())
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Nickname {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = String::deserialize(deserializer)?;
        Self::parse(&raw).map_err(serde::de::Error::custom)
    }
}

fn check_characters(name: &str) -> Result<(), NicknameError> {
    let characters: Vec<char> = name.chars().collect();
    let mut marks = 0;
    for (index, &c) in characters.iter().enumerate() {
        if c.is_whitespace() {
            return Err(NicknameError::WhiteSpace);
        }
        let allowed = match precis::freeform(c) {
            Verdict::Valid => true,
            Verdict::Contextual => context::allows(&characters, index),
            Verdict::Disallowed => false,
        };
        if !allowed {
            return Err(NicknameError::Forbidden(c));
        }
        if index == 0 && matches!(c, '#' | '&' | '+' | '~' | '%' | '$' | '-') {
            return Err(NicknameError::Prefix(c));
        }
        if matches!(c, '!' | '@' | '*' | '?' | ',' | ':') {
            return Err(NicknameError::Separator(c));
        }
        marks = if precis::is_mark(c) { marks + 1 } else { 0 };
        if marks > Nickname::MOST_MARKS {
            return Err(NicknameError::TooManyMarks);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    fn name(raw: &str) -> Nickname {
        Nickname::parse(raw).unwrap_or_else(|error| panic!("{raw:?}: {error}"))
    }

    #[test]
    fn nicknames_ignore_width_and_case() {
        for same in ["alice", "ALICE", "Ａlice", "ａｌｉｃｅ", " alice "] {
            assert_eq!(name(same), name("Alice"));
        }
        assert_eq!(name("é"), name("e\u{301}"));
        assert_eq!(name("ﬁn"), name("fin"));
        assert_ne!(name("alice"), name("alicia"));
    }

    #[test]
    fn conversions_agree_with_parse() {
        for raw in ["Alice", " ａｌｉｃｅ ", "é", "", "a b", "#rust", "a\u{202e}b"] {
            let parsed = Nickname::parse(raw);
            assert_eq!(raw.parse(), parsed, "{raw:?}");
            assert_eq!(Nickname::try_from(raw), parsed, "{raw:?}");
            assert_eq!(Nickname::try_from(String::from(raw)), parsed, "{raw:?}");
            if let Ok(name) = parsed {
                assert_eq!(name.as_ref(), raw.trim());
            }
        }
    }

    #[test]
    fn invalid_names_are_refused_with_their_reasons() {
        let refused = |raw: &str| Nickname::parse(raw).err();
        assert_eq!(refused(""), Some(NicknameError::Empty));
        assert_eq!(refused(" \t "), Some(NicknameError::Empty));
        assert_eq!(refused("a b"), Some(NicknameError::WhiteSpace));
        assert_eq!(refused("a\u{3000}b"), Some(NicknameError::WhiteSpace));
        assert_eq!(refused("0"), Some(NicknameError::Zero));
        assert_eq!(refused("\u{ff10}"), Some(NicknameError::Zero), "a wide digit");
        assert_eq!(refused("00"), None);
        assert_eq!(refused("a\u{1b}b"), Some(NicknameError::Forbidden('\u{1b}')));
        assert_eq!(refused("a\u{202e}b"), Some(NicknameError::Forbidden('\u{202e}')));
        assert_eq!(refused("a\u{200d}b"), Some(NicknameError::Forbidden('\u{200d}')));
        assert_eq!(refused("\u{a8}"), Some(NicknameError::WhiteSpace), "becomes a space");
        assert_eq!(refused(&"a".repeat(65)), Some(NicknameError::TooLong { limit: 64 }));
        assert_eq!(
            refused("a\u{301}\u{301}\u{301}\u{301}\u{301}"),
            Some(NicknameError::TooManyMarks)
        );
        assert_eq!(refused("a\u{301}\u{301}\u{301}\u{301}"), None);
    }

    #[test]
    fn characters_with_a_meaning_in_irc_are_refused_in_every_width() {
        let refused = |raw: &str| Nickname::parse(raw).err();
        // A full-width form is 0xfee0 above the ASCII character.
        let wide = |c: char| char::from_u32(u32::from(c) + 0xfee0).expect("a character");
        for c in ['!', '@', '*', '?', ',', ':'] {
            for form in [c, wide(c)] {
                for raw in [format!("{form}"), format!("{form}a"), format!("a{form}b")] {
                    assert_eq!(refused(&raw), Some(NicknameError::Separator(c)), "{raw}");
                }
            }
        }
        for c in ['~', '&', '%', '+', '$', '#', '-'] {
            for form in [c, wide(c)] {
                assert_eq!(refused(&format!("{form}a")), Some(NicknameError::Prefix(c)));
                assert_eq!(refused(&format!("a{form}b{form}")), None);
            }
        }
        // Small forms, and characters that stand for several.
        assert_eq!(refused("\u{fe63}a"), Some(NicknameError::Prefix('-')));
        assert_eq!(refused("a\u{fe55}"), Some(NicknameError::Separator(':')));
        assert_eq!(refused("a\u{2049}"), Some(NicknameError::Separator('!')));
    }

    #[test]
    fn contextual_characters_depend_on_their_neighbours() {
        assert!(Nickname::parse("col·lega").is_ok());
        assert!(Nickname::parse("a·b").is_err());
        assert!(Nickname::parse("٣٤").is_ok());
        assert!(Nickname::parse("٣۴").is_err(), "two kinds of Arabic digits");
        assert!(Nickname::parse("カ・ナ").is_ok());
        assert!(Nickname::parse("a・b").is_err());
    }
}
