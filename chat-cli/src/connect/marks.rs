//! Prepares text for a terminal: limits combining marks, which can pile up on one character, and
//! replaces tabs.

use chat_server::engine::Nickname;
use std::borrow::Cow;
use unicode_width::UnicodeWidthChar;

/// The replacement of a tab, as in the text dialect.
pub(super) const TAB: &str = "    ";

/// Removes excess combining marks, which would be drawn over the rows above.
pub(super) fn without_piles(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut marks = 0;
    let fits = |c: &char| {
        // The joiners of emoji have no width either, but do not make a character taller.
        let joins = matches!(c, '\u{200d}' | '\u{fe0e}' | '\u{fe0f}' | '\u{e0020}'..='\u{e007f}');
        marks = if c.width() == Some(0) && !joins { marks + 1 } else { 0 };
        marks <= Nickname::MOST_MARKS
    };
    text.chars().filter(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_beyond_the_limit_are_removed() {
        let piled = format!("a{}b", "\u{301}".repeat(50));
        assert_eq!(without_piles(&piled), format!("a{}b", "\u{301}".repeat(4)));
        let families = "👩‍👩‍👧‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿 plain";
        assert_eq!(without_piles(families), families);
    }
}
