//! Names as they are written in lines.

use chat_core::{ChannelName, UserInfo};
use std::borrow::Cow;
use std::fmt::{self, Write};

/// A text as a parameter that is not the last one: without white space, and not empty.
pub(crate) struct Word<'a>(pub(crate) &'a str);

impl fmt::Display for Word<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.trim_start_matches(':');
        if text.is_empty() {
            return f.write_char('*');
        }
        // Nearly all names need no check of each character.
        if text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return f.write_str(text);
        }
        for c in text.chars() {
            let is_unsafe = c.is_whitespace() || c.is_control() || reorders(c);
            f.write_char(if is_unsafe { '_' } else { c })?;
        }
        Ok(())
    }
}

/// Returns true for the characters that change the direction of the text around them.
fn reorders(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The user name of a user, as in `nick!user@host`.
pub(crate) fn username(user: &UserInfo) -> Word<'_> {
    Word(user.username_or_default())
}

/// The host name of a user, as in `nick!user@host`.
pub(crate) fn host(user: &UserInfo) -> Word<'_> {
    Word(user.host_or_default())
}

/// The real name of a user: its nickname if it has given none.
pub(crate) fn real_name(user: &UserInfo) -> &str {
    user.real_name.as_ref().map_or_else(|| user.nickname.shown(), |name| name.as_str())
}

/// A user as the source of a line: `nick!user@host`.
pub(crate) struct Mask<'a>(pub(crate) &'a UserInfo);

impl Mask<'_> {
    /// Returns the length in bytes, or a little more.
    pub(crate) fn len(&self) -> usize {
        let (Word(username), Word(host)) = (username(self.0), host(self.0));
        // An empty word is written as a star.
        self.0.nickname.shown().len() + "!@".len() + username.len().max(1) + host.len().max(1)
    }
}

impl fmt::Display for Mask<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}!{}@{}", self.0.nickname.shown(), username(self.0), host(self.0))
    }
}

/// Returns the name of a channel, which begins with `#`.
pub(crate) fn channel(name: &ChannelName) -> Cow<'_, str> {
    let written = name.to_string();
    // The name may begin with a wide sign, which counts as one.
    if written.starts_with('#') { written.into() } else { name.folded().into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chat_core::{Nickname, Text};

    #[test]
    fn word_is_one_parameter() {
        for (text, word) in [("a b\tc", "a_b_c"), ("", "*"), ("::x", "x"), (":", "*"), ("é", "é")]
        {
            assert_eq!(Word(text).to_string(), word);
        }
    }

    #[test]
    fn mask_is_complete_without_names_of_the_client() {
        let mut user = UserInfo::guest(Nickname::parse("Alice").expect("a name"));
        assert_eq!(Mask(&user).to_string(), "Alice!user@hidden");
        user.username = Some(Text::clean("al"));
        user.host = Some(Text::clean("c-1"));
        assert_eq!(Mask(&user).to_string(), "Alice!al@c-1");
        assert_eq!(Mask(&user).len(), "Alice!al@c-1".len());
    }

    #[test]
    fn channel_begins_with_its_sign() {
        for (raw, written) in [("rust", "#rust"), ("##Rust", "##Rust"), ("\u{ff03}#Rust", "##rust")]
        {
            assert_eq!(channel(&ChannelName::parse(raw).expect("a name")), written);
        }
    }
}
