//! Wraps and truncates text.

use crate::connect::marks::without_piles;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Wraps pieces of text into rows of a width, between words if possible. Rows after the first begin
/// with `indent` spaces.
pub(super) fn wrap(pieces: &[(String, Style)], width: usize, indent: usize) -> Vec<Line<'static>> {
    let indent = if indent * 2 < width { indent } else { 0 };
    let mut rows = Vec::new();
    let mut row = Row::default();
    for (text, style) in pieces {
        for symbol in without_piles(text).graphemes(true) {
            // A symbol that is wider than the row cannot be shown.
            let symbol = if symbol.width() + indent > width { "?" } else { symbol };
            if row.width + symbol.width() > width {
                let rest = if symbol == " " { Row::default() } else { row.split() };
                rows.push(std::mem::replace(&mut row, Row::indented(indent)).line());
                row.append(rest);
                if symbol == " " || row.width + symbol.width() > width {
                    continue;
                }
            }
            row.push(symbol, *style);
        }
    }
    rows.push(row.line());
    rows
}

/// Truncates a text to a width, with an ellipsis if it does not fit.
pub(super) fn fit(text: &str, width: usize) -> String {
    let text = &*without_piles(text);
    if text.width() <= width {
        return text.to_owned();
    }
    let mut fitting = String::new();
    let mut used = 1;
    for symbol in text.graphemes(true) {
        used += symbol.width();
        if used > width {
            break;
        }
        fitting.push_str(symbol);
    }
    if width > 0 {
        fitting.push('…');
    }
    fitting
}

#[derive(Default)]
struct Row {
    symbols: Vec<(String, Style)>,
    width: usize,
    /// The number of symbols that are indentation.
    indent: usize,
}

impl Row {
    fn indented(indent: usize) -> Self {
        let symbols = vec![(" ".to_owned(), Style::new()); indent];
        Self { symbols, width: indent, indent }
    }

    fn push(&mut self, symbol: &str, style: Style) {
        self.width += symbol.width();
        self.symbols.push((symbol.to_owned(), style));
    }

    fn append(&mut self, other: Self) {
        self.width += other.width;
        self.symbols.extend(other.symbols);
    }

    /// Splits off the last word, if there is another before it.
    fn split(&mut self) -> Self {
        let space = self.symbols.iter().rposition(|(symbol, _)| symbol == " ");
        let Some(space) = space.filter(|&space| space >= self.indent) else {
            return Self::default();
        };
        let symbols = self.symbols.split_off(space + 1);
        let width = symbols.iter().map(|(symbol, _)| symbol.width()).sum();
        self.width -= width;
        Self { symbols, width, indent: 0 }
    }

    fn line(self) -> Line<'static> {
        let mut spans: Vec<Span<'static>> = Vec::new();
        for (symbol, style) in self.symbols {
            match spans.last_mut() {
                Some(span) if span.style == style => span.content.to_mut().push_str(&symbol),
                _ => spans.push(Span::styled(symbol, style)),
            }
        }
        Line::from(spans)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(text: &str, width: usize, indent: usize) -> Vec<String> {
        let pieces = [(text.to_owned(), Style::new())];
        let rows = wrap(&pieces, width, indent);
        let rows: Vec<String> = rows.iter().map(ToString::to_string).collect();
        assert!(rows.iter().all(|row| row.width() <= width), "{rows:?} in {width}");
        rows
    }

    #[test]
    fn rows_break_between_words() {
        assert_eq!(wrapped("the quick brown fox", 10, 0), ["the quick ", "brown fox"]);
        assert_eq!(wrapped("the quick brown fox", 9, 2), ["the quick", "  brown ", "  fox"]);
        assert_eq!(wrapped("", 5, 0), [""]);
    }

    #[test]
    fn too_long_words_are_broken() {
        assert_eq!(wrapped("abcdefgh", 3, 0), ["abc", "def", "gh"]);
        assert_eq!(wrapped("ab cdefgh", 4, 0), ["ab ", "cdef", "gh"]);
    }

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!(wrapped("你好吗朋友", 5, 0), ["你好", "吗朋", "友"]);
        assert_eq!(wrapped("a👩‍👧b", 3, 0), ["a👩‍👧", "b"]);
        assert_eq!(wrapped("你", 1, 0), ["?"]);
    }

    #[test]
    fn excess_marks_are_removed() {
        let piled = format!("a{}b", "\u{301}".repeat(50));
        assert_eq!(wrapped(&piled, 9, 0), [format!("a{}b", "\u{301}".repeat(4))]);
        assert_eq!(fit("👩‍👩‍👧‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿", 9), "👩‍👩‍👧‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿");
    }

    #[test]
    fn every_width_is_possible() {
        for width in 1..8 {
            for indent in 0..8 {
                wrapped("one 你好 twothree  four", width, indent);
            }
        }
    }

    #[test]
    fn truncated_text_ends_with_an_ellipsis() {
        assert_eq!(fit("lobby", 5), "lobby");
        assert_eq!(fit("lobby", 4), "lob…");
        assert_eq!(fit("你好吗", 4), "你…");
        assert_eq!(fit("x", 0), "");
    }
}
