//! The editor of the input, which may have several lines.

use crate::connect::command::may_have_password;
use crate::connect::marks::TAB;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// A text with a cursor, and the history of entered texts.
#[derive(Debug, Default)]
pub(super) struct Editor {
    text: String,
    /// The position in bytes, always at the boundary of a grapheme.
    cursor: usize,
    history: Vec<String>,
    /// The index of the recalled text, and the draft before it.
    recalled: Option<(usize, String)>,
    completion: Option<Completion>,
}

/// The candidates that Tab cycles through.
#[derive(Debug)]
struct Completion {
    start: usize,
    candidates: Vec<String>,
    index: usize,
}

/// The part of the text that fits on the screen.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct EditorRows {
    /// A row for each visible line. A line that is too long is cut.
    pub(super) rows: Vec<String>,
    /// The row of the cursor.
    pub(super) row: usize,
    /// The column of the cursor.
    pub(super) column: usize,
}

/// The most texts in the history. The oldest are removed first.
const MOST_TEXTS: usize = 200;
/// The longest text in bytes. It is above the default limit of a server.
const LONGEST: usize = 16 * 1024;

impl Editor {
    /// Inserts a text at the cursor. Returns false if the whole would be too long.
    pub(super) fn insert(&mut self, text: &str) -> bool {
        self.completion = None;
        if self.text.len() + text.len() > LONGEST {
            return false;
        }
        self.text.insert_str(self.cursor, text);
        self.cursor += text.len();
        self.settle();
        true
    }

    /// Takes the text, and adds it to the history, unless it may contain a password.
    pub(super) fn take(&mut self) -> String {
        let text = std::mem::take(&mut self.text);
        (self.cursor, self.recalled, self.completion) = (0, None, None);
        let is_new = !text.trim().is_empty() && self.history.last() != Some(&text);
        if is_new && !may_have_password(&text) {
            self.history.push(text.clone());
            if self.history.len() > MOST_TEXTS {
                self.history.remove(0);
            }
        }
        text
    }

    /// Puts a text back.
    pub(super) fn put_back(&mut self, text: String) {
        self.replace(text);
    }

    /// Moves the cursor to the line above. In the first line, recalls the previous text of the
    /// history.
    pub(super) fn up(&mut self) {
        match self.line_start().checked_sub(1) {
            Some(end) => self.go_to_column(end),
            None => self.earlier(),
        }
    }

    /// Moves the cursor to the line below. In the last line, recalls the next text of the history,
    /// or the draft.
    pub(super) fn down(&mut self) {
        let end = self.line_end();
        match self.text[end..].chars().next() {
            Some(line_break) => {
                let below = &self.text[end + line_break.len_utf8()..];
                let length = below.find('\n').unwrap_or(below.len());
                self.go_to_column(self.text.len() - below.len() + length);
            }
            None => self.later(),
        }
    }

    pub(super) fn left(&mut self) {
        self.go(self.before());
    }

    pub(super) fn right(&mut self) {
        self.go(self.after());
    }

    pub(super) fn word_left(&mut self) {
        self.go(self.word_before());
    }

    pub(super) fn word_right(&mut self) {
        let ahead = &self.text[self.cursor..];
        let end = ahead
            .char_indices()
            .skip_while(|(_, c)| c.is_whitespace())
            .find(|(_, c)| c.is_whitespace())
            .map_or(self.text.len(), |(place, _)| self.cursor + place);
        self.go(end);
    }

    /// Moves the cursor to the beginning of its line.
    pub(super) fn home(&mut self) {
        self.go(self.line_start());
    }

    /// Moves the cursor to the end of its line.
    pub(super) fn end(&mut self) {
        self.go(self.line_end());
    }

    pub(super) fn backspace(&mut self) {
        self.cut(self.before(), self.cursor);
    }

    pub(super) fn delete(&mut self) {
        self.cut(self.cursor, self.after());
    }

    pub(super) fn delete_word(&mut self) {
        self.cut(self.word_before(), self.cursor);
    }

    /// Deletes the line before the cursor. At the beginning of a line, deletes the line break, so
    /// that repeating it deletes everything.
    pub(super) fn delete_to_start(&mut self) {
        let start = self.line_start();
        self.cut(if start < self.cursor { start } else { self.before() }, self.cursor);
    }

    /// Deletes the line after the cursor. At the end of a line, deletes the line break.
    pub(super) fn delete_to_end(&mut self) {
        let end = self.line_end();
        self.cut(self.cursor, if end > self.cursor { end } else { self.after() });
    }

    /// Recalls the previous text of the history.
    fn earlier(&mut self) {
        let (place, draft) = match self.recalled.take() {
            Some((place, draft)) => (place, draft),
            None => (self.history.len(), self.text.clone()),
        };
        let place = place.saturating_sub(1);
        let Some(line) = self.history.get(place).cloned() else { return };
        self.replace(line);
        self.recalled = Some((place, draft));
    }

    /// Recalls the next text of the history, or the draft.
    fn later(&mut self) {
        let Some((place, draft)) = self.recalled.take() else { return };
        match self.history.get(place + 1).cloned() {
            Some(line) => {
                self.replace(line);
                self.recalled = Some((place + 1, draft));
            }
            None => self.replace(draft),
        }
    }

    /// Completes the word at the cursor, or goes to the next candidate.
    ///
    /// `candidates` gets the text before the word and the word, and returns the replacements.
    pub(super) fn complete(&mut self, candidates: impl FnOnce(&str, &str) -> Vec<String>) {
        let completion = match self.completion.take() {
            Some(Completion { start, candidates, index }) => {
                let index = (index + 1) % candidates.len();
                Completion { start, candidates, index }
            }
            None => {
                let typed = &self.text[..self.cursor];
                let start = typed.rfind(char::is_whitespace).map_or(0, |space| {
                    space + typed[space..].chars().next().map_or(0, char::len_utf8)
                });
                let candidates = candidates(&typed[..start], &typed[start..]);
                if candidates.is_empty() {
                    return;
                }
                Completion { start, candidates, index: 0 }
            }
        };
        let word = &completion.candidates[completion.index];
        self.text.replace_range(completion.start..self.cursor, word);
        self.cursor = completion.start + word.len();
        self.completion = Some(completion);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Returns the number of lines.
    pub(super) fn line_count(&self) -> usize {
        1 + self.text.matches('\n').count()
    }

    /// Returns the part of the text around the cursor that fits into a width and a height.
    pub(super) fn rows(&self, width: usize, height: usize) -> EditorRows {
        let lines: Vec<&str> = self.text.split('\n').collect();
        let line = self.text[..self.cursor].matches('\n').count();
        let first = (line + 1).saturating_sub(height);
        let place = self.cursor - self.line_start();
        let (_, column) = window(lines[line], place, width);
        let rows = lines.iter().enumerate().skip(first).take(height);
        let rows = rows.map(|(index, text)| {
            let place = if index == line { place } else { 0 };
            window(text, place, width).0
        });
        EditorRows { rows: rows.collect(), row: line.saturating_sub(first), column }
    }

    fn go(&mut self, place: usize) {
        self.completion = None;
        self.cursor = place;
    }

    /// Moves the cursor to the line that ends at a place, at its present column if possible.
    fn go_to_column(&mut self, end: usize) {
        let column = width(&self.text[self.line_start()..self.cursor]);
        let start = self.text[..end].rfind('\n').map_or(0, |line_break| line_break + 1);
        let mut place = start;
        for symbol in self.text[start..end].graphemes(true) {
            if width(&self.text[start..place + symbol.len()]) > column {
                break;
            }
            place += symbol.len();
        }
        self.go(place);
    }

    /// Returns the beginning of the cursor's line.
    fn line_start(&self) -> usize {
        self.text[..self.cursor].rfind('\n').map_or(0, |line_break| line_break + 1)
    }

    /// Returns the end of the cursor's line.
    fn line_end(&self) -> usize {
        let ahead = &self.text[self.cursor..];
        self.cursor + ahead.find('\n').unwrap_or(ahead.len())
    }

    fn cut(&mut self, start: usize, end: usize) {
        self.completion = None;
        self.text.replace_range(start..end, "");
        self.cursor = start;
        self.settle();
    }

    fn replace(&mut self, text: String) {
        self.completion = None;
        self.cursor = text.len();
        self.text = text;
    }

    /// Moves the cursor to the end of its grapheme: after a change, the characters around it may
    /// form one.
    fn settle(&mut self) {
        let mut ends = self.text.grapheme_indices(true).map(|(start, _)| start);
        self.cursor = ends.find(|&end| end >= self.cursor).unwrap_or(self.text.len());
    }

    fn before(&self) -> usize {
        let before = self.text[..self.cursor].graphemes(true).next_back();
        self.cursor - before.map_or(0, str::len)
    }

    fn after(&self) -> usize {
        let after = self.text[self.cursor..].graphemes(true).next();
        self.cursor + after.map_or(0, str::len)
    }

    fn word_before(&self) -> usize {
        let before = self.text[..self.cursor].trim_end();
        before
            .rfind(char::is_whitespace)
            .map_or(0, |space| space + before[space..].chars().next().map_or(0, char::len_utf8))
    }
}

/// Returns the part of a line that fits into a width, and the column of the cursor in it.
fn window(line: &str, cursor: usize, most: usize) -> (String, usize) {
    let (mut start, mut column) = (0, width(&line[..cursor]));
    // The cursor needs a column.
    for symbol in line[..cursor].graphemes(true) {
        if column < most.max(1) {
            break;
        }
        start += symbol.len();
        column -= width(symbol);
    }
    let (mut shown, mut used) = (String::new(), 0);
    for symbol in line[start..].graphemes(true) {
        used += width(symbol);
        if used > most {
            break;
        }
        shown.push_str(drawn(symbol));
    }
    (shown, column)
}

/// Returns the number of columns of a text without line breaks.
fn width(text: &str) -> usize {
    text.graphemes(true).map(|symbol| drawn(symbol).width()).sum()
}

/// Returns a grapheme as it is drawn.
fn drawn(symbol: &str) -> &str {
    if symbol == "\t" { TAB } else { symbol }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Editor {
        let mut editor = Editor::default();
        text.chars().for_each(|c| assert!(editor.insert(&c.to_string())));
        editor
    }

    fn shown(editor: &Editor) -> String {
        format!("{}|{}", &editor.text[..editor.cursor], &editor.text[editor.cursor..])
    }

    #[test]
    fn cursor_moves_by_graphemes() {
        let mut editor = typed("ae\u{301}👩‍👧b");
        editor.left();
        editor.left();
        assert_eq!(shown(&editor), "ae\u{301}|👩‍👧b");
        editor.backspace();
        assert_eq!(shown(&editor), "a|👩‍👧b");
        editor.delete();
        assert_eq!(shown(&editor), "a|b");
    }

    #[test]
    fn cursor_moves_by_words_and_words_are_deleted() {
        let mut editor = typed("one two  three");
        editor.word_left();
        editor.word_left();
        assert_eq!(shown(&editor), "one |two  three");
        editor.word_right();
        assert_eq!(shown(&editor), "one two|  three");
        editor.delete_word();
        assert_eq!(shown(&editor), "one |  three");
        editor.delete_to_end();
        editor.home();
        editor.delete();
        editor.end();
        editor.delete_to_start();
        assert_eq!(shown(&editor), "|");
    }

    #[test]
    fn earlier_lines_and_the_draft_are_recalled() {
        let mut editor = typed("one");
        editor.take();
        editor.insert("two");
        editor.take();
        editor.insert("draft");
        editor.down();
        editor.up();
        assert_eq!(shown(&editor), "two|");
        editor.up();
        editor.up();
        assert_eq!(shown(&editor), "one|");
        editor.down();
        editor.down();
        assert_eq!(shown(&editor), "draft|");
    }

    #[test]
    fn tab_cycles_through_the_candidates() {
        let mut editor = typed("hi al");
        let candidates = |before: &str, word: &str| {
            assert_eq!((before, word), ("hi ", "al"));
            vec!["alice ".to_owned(), "alan ".to_owned()]
        };
        editor.complete(candidates);
        assert_eq!(shown(&editor), "hi alice |");
        editor.complete(candidates);
        assert_eq!(shown(&editor), "hi alan |");
        editor.complete(candidates);
        assert_eq!(shown(&editor), "hi alice |");
        editor.insert("x");
        editor.complete(|_, word| {
            assert_eq!(word, "x");
            Vec::new()
        });
        assert_eq!(shown(&editor), "hi alice x|");
    }

    #[test]
    fn long_line_is_shown_around_the_cursor() {
        for (line, cursor, width, shown) in [
            ("0123456789", 10, 5, ("6789", 4)),
            ("0123456789", 0, 5, ("01234", 0)),
            ("你好吗", 9, 5, ("好吗", 4)),
            ("你好吗", 9, 0, ("", 0)),
            ("\ta", 2, 9, ("    a", 5)),
            ("\ta", 2, 4, ("a", 1)),
        ] {
            let (text, column) = window(line, cursor, width);
            assert_eq!((text.as_str(), column), shown, "{line} at {cursor} in {width}");
        }
    }

    #[test]
    fn cursor_moves_between_lines_and_recalls_beyond_them() {
        let mut editor = typed("earlier");
        editor.take();
        assert!(editor.insert("one\n你好\nthree"));
        editor.up();
        assert_eq!(shown(&editor), "one\n你好|\nthree");
        editor.up();
        assert_eq!(shown(&editor), "one|\n你好\nthree");
        editor.down();
        assert_eq!(shown(&editor), "one\n你|好\nthree");
        editor.end();
        editor.down();
        assert_eq!(shown(&editor), "one\n你好\nthre|e");
        editor.home();
        assert_eq!(shown(&editor), "one\n你好\n|three");
        editor.down();
        assert_eq!(shown(&editor), "one\n你好\n|three", "there is no later text");
        (0..3).for_each(|_| editor.up());
        assert_eq!(shown(&editor), "earlier|");
        editor.down();
        assert_eq!(shown(&editor), "one\n你好\nthree|");
    }

    #[test]
    fn lines_are_deleted_and_joined() {
        let mut editor = typed("one\ntwo");
        editor.delete_to_start();
        assert_eq!(shown(&editor), "one\n|");
        editor.delete_to_start();
        assert_eq!(shown(&editor), "one|");
        assert!(editor.insert("\ntwo"));
        editor.up();
        editor.home();
        editor.delete_to_end();
        assert_eq!(shown(&editor), "|\ntwo");
        editor.delete_to_end();
        assert_eq!(shown(&editor), "|two");
        editor.delete_to_start();
        assert_eq!(shown(&editor), "|two");
    }

    #[test]
    fn lines_around_the_cursor_are_shown() {
        let mut editor = typed("1\n2\n\t3 is long\n4");
        assert_eq!(editor.line_count(), 4);
        let rows = |editor: &Editor, height| {
            let EditorRows { rows, row, column } = editor.rows(6, height);
            (rows.join("|"), row, column)
        };
        assert_eq!(rows(&editor, 9), ("1|2|    3 |4".to_owned(), 3, 1));
        assert_eq!(rows(&editor, 2), ("    3 |4".to_owned(), 1, 1));
        editor.up();
        editor.end();
        assert_eq!(rows(&editor, 2), ("2| long".to_owned(), 1, 5));
        editor.up();
        editor.up();
        assert_eq!(rows(&editor, 2), ("1|2".to_owned(), 0, 1));
        assert_eq!(rows(&editor, 0), (String::new(), 0, 1));
    }
}
