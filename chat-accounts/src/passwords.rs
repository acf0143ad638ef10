//! Passwords: how they are compared, and which ones are too easy to guess.

use crate::strength::{is_common, is_pattern, resembles_name};
use chat_core::Secret;
use stringprep::tables;
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// A password in the form that is hashed.
///
/// People type the same password in different ways: a keyboard may produce `é` as one character or
/// as two, or a wide digit instead of a narrow one. SASLprep (RFC 4013) gives all of these one
/// form. The SASL mechanisms `PLAIN` and `SCRAM-SHA-256` require it (RFC 4616 §2, RFC 5802 §2.2),
/// and every way to log in uses it, so that all accept the same password.
///
/// Two rules of SASLprep are left out, as in its successor for passwords (RFC 8265 §4): text of
/// both directions is allowed, and so are characters that are newer than Unicode 3.2, emoji for
/// instance.
#[derive(Clone, Debug)]
pub struct Password(Secret);

impl Password {
    /// The longest text that is accepted as a password, in bytes. A longer one is refused before
    /// any work is done for it.
    pub const LONGEST: usize = 1_024;

    /// The length of the shortest password that may be chosen, in characters (NIST SP 800-63B
    /// §5.1.1.2).
    pub const SHORTEST: usize = 8;

    /// Brings the text that a client has sent into the form that is hashed.
    ///
    /// A login needs only this; a new password must also be [hard enough to
    /// guess](Self::check_strength).
    ///
    /// # Errors
    ///
    /// If the text is empty, is longer than [`LONGEST`](Self::LONGEST), or has characters that
    /// cannot be part of a password: controls, private and unassigned ones.
    pub fn prepare(text: &Secret) -> Result<Self, PasswordError> {
        let typed = text.expose();
        if typed.len() > Self::LONGEST {
            return Err(PasswordError::TooLong { bytes: typed.len() });
        }
        let prepared = if typed.is_ascii() { text.clone() } else { Secret::new(map(typed)) };
        if prepared.expose().is_empty() {
            return Err(PasswordError::Empty);
        }
        match prepared.expose().chars().find(|&c| is_forbidden(c)) {
            Some(character) => Err(PasswordError::Forbidden { character }),
            None => Ok(Self(prepared)),
        }
    }

    /// Checks that the password is hard enough to guess, as the new password of an account.
    ///
    /// There are no rules on kinds of characters: they make passwords hard to remember, and not
    /// hard to guess (NIST SP 800-63B, appendix A).
    ///
    /// # Errors
    ///
    /// If the password is shorter than [`SHORTEST`](Self::SHORTEST), is little more than the name
    /// of its account or than one of the 3,000 most common passwords, or is a simple pattern.
    pub fn check_strength(&self, account: &str) -> Result<(), PasswordError> {
        let characters = self.text().chars().count();
        if characters < Self::SHORTEST {
            return Err(PasswordError::TooShort { characters });
        }
        let folded = self.text().to_lowercase();
        if is_pattern(&folded) {
            return Err(PasswordError::Pattern);
        }
        if resembles_name(&folded, account) {
            return Err(PasswordError::ResemblesName);
        }
        if is_common(&folded) {
            return Err(PasswordError::Common);
        }
        Ok(())
    }

    pub(crate) fn text(&self) -> &str {
        self.0.expose()
    }
}

/// The reason why a password is refused, for the user who has typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PasswordError {
    /// There is no password, or only characters that are ignored.
    #[error("the password is empty: choose one of at least {} characters", Password::SHORTEST)]
    Empty,
    /// The password is longer than [`Password::LONGEST`].
    #[error(
        "the password is too long: it has {bytes} bytes, and at most {} are possible",
        Password::LONGEST
    )]
    TooLong {
        /// Its length in bytes.
        bytes: usize,
    },
    /// The password has a character that cannot be part of one.
    #[error(
        "the password has a character that is not allowed (U+{:04X}): use letters, digits, spaces, \
         punctuation and symbols",
        u32::from(*character)
    )]
    Forbidden {
        /// The first such character.
        character: char,
    },
    /// The password is shorter than [`Password::SHORTEST`].
    #[error(
        "the password is too short: it has {characters} characters, and needs at least {}; four \
         words that have nothing to do with each other are a good one",
        Password::SHORTEST
    )]
    TooShort {
        /// Its length in characters.
        characters: usize,
    },
    /// The password repeats a few characters, or counts up or down.
    #[error(
        "the password is a simple pattern, which is easy to guess: choose words or characters that \
         do not follow from each other"
    )]
    Pattern,
    /// The password is little more than the name of its account.
    #[error(
        "the password is little more than the name of the account: choose one that has nothing to \
         do with the name"
    )]
    ResemblesName,
    /// The password is little more than one of the most common ones.
    #[error(
        "the password is one of the most common ones, or little more: choose one that nobody else \
         is likely to use"
    )]
    Common,
}

/// Maps and normalises a text (RFC 4013 §2.1 and §2.2).
fn map(typed: &str) -> String {
    typed
        .chars()
        .map(|c| if tables::non_ascii_space_character(c) { ' ' } else { c })
        .filter(|&c| !tables::commonly_mapped_to_nothing(c))
        .nfkc()
        .collect()
}

/// Returns true for a character that may not be in a prepared text (RFC 4013 §2.3), and for one
/// that Unicode does not define yet: its normal form could change.
fn is_forbidden(c: char) -> bool {
    tables::non_ascii_space_character(c)
        || tables::ascii_control_character(c)
        || tables::non_ascii_control_character(c)
        || tables::private_use(c)
        || tables::non_character_code_point(c)
        || tables::surrogate_code(c)
        || tables::inappropriate_for_plain_text(c)
        || tables::inappropriate_for_canonical_representation(c)
        || tables::change_display_properties_or_deprecated(c)
        || tables::tagging_character(c)
        || c.general_category() == GeneralCategory::Unassigned
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn prepared(text: &str) -> Result<String, PasswordError> {
        Password::prepare(&Secret::new(text)).map(|password| password.text().to_owned())
    }

    fn strength(text: &str) -> Result<(), PasswordError> {
        Password::prepare(&Secret::new(text))?.check_strength("alice")
    }

    #[test]
    fn ways_to_type_a_password_are_one_password() {
        for (typed, same) in [
            ("I\u{ad}X", "IX"),
            ("user", "user"),
            ("USER", "USER"),
            ("\u{aa}", "a"),
            ("\u{2168}", "IX"),
            ("cafe\u{301} au lait", "caf\u{e9} au lait"),
            ("\u{ff11}\u{ff12}\u{3000}x", "12 x"),
            (" two\u{a0}words ", " two words "),
            ("\u{5d0}b\u{5d1}1", "\u{5d0}b\u{5d1}1"),
            ("\u{1f469}\u{200d}\u{1f680} \u{2764}\u{fe0f}", "\u{1f469}\u{1f680} \u{2764}"),
        ] {
            assert_eq!(prepared(typed).as_deref(), Ok(same), "{typed}");
        }
    }

    #[test]
    fn texts_that_cannot_be_passwords_are_refused() {
        let forbidden = |character| Err(PasswordError::Forbidden { character });
        for (typed, refusal) in [
            (String::new(), Err(PasswordError::Empty)),
            ("\u{ad}\u{200d}".to_owned(), Err(PasswordError::Empty)),
            ("with\0nul".to_owned(), forbidden('\0')),
            ("with\ttab".to_owned(), forbidden('\t')),
            ("line\r\nline".to_owned(), forbidden('\r')),
            ("delete\u{7f}".to_owned(), forbidden('\u{7f}')),
            ("next line\u{85}".to_owned(), forbidden('\u{85}')),
            ("private\u{e000}".to_owned(), forbidden('\u{e000}')),
            ("direction\u{202e}".to_owned(), forbidden('\u{202e}')),
            ("replacement\u{fffd}".to_owned(), forbidden('\u{fffd}')),
            ("unassigned\u{378}".to_owned(), forbidden('\u{378}')),
            ("x".repeat(1_025), Err(PasswordError::TooLong { bytes: 1_025 })),
            ("\0".repeat(10_000_000), Err(PasswordError::TooLong { bytes: 10_000_000 })),
        ] {
            assert_eq!(prepared(&typed), refusal);
        }
        assert!(prepared(&"x".repeat(1_024)).is_ok());
    }

    #[test]
    fn weak_passwords_are_refused() {
        for (weak, refusal) in [
            ("x", PasswordError::TooShort { characters: 1 }),
            ("\u{e9}\u{e8}\u{ea}4567", PasswordError::TooShort { characters: 7 }),
            ("aaaaaaaa", PasswordError::Pattern),
            ("abababab", PasswordError::Pattern),
            ("xk7!xk7!xk7!xk", PasswordError::Pattern),
            ("        ", PasswordError::Pattern),
            ("12345678", PasswordError::Pattern),
            ("1234567890", PasswordError::Pattern),
            ("hgfedcba", PasswordError::Pattern),
            ("1234ABCD", PasswordError::Pattern),
            ("alicealice", PasswordError::ResemblesName),
            ("Alice2026", PasswordError::ResemblesName),
            ("!!ALICE!!", PasswordError::ResemblesName),
            ("ecila123", PasswordError::ResemblesName),
            ("password", PasswordError::Common),
            ("Password1!", PasswordError::Common),
            ("qwertyuiop", PasswordError::Common),
            ("dragon2026", PasswordError::Common),
            ("1qaz2wsx", PasswordError::Common),
            ("PASSWORD", PasswordError::Common),
        ] {
            assert_eq!(strength(weak), Err(refusal), "{weak}");
        }
    }

    #[test]
    fn other_passwords_are_accepted() {
        for good in [
            "correct horse battery staple",
            "alice in wonderland",
            "malice aforethought",
            "xK7!qP2w",
            "dragonflies-of-1998",
            "\u{43f}\u{430}\u{440}\u{43e}\u{43b}\u{44c} \u{434}\u{43b}\u{44f} \
             \u{447}\u{430}\u{442}\u{430}",
            "\u{1f469}\u{1f680}\u{1f40e}\u{1f50b}\u{1f9f7}\u{1f3e0}\u{1f30b}\u{1f511}",
        ] {
            assert_eq!(strength(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn part_of_a_long_name_is_refused() {
        let password = Password::prepare(&Secret::new("aforethought")).unwrap();
        let refusal = Err(PasswordError::ResemblesName);
        assert_eq!(password.check_strength("Malice_Aforethought"), refusal);
        assert_eq!(password.check_strength("\u{ff41}forethought"), refusal);
        assert_eq!(password.check_strength("al"), Ok(()));
    }

    #[test]
    fn refusals_say_what_is_wrong_and_what_is_right() {
        let told: Vec<_> = [
            PasswordError::Empty,
            PasswordError::TooLong { bytes: 1_025 },
            PasswordError::Forbidden { character: '\0' },
            PasswordError::TooShort { characters: 7 },
        ]
        .iter()
        .map(ToString::to_string)
        .collect();
        assert_eq!(
            told,
            [
                "the password is empty: choose one of at least 8 characters",
                "the password is too long: it has 1025 bytes, and at most 1024 are possible",
                "the password has a character that is not allowed (U+0000): use letters, digits, \
             spaces, punctuation and symbols",
                "the password is too short: it has 7 characters, and needs at least 8; four words \
             that have nothing to do with each other are a good one",
            ]
        );
    }

    proptest! {
        #[test]
        fn preparation_agrees_with_saslprep(text in any::<String>()) {
            if let Ok(expected) = stringprep::saslprep(&text)
                && !expected.is_empty()
                && text.len() <= Password::LONGEST
            {
                prop_assert_eq!(prepared(&text), Ok(expected.into_owned()));
            }
        }

        #[test]
        fn prepared_password_is_prepared_to_itself(text in "\\PC{1,40}") {
            if let Ok(once) = prepared(&text) {
                prop_assert_eq!(prepared(&once), Ok(once));
            }
        }

        #[test]
        fn checks_never_panic(text in any::<String>(), name in any::<String>()) {
            if let Ok(password) = Password::prepare(&Secret::new(text)) {
                let _ = password.check_strength(&name);
            }
        }
    }
}
