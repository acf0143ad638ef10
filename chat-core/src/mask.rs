//! Masks: patterns for several users, as in IRC.

use crate::{AccountName, Nickname, Text, UserInfo};
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;
use core::str::FromStr;

/// A mask of users: `nick!user@host` with `*` for any characters and `?` for one, or `~a:ACCOUNT`
/// (also written `~account:ACCOUNT`) for the user of an account.
///
/// Masks compare and [match](Self::matches) without regard to the case of ASCII letters, except in
/// the name of an account, which is compared exactly. Cloning shares.
#[derive(Clone, Debug)]
pub struct UserMask(Arc<str>);

impl UserMask {
    /// The most bytes that a mask may have. It has to fit into one line of IRC, beside the name of
    /// a channel and the user who has set it.
    pub const LONGEST: usize = 200;

    /// Parses a mask as a user types it. Missing parts are `*`: `nick` is `nick!*@*`, and
    /// `user@host` is `*!user@host`. Several stars in a row count as one.
    ///
    /// # Errors
    ///
    /// The reason for which it is no mask.
    ///
    /// ```
    /// use chat_core::UserMask;
    /// assert_eq!(UserMask::parse("**@c-7f")?.to_string(), "*!*@c-7f");
    /// assert_eq!(UserMask::parse("Spam*")?, UserMask::parse("spam*!*@*")?);
    /// assert!(UserMask::parse("a b").is_err());
    /// # Ok::<(), chat_core::MaskError>(())
    /// ```
    pub fn parse(raw: &str) -> Result<Self, MaskError> {
        let raw = raw.trim();
        if raw.is_empty() {
            return Err(MaskError::Empty);
        }
        if raw.len() > Self::LONGEST {
            return Err(MaskError::TooLong { limit: Self::LONGEST });
        }
        let is_forbidden = |c: char| c.is_whitespace() || c == ',';
        if raw.starts_with(':') || raw.contains(is_forbidden) || Text::clean(raw) != raw {
            return Err(MaskError::Forbidden);
        }
        if let Some(account) = raw.strip_prefix(ACCOUNT).or_else(|| raw.strip_prefix(LONG_ACCOUNT))
        {
            if account.is_empty() {
                return Err(MaskError::Empty);
            }
            return Ok(Self(format!("{ACCOUNT}{account}").into()));
        }
        if raw.starts_with('~') {
            return Err(MaskError::UnknownKind);
        }
        let (left, host) = raw.rsplit_once('@').unwrap_or((raw, ""));
        let (nickname, username) = match left.split_once('!') {
            Some(parts) => parts,
            None if left.len() < raw.len() => ("", left),
            None => (left, ""),
        };
        if nickname.contains('@') || username.contains(['!', '@']) || host.contains('!') {
            return Err(MaskError::Separator);
        }
        let [nickname, username, host] = [nickname, username, host].map(part);
        let written = format!("{nickname}!{username}@{host}");
        if written.len() > Self::LONGEST {
            return Err(MaskError::TooLong { limit: Self::LONGEST });
        }
        Ok(Self(written.into()))
    }

    /// Returns true if the mask matches a user as others see it. A user without a name on its own
    /// machine has the name [`NO_USERNAME`](UserInfo::NO_USERNAME), and one without a host
    /// [`NO_HOST`](UserInfo::NO_HOST).
    pub fn matches(&self, user: &UserInfo) -> bool {
        if let Some(account) = self.0.strip_prefix(ACCOUNT) {
            return user.account.as_ref().map(AccountName::as_str) == Some(account);
        }
        let Some((nickname, username, host)) = self.parts() else { return false };
        let names = &user.nickname;
        // The folded form as well, so that wide letters do not evade the mask.
        (matches_glob(nickname, names.shown()) || matches_glob(nickname, names.folded()))
            && matches_glob(username, user.username_or_default())
            && matches_glob(host, user.host_or_default())
    }

    /// Returns the nickname if the mask is `nick!*@*` for a valid one, so that it is about a single
    /// user.
    pub fn nickname(&self) -> Option<Nickname> {
        Nickname::parse(self.0.strip_suffix("!*@*")?).ok()
    }

    /// Returns the account if the mask is about one.
    pub fn account(&self) -> Option<&str> {
        self.0.strip_prefix(ACCOUNT)
    }

    /// The mask as it was first written, with all of its parts.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn parts(&self) -> Option<(&str, &str, &str)> {
        let (nickname, rest) = self.0.split_once('!')?;
        let (username, host) = rest.split_once('@')?;
        Some((nickname, username, host))
    }
}

/// Returns true if a text matches a pattern, in which `*` stands for any characters and `?` for
/// one, without regard to the case of ASCII letters. Both must be short: the time is at most the
/// product of their lengths, however many stars there are.
pub fn matches_glob(pattern: &str, text: &str) -> bool {
    let (mut pattern, mut text) = (pattern.chars(), text.chars());
    // The pattern after the last star, and the text that this rest has been tried on.
    let mut star: Option<(core::str::Chars<'_>, core::str::Chars<'_>)> = None;
    loop {
        let rest = text.clone();
        match (pattern.next(), text.next()) {
            (None, None) => return true,
            (Some('*'), _) => {
                star = Some((pattern.clone(), rest.clone()));
                text = rest;
            }
            (Some(wanted), Some(c)) if wanted == '?' || wanted.eq_ignore_ascii_case(&c) => {}
            // Later starts leave even fewer characters.
            (Some(_), None) => return false,
            (Some(_) | None, Some(_)) => {
                let Some((after, tried)) = &mut star else { return false };
                tried.next();
                (pattern, text) = (after.clone(), tried.clone());
            }
        }
    }
}

/// The reason for which a text is no mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum MaskError {
    /// It is empty.
    #[error("a mask must not be empty")]
    Empty,
    /// It is too long.
    #[error("a mask must have at most {limit} bytes")]
    TooLong {
        /// The most bytes.
        limit: usize,
    },
    /// It contains white space, a comma or a character that no name has.
    #[error("a mask must not contain white space, commas or control characters")]
    Forbidden,
    /// It has a separator too many.
    #[error("a mask is written nick!user@host")]
    Separator,
    /// It begins with `~`, and is not about an account.
    #[error("this kind of mask is unknown; those of accounts are written ~a:ACCOUNT")]
    UnknownKind,
}

/// The beginning of a mask of an account.
const ACCOUNT: &str = "~a:";
/// The same, as clients may write it.
const LONG_ACCOUNT: &str = "~account:";

/// Returns a part of a mask without repeated stars; an empty one matches everything.
fn part(raw: &str) -> String {
    if raw.is_empty() {
        return "*".into();
    }
    let mut part = String::with_capacity(raw.len());
    for c in raw.chars() {
        if c != '*' || !part.ends_with('*') {
            part.push(c);
        }
    }
    part
}

impl PartialEq for UserMask {
    fn eq(&self, other: &Self) -> bool {
        if self.account().is_some() || other.account().is_some() {
            return self.0 == other.0;
        }
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for UserMask {}

impl fmt::Display for UserMask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// As [`parse`](UserMask::parse).
impl FromStr for UserMask {
    type Err = MaskError;

    fn from_str(raw: &str) -> Result<Self, MaskError> {
        Self::parse(raw)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for UserMask {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for UserMask {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = String::deserialize(deserializer)?;
        Self::parse(&raw).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    fn mask(raw: &str) -> UserMask {
        UserMask::parse(raw).unwrap_or_else(|error| panic!("{raw}: {error}"))
    }

    #[test]
    fn missing_parts_match_everything() {
        for (raw, written) in [
            ("bob", "bob!*@*"),
            ("bob!al", "bob!al@*"),
            ("al@host", "*!al@host"),
            ("@host", "*!*@host"),
            ("!", "*!*@*"),
            ("b**b!***@a*", "b*b!*@a*"),
            (" *!*@* ", "*!*@*"),
            ("~a:Bob", "~a:Bob"),
            ("~account:Bob", "~a:Bob"),
        ] {
            assert_eq!(mask(raw).to_string(), written);
            assert_eq!(mask(written).to_string(), written);
        }
    }

    #[test]
    fn invalid_masks_say_why() {
        let long = "a".repeat(UserMask::LONGEST);
        let too_long = MaskError::TooLong { limit: UserMask::LONGEST };
        for (raw, error) in [
            ("", MaskError::Empty),
            ("~a:", MaskError::Empty),
            ("a b!*@*", MaskError::Forbidden),
            ("a,b", MaskError::Forbidden),
            (":a", MaskError::Forbidden),
            ("a\u{202e}b", MaskError::Forbidden),
            ("a!b!c@d", MaskError::Separator),
            ("a@b@c", MaskError::Separator),
            ("a@b!c", MaskError::Separator),
            ("~x:bob", MaskError::UnknownKind),
            (&long, too_long),
        ] {
            assert_eq!(UserMask::parse(raw), Err(error), "{raw}");
        }
    }

    #[test]
    fn masks_match_what_others_see() {
        let mut user = UserInfo::guest(Nickname::parse("\u{ff22}ob").expect("a name"));
        for (raw, expected) in
            [("b?b!*@*", true), ("*!user@hidden", true), ("*!al@*", false), ("~a:bob", false)]
        {
            assert_eq!(mask(raw).matches(&user), expected, "{raw}");
        }
        user.account = Some("bob7".into());
        user.username = Some(Text::clean("Al"));
        user.host = Some(Text::clean("c-7f"));
        for (raw, expected) in [
            ("*!al@C-*", true),
            ("*!user@*", false),
            ("*@c-8*", false),
            ("~a:bob7", true),
            ("~a:BOB7", false),
            ("~a:bob*", false),
        ] {
            assert_eq!(mask(raw).matches(&user), expected, "{raw}");
        }
    }

    #[test]
    fn masks_compare_without_regard_to_case() {
        assert_eq!(mask("BOB!*@Host"), mask("bob!*@hOST"));
        assert_ne!(mask("~a:Bob"), mask("~a:bob"));
        assert_eq!(mask("bob!*@*").nickname(), Nickname::parse("bob").ok());
        for raw in ["b*", "bob!al@*", "~a:bob", "*"] {
            assert_eq!(mask(raw).nickname(), None, "{raw}");
        }
    }

    #[test]
    fn stars_and_question_marks_match() {
        for (pattern, text, expected) in [
            ("*", "alice", true),
            ("a*e", "Alice", true),
            ("a?ice", "alice", true),
            ("a*b*c", "aXbXbc", true),
            ("a*b", "abc", false),
            ("a", "ab", false),
            ("", "a", false),
            ("", "", true),
            ("?", "", false),
            ("?", "\u{e9}", true),
            ("**", "", true),
        ] {
            assert_eq!(matches_glob(pattern, text), expected, "{pattern} {text}");
        }
        let long = "a".repeat(400);
        assert!(!matches_glob(&"a*".repeat(200), &format!("{}b", "c".repeat(400))));
        assert!(!matches_glob(&format!("{}b", "*a".repeat(100)), &long));
        assert!(matches_glob(&"a*".repeat(200), &long));
    }
}
