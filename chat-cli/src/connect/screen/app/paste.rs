//! What is pasted: one line goes where the cursor is, and before several are sent, the user is
//! asked.

use super::App;
use super::pasted::{PasteChoice, Pasted};
use crate::connect::request::{Request, To};
use chat_core::Text;

/// Most lines that can be pasted at once: at the server's usual pace they take 10 seconds.
const MOST_LINES: usize = 100;

impl App {
    /// Takes in what was pasted.
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
                None => self.note("error: nothing can be said here; go to a channel first"),
            },
        }
    }

    /// Does with the pasted lines what the user says.
    pub(in crate::connect::screen) fn decide_paste(&mut self, choice: PasteChoice) {
        let Some(Pasted { to, lines, .. }) = self.pasted.take() else { return };
        match choice {
            PasteChoice::Cancel => {}
            PasteChoice::Join => self.insert_pasted(&lines.join(" ")),
            PasteChoice::Send => {
                // Words, also where they begin with a slash: what is pasted may come from anywhere.
                lines.into_iter().all(|text| self.say(to.clone(), text));
                self.rooms[self.current].scroll = 0;
            }
        }
    }

    fn say(&mut self, to: To, text: String) -> bool {
        self.ask(Request::Chat { to, kind: "message", text })
    }

    fn insert_pasted(&mut self, line: &str) {
        if !self.editor.insert(line) {
            self.note("error: that is too long to paste into a line");
        }
    }
}
