//! Text from users, cleaned so that it is safe to show.

use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;

/// A message, topic, reason or away text that cannot harm a terminal.
///
/// Control characters (C0, C1), line and paragraph separators and bidirectional overrides,
/// embeddings and isolates (UAX #9) are gone. A topic, a reason or an away text is
/// [one line](Self::clean). A message may have [several](Self::clean_lines), and then contains line
/// feeds; it may also contain tabs. A dialect of lines has to write [each line](Self::lines) of a
/// message as a line of its own. Cloning shares.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(Arc<str>);

impl Text {
    /// Cleans `raw` as one line: line breaks and tabs become single spaces, and white space at both
    /// ends is removed. The result may be empty.
    ///
    /// ```
    /// use chat_core::Text;
    /// assert_eq!(Text::clean("hi\x1b[31m\r\nthere\u{202e}").as_str(), "hi[31m there");
    /// ```
    pub fn clean(raw: &str) -> Self {
        if is_plain(raw) {
            return Self(Arc::from(raw.trim_ascii()));
        }
        if !raw.contains(is_unsafe) {
            return Self(Arc::from(raw.trim()));
        }
        let mut clean = String::with_capacity(raw.len());
        let mut after_break = false;
        for c in raw.chars() {
            let is_break = matches!(c, '\n' | '\r' | '\t');
            if is_break && !after_break {
                clean.push(' ');
            } else if !is_unsafe(c) {
                clean.push(c);
            }
            after_break = is_break;
        }
        Self(Arc::from(clean.trim()))
    }

    /// Cleans `raw` as the text of a message, which may have several lines.
    ///
    /// CR LF, CR and LF end a line and become LF. Tabs and the white space at the beginning of a
    /// line stay, because they indent. White space at the end of each line is removed, and so are
    /// lines without a visible character before the first and after the last other line. Other
    /// separators of lines (VT, FF, NEL, U+2028, U+2029) are removed like all control characters.
    /// The result may be empty. Cleaning it again changes nothing.
    ///
    /// ```
    /// use chat_core::Text;
    /// let text = Text::clean_lines("\r\nif ready:  \r\n\tgo()\x07\n\n");
    /// assert_eq!(text.as_str(), "if ready:\n\tgo()");
    /// ```
    pub fn clean_lines(raw: &str) -> Self {
        if is_plain(raw) {
            return Self(Arc::from(raw.trim_ascii_end()));
        }
        if !raw.contains(is_unsafe) {
            return Self(Arc::from(raw.trim_end()));
        }
        let mut clean = String::with_capacity(raw.len());
        // The length up to the last line with a visible character.
        let mut end = 0;
        let mut rest = Some(raw);
        while let Some(raw) = rest {
            let (line, after) = split_line(raw);
            rest = after;
            if end > 0 {
                clean.push('\n');
            }
            let start = clean.len();
            clean.extend(line.chars().filter(|&c| c == '\t' || !is_unsafe(c)));
            clean.truncate(start + clean[start..].trim_end().len());
            if !clean[start..].chars().all(leaves_no_mark) {
                end = clean.len();
            } else if end == 0 {
                clean.clear();
            }
        }
        Self(Arc::from(&clean[..end]))
    }

    /// Returns the text as [one line](Self::clean). A text that is one already is shared.
    #[must_use]
    pub fn single_line(&self) -> Self {
        // A check of all bytes without an early exit is faster, because it processes many at once.
        let has_controls = self.0.bytes().fold(false, |found, byte| found | (byte < b' '));
        let is_single = !has_controls
            && !self.0.starts_with(char::is_whitespace)
            && !self.0.ends_with(char::is_whitespace);
        if is_single { self.clone() } else { Self::clean(&self.0) }
    }

    /// Returns the lines of the text without their line feeds. There is at least one, and lines in
    /// the middle may be empty.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.0.split('\n')
    }

    /// Returns the number of [lines](Self::lines).
    pub fn line_count(&self) -> usize {
        1 + self.0.bytes().filter(|&byte| byte == b'\n').count()
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns true if the text is empty, or all of its characters are invisible.
    pub fn is_empty(&self) -> bool {
        // Usually the first byte is visible, so that other characters need not be classified.
        !self.0.as_bytes().first().is_some_and(u8::is_ascii_graphic)
            && self.0.chars().all(leaves_no_mark)
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Compares with the text as it is. The string is not cleaned.
impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        &*self.0 == other
    }
}

/// Compares with the text as it is. The string is not cleaned.
impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        &*self.0 == *other
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Text {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Cleans the text as [one line](Text::clean). The text of a [`Message`](crate::Message) keeps its
/// lines.
#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Text {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::clean(&String::deserialize(deserializer)?))
    }
}

/// Deserializes the text of a message, which may have several lines.
#[cfg(feature = "serde")]
pub(crate) fn deserialize_lines<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Text, D::Error> {
    let raw: String = serde::Deserialize::deserialize(deserializer)?;
    Ok(Text::clean_lines(&raw))
}

/// Splits a text after its first line, which ends with CR LF, CR or LF. Returns the line without
/// its end, and the text after it, if the line has an end.
fn split_line(text: &str) -> (&str, Option<&str>) {
    let Some(end) = text.find(['\n', '\r']) else { return (text, None) };
    let (line, rest) = text.split_at(end);
    let after = rest.strip_prefix("\r\n").unwrap_or_else(|| &rest[1..]);
    (line, Some(after))
}

/// Returns true if a text consists of visible ASCII and spaces only. A check of bytes is faster
/// than one of characters, and most messages are plain.
fn is_plain(raw: &str) -> bool {
    raw.bytes().fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~'))
}

/// Returns true if a character can move a cursor, end a line, or reorder the text around it.
pub(crate) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Returns true if a character is invisible by itself: white space, joiners and separators,
/// fillers, variation selectors, the Braille blank. Emoji and several scripts need such characters
/// beside others; a text of them alone counts as empty.
pub(crate) fn leaves_no_mark(c: char) -> bool {
    c.is_whitespace()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2065}'
            | '\u{206a}'..='\u{206f}' | BRAILLE_BLANK | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

/// A character that looks like a space but is classified as a symbol.
pub(crate) const BRAILLE_BLANK: char = '\u{2800}';

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_bidirectional_characters_are_removed() {
        for c in ('\0'..=char::MAX).filter(|&c| is_unsafe(c)) {
            let clean = Text::clean(&String::from_iter(['a', c, 'b']));
            assert!(!clean.as_str().contains(c), "{c:?} is still in {clean:?}");
        }
    }

    #[test]
    fn a_text_equals_the_string_that_it_shows() {
        let text = Text::clean(" hi\r\nthere ");
        for (string, equal) in [("hi there", true), (" hi\r\nthere ", false), ("Hi there", false)] {
            assert_eq!(text == string, equal, "{string:?}");
            assert_eq!(text == *string, equal, "{string:?}");
            assert_eq!(text.as_ref() == string, equal, "{string:?}");
        }
    }

    #[test]
    fn line_break_becomes_a_space() {
        assert_eq!(Text::clean("one\r\ntwo\tthree").as_str(), "one two three");
    }

    #[test]
    fn message_keeps_its_lines_and_their_indentation() {
        for (raw, clean) in [
            ("one", "one"),
            ("  one  ", "  one"),
            ("\u{3000}\u{e9}ins \u{a0}", "\u{3000}\u{e9}ins"),
            ("one\r\ntwo\rthree\nfour", "one\ntwo\nthree\nfour"),
            ("one\n\r\n\rtwo", "one\n\n\ntwo"),
            ("\ttab\there\t", "\ttab\there"),
            ("\n \n\t\n  if x:\n    y \n\n \n", "  if x:\n    y"),
            ("a\n\u{200b}\nb\n\u{200b}\u{feff}\n", "a\n\u{200b}\nb"),
            ("\u{200b}\nb", "b"),
            ("a \u{7}\nb\u{b}c\u{c}d\u{85}e\u{2028}f\u{2029}g", "a\nbcdefg"),
            ("a\n\u{1b}[2J\u{202e}b", "a\n[2Jb"),
            (" ", ""),
            ("\r\n \t\r\n", ""),
            ("", ""),
        ] {
            let text = Text::clean_lines(raw);
            assert_eq!(text, *clean, "{raw:?}");
            assert_eq!(Text::clean_lines(clean), text, "{raw:?}");
            assert_eq!(text.line_count(), text.lines().count(), "{raw:?}");
        }
    }

    #[test]
    fn text_of_several_lines_becomes_a_single_line() {
        for (raw, single) in
            [("one", "one"), ("one\n\n two\tthree", "one  two three"), (" one", "one")]
        {
            assert_eq!(Text::clean_lines(raw).single_line(), *single, "{raw:?}");
        }
    }

    #[test]
    fn text_of_invisible_characters_is_empty() {
        for text in ["", " \t", "\u{200b}", "\u{feff} \u{2800}", "\u{200d}\u{fe0f}", "\u{3164}"] {
            assert!(Text::clean(text).is_empty(), "{text:?}");
        }
        for text in ["x", "\u{200b}x", "👩‍👧", "\u{1f3f4}\u{e0067}\u{e007f}"] {
            assert!(!Text::clean(text).is_empty(), "{text:?}");
        }
    }

    #[test]
    fn emoji_and_scripts_are_unchanged() {
        let text = "héllo 👩‍👩‍👧 שלום \u{200f}مرحبا 你好";
        assert_eq!(Text::clean(text).as_str(), text);
    }
}
