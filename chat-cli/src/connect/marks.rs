//! Combining marks that pile up.

use chat_core::Nickname;
use std::borrow::Cow;
use unicode_width::UnicodeWidthChar;

/// Takes away marks that are so many that they would paint over the rows above.
pub(super) fn without_piles(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut marks = 0;
    let fits = |c: &char| {
        // What joins emoji is as narrow as a mark, and makes nothing taller.
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
    fn as_many_marks_are_kept_as_a_language_needs() {
        let piled = format!("a{}b", "\u{301}".repeat(50));
        assert_eq!(without_piles(&piled), format!("a{}b", "\u{301}".repeat(4)));
        let families = "👩‍👩‍👧‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿 plain";
        assert_eq!(without_piles(families), families);
    }
}
