//! Handles pasted text: a single line is inserted at the cursor, and several lines are sent only
//! after the user has confirmed.

use super::App;
use super::pasted::{PasteChoice, Pasted};
use crate::connect::request::{Request, To};
use chat_server::engine::Text;

/// The most lines that can be pasted at once. With the server's default rate limit, sending them
/// takes 10 seconds.
const MOST_LINES: usize = 100;

impl App {
    /// Handles pasted text.
    pub(in crate::connect::screen) fn take_paste(&mut self, text: &str) {
        let lines: Vec<String> = text
            .split(['\n', '\r'])
            .map(|line| Text::clean(line).to_string())
            .filter(|line| !line.is_empty())
            .collect();
        match lines.as_slice() {
            [] => {}
            [line] => self.insert_pasted(line),
            lines if lines.len() > MOST_LINES => self.note(format!(
                "error: {} lines are too many to paste at once: at most {MOST_LINES}",
                lines.len()
            )),
            _ => match self.room().to() {
                Some(to) => {
                    self.pasted = Some(Pasted { to, place: self.room().label(), lines });
                }
                None => self.note("error: you cannot send messages here; go to a channel first"),
            },
        }
    }

    /// Carries out the user's decision about the pasted lines.
    pub(in crate::connect::screen) fn decide_paste(&mut self, choice: PasteChoice) {
        let Some(Pasted { to, lines, .. }) = self.pasted.take() else { return };
        match choice {
            PasteChoice::Cancel => {}
            PasteChoice::Join => self.insert_pasted(&lines.join(" ")),
            PasteChoice::Send => {
                // Lines that begin with a slash are not executed: pasted text is not trustworthy.
                lines.into_iter().all(|text| self.say(to.clone(), text));
                self.rooms[self.current].scroll = 0;
            }
        }
    }

    fn say(&mut self, to: To, text: String) -> bool {
        self.ask(Request::chat(to, "message", text))
    }

    fn insert_pasted(&mut self, line: &str) {
        if !self.editor.insert(line) {
            self.note("error: that is too long to paste into a line");
        }
    }
}
