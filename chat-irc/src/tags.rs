//! The tags of lines (IRCv3 message tags).

use std::borrow::Cow;
use std::fmt::{self, Write};

/// The tags of a client's line, as the client wrote them between `@` and the space.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tags<'a>(pub(crate) &'a str);

impl<'a> Tags<'a> {
    /// Splits a line into its tags and the rest.
    pub(crate) fn split(line: &'a str) -> (Self, &'a str) {
        let Some(tagged) = line.strip_prefix('@') else { return (Self(""), line) };
        let (tags, rest) = tagged.split_once(' ').unwrap_or((tagged, ""));
        (Self(tags), rest.trim_start_matches(' '))
    }

    /// Returns the keys and values. A tag without a value has an empty one.
    pub(crate) fn iter(self) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> {
        let tags = self.0.split(';').filter(|tag| !tag.is_empty());
        tags.map(|tag| {
            let (key, value) = tag.split_once('=').unwrap_or((tag, ""));
            (key, unescaped(value))
        })
    }

    /// Returns the value of a tag, if it is not empty. Of tags with the same key the last counts.
    pub(crate) fn get(self, key: &str) -> Option<Cow<'a, str>> {
        let found = self.iter().filter(|(known, _)| *known == key).last();
        found.map(|(_, value)| value).filter(|value| !value.is_empty())
    }
}

/// The value of a tag, as it is written.
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return f.write_str(self.0);
        }
        for c in self.0.chars() {
            match c {
                ';' => f.write_str("\\:")?,
                ' ' => f.write_str("\\s")?,
                '\\' => f.write_str("\\\\")?,
                '\r' => f.write_str("\\r")?,
                '\n' => f.write_str("\\n")?,
                c if c.is_control() => f.write_char('_')?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// Adds a tag in front of those of a line.
pub(crate) fn with_tag(line: &str, key: &str, value: &str) -> String {
    let value = Escaped(value);
    match line.strip_prefix('@') {
        Some(rest) => format!("@{key}={value};{rest}"),
        None => format!("@{key}={value} {line}"),
    }
}

fn unescaped(value: &str) -> Cow<'_, str> {
    if !value.contains('\\') {
        return value.into();
    }
    let mut text = String::new();
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        let c = if c == '\\' { chars.next().map(escaped) } else { Some(c) };
        text.extend(c);
    }
    text.into()
}

/// Returns the character that is written as a backslash and `c`.
fn escaped(c: char) -> char {
    match c {
        ':' => ';',
        's' => ' ',
        'r' => '\r',
        'n' => '\n',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tags_are_keys_with_values() {
        let (tags, rest) = Tags::split("@a=1;b;+c/d=x\\:y\\sz\\;a=2;  PING x");
        let read: Vec<_> = tags.iter().map(|(key, value)| (key, value.into_owned())).collect();
        let expected = [("a", "1"), ("b", ""), ("+c/d", "x;y z"), ("a", "2")];
        assert_eq!(read, expected.map(|(key, value)| (key, value.to_owned())));
        assert_eq!(rest, "PING x");
        assert_eq!(
            (tags.get("a").as_deref(), tags.get("b"), tags.get("d")),
            (Some("2"), None, None)
        );
        assert_eq!(Tags::split("PING x"), (Tags(""), "PING x"));
        assert_eq!(Tags::split("@a"), (Tags("a"), ""));
    }

    #[test]
    fn tag_is_added_to_a_line() {
        assert_eq!(with_tag(":a PING", "label", "x;y"), "@label=x\\:y :a PING");
        assert_eq!(with_tag("@time=1 :a PING", "label", "x"), "@label=x;time=1 :a PING");
    }

    proptest! {
        #[test]
        fn value_is_read_as_it_was_written(value in "[a-z; \\\\\r\né]{0,20}") {
            let written = Escaped(&value).to_string();
            prop_assert_eq!(&*unescaped(&written), &*value);
        }
    }
}
