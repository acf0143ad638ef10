//! The editor of the input line.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// A line with a cursor, and the history of entered lines.
#[derive(Debug, Default)]
pub(super) struct Editor {
    text: String,
    /// The position in bytes, always at the boundary of a grapheme.
    cursor: usize,
    history: Vec<String>,
    /// The index of the recalled line, and the draft before it.
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

/// The most lines in the history. The oldest are removed first.
const MOST_LINES: usize = 200;
/// The longest line in bytes. It is above the default limit of a server.
const LONGEST: usize = 16 * 1024;

impl Editor {
    /// Inserts a text at the cursor. Returns false if the line would be too long.
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

    /// Takes the line, and adds it to the history.
    pub(super) fn take(&mut self) -> String {
        let line = std::mem::take(&mut self.text);
        (self.cursor, self.recalled, self.completion) = (0, None, None);
        if !line.trim().is_empty() && self.history.last() != Some(&line) {
            self.history.push(line.clone());
            if self.history.len() > MOST_LINES {
                self.history.remove(0);
            }
        }
        line
    }

    /// Puts a line back.
    pub(super) fn put_back(&mut self, line: String) {
        self.replace(line);
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

    pub(super) fn home(&mut self) {
        self.go(0);
    }

    pub(super) fn end(&mut self) {
        self.go(self.text.len());
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

    pub(super) fn delete_to_start(&mut self) {
        self.cut(0, self.cursor);
    }

    pub(super) fn delete_to_end(&mut self) {
        self.cut(self.cursor, self.text.len());
    }

    /// Recalls the previous line of the history.
    pub(super) fn earlier(&mut self) {
        let (place, draft) = match self.recalled.take() {
            Some((place, draft)) => (place, draft),
            None => (self.history.len(), self.text.clone()),
        };
        let place = place.saturating_sub(1);
        let Some(line) = self.history.get(place).cloned() else { return };
        self.replace(line);
        self.recalled = Some((place, draft));
    }

    /// Recalls the next line of the history, or the draft.
    pub(super) fn later(&mut self) {
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

    /// Returns the part of the line that fits into a width, and the column of the cursor in it.
    pub(super) fn window(&self, width: usize) -> (&str, usize) {
        let mut start = 0;
        // The cursor needs a column.
        while self.text[start..self.cursor].width() >= width.max(1) {
            let Some(first) = self.text[start..].graphemes(true).next() else { break };
            start += first.len();
        }
        let mut end = start;
        for character in self.text[start..].graphemes(true) {
            if self.text[start..end].width() + character.width() > width {
                break;
            }
            end += character.len();
        }
        (&self.text[start..end], self.text[start..self.cursor].width())
    }

    fn go(&mut self, place: usize) {
        self.completion = None;
        self.cursor = place;
    }

    fn cut(&mut self, start: usize, end: usize) {
        self.completion = None;
        self.text.replace_range(start..end, "");
        self.cursor = start;
        self.settle();
    }

    fn replace(&mut self, line: String) {
        self.completion = None;
        self.cursor = line.len();
        self.text = line;
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
        editor.later();
        editor.earlier();
        assert_eq!(shown(&editor), "two|");
        editor.earlier();
        editor.earlier();
        assert_eq!(shown(&editor), "one|");
        editor.later();
        editor.later();
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
        let mut editor = typed("0123456789");
        assert_eq!(editor.window(5), ("6789", 4));
        editor.home();
        assert_eq!(editor.window(5), ("01234", 0));
        let wide = typed("你好吗");
        assert_eq!(wide.window(5), ("好吗", 4));
        assert_eq!(wide.window(0), ("", 0));
    }
}
