//! Text from users, cleaned so that it is safe to show.

use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;

/// A message, topic, reason or away text that cannot harm a terminal or break the framing.
///
/// Line breaks and tabs have become single spaces; control characters (C0, C1), line and paragraph
/// separators and bidirectional overrides, embeddings and isolates (UAX #9) are gone; white space
/// at both ends is gone. Cloning shares.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(Arc<str>);

impl Text {
    /// Cleans `raw`. The result may be empty.
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

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Text {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::clean(&String::deserialize(deserializer)?))
    }
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
