//! Handles pasted text.

use super::App;
use chat_server::engine::Text;

impl App {
    /// Inserts pasted text at the cursor. Its lines stay, and nothing is sent before the user
    /// presses Enter: pasted text is not trustworthy.
    pub(in crate::connect::screen) fn take_paste(&mut self, text: &str) {
        if let Some(question) = &mut self.question {
            return question.insert(text);
        }
        if !self.editor.insert(Text::clean_lines(text).as_str()) {
            self.note("error: that is too long to paste");
        }
    }
}
