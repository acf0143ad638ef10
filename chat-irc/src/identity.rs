//! Names as they are written in lines.

use chat_core::{ChannelName, Recipient, Role, UserInfo};
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
        if is_graphic(text) {
            return f.write_str(text);
        }
        for c in text.chars() {
            let is_unsafe = c.is_whitespace() || c.is_control() || reorders(c);
            f.write_char(if is_unsafe { '_' } else { c })?;
        }
        Ok(())
    }
}

impl Word<'_> {
    /// Appends the word to a line, as `write!` does with more instructions.
    fn append(&self, line: &mut String) {
        if !self.0.is_empty() && !self.0.starts_with(':') && is_graphic(self.0) {
            line.push_str(self.0);
        } else {
            // Writing to a string cannot fail.
            let _ = write!(line, "{self}");
        }
    }
}

/// Returns true if a text has only visible characters of ASCII. It examines the whole text without
/// an early exit, so that the compiler can process many bytes at once.
fn is_graphic(text: &str) -> bool {
    text.bytes().fold(true, |graphic, byte| graphic & byte.is_ascii_graphic())
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

    /// Appends the mask to a line, as `write!` does with more instructions.
    pub(crate) fn append(&self, line: &mut String) {
        line.push_str(self.0.nickname.shown());
        line.push('!');
        username(self.0).append(line);
        line.push('@');
        host(self.0).append(line);
    }
}

impl fmt::Display for Mask<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}!{}@{}", self.0.nickname.shown(), username(self.0), host(self.0))
    }
}

/// Returns the name of a channel, which begins with `#`.
pub(crate) fn channel(name: &ChannelName) -> Cow<'_, str> {
    match channel_parts(name) {
        ("", name) => name.into(),
        (sign, name) => format!("{sign}{name}").into(),
    }
}

/// Returns the two parts of the name of a channel, of which one begins with `#`.
pub(crate) fn channel_parts(name: &ChannelName) -> (&'static str, &str) {
    let shown = name.shown();
    if shown.starts_with('#') {
        ("", shown)
    } else if shown.starts_with(|c: char| c.is_ascii()) || name.to_string().starts_with('#') {
        ("#", shown)
    } else {
        // The name begins with a wide sign, which counts as one.
        ("", name.folded())
    }
}

/// Returns the name of a channel with the sign of the least role of its members, as in `@#tea`.
pub(crate) fn members(name: &ChannelName, least: Role) -> String {
    let (signs, name) = members_parts(name, least);
    format!("{signs}{name}")
}

/// Returns the two parts of such a name: the signs, and the name without them.
pub(crate) fn members_parts(name: &ChannelName, least: Role) -> (&'static str, &str) {
    let (sign, name) = channel_parts(name);
    let signs = match (least, sign) {
        (Role::Voiced, "") => "+",
        (Role::Voiced, _) => "+#",
        (Role::Operator, "") => "@",
        (Role::Operator, _) => "@#",
        (Role::Owner, "") => "~",
        (Role::Owner, _) => "~#",
        (_, sign) => sign,
    };
    (signs, name)
}

/// Reads the name of a channel or of a user.
pub(crate) fn recipient(target: &str) -> Recipient {
    let to = if target.starts_with('#') { Recipient::Channel } else { Recipient::User };
    to(target.to_owned())
}

/// Reads the name of a channel with such a sign.
pub(crate) fn least_role(target: &str) -> Option<(Role, &str)> {
    let (sign, role) = SIGNS.iter().find(|(sign, _)| target.starts_with(*sign))?;
    let name = target.strip_prefix(*sign).filter(|name| name.starts_with('#'))?;
    Some((*role, name))
}

/// The signs of roles, as in `STATUSMSG`.
const SIGNS: [(char, Role); 3] = [('~', Role::Owner), ('@', Role::Operator), ('+', Role::Voiced)];

#[cfg(test)]
mod tests {
    use super::*;
    use chat_core::{Nickname, Text};

    #[test]
    fn word_is_one_parameter() {
        for (text, word) in
            [("a:b", "a:b"), ("a b\tc", "a_b_c"), ("", "*"), ("::x", "x"), (":", "*"), ("é", "é")]
        {
            assert_eq!(Word(text).to_string(), word);
            let mut line = String::new();
            Word(text).append(&mut line);
            assert_eq!(line, word);
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
    fn signs_of_roles_are_read_as_they_are_written() {
        let name = ChannelName::parse("tea").expect("a name");
        for (sign, role) in SIGNS {
            assert_eq!(members(&name, role), format!("{sign}#tea"));
            assert_eq!(least_role(&format!("{sign}#tea")), Some((role, "#tea")));
        }
        for target in ["#tea", "@tea", "%#tea", "@", ""] {
            assert_eq!(least_role(target), None, "{target}");
        }
    }

    #[test]
    fn channel_begins_with_its_sign() {
        for (raw, written) in [
            ("rust", "#rust"),
            ("Über", "#Über"),
            ("##Rust", "##Rust"),
            ("\u{ff03}#Rust", "##rust"),
            ("\u{fe5f}#Rust", "##rust"),
        ] {
            assert_eq!(channel(&ChannelName::parse(raw).expect("a name")), written);
        }
    }
}
