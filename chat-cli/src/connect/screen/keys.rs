//! The key bindings.

use super::app::{App, Effect};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

impl App {
    /// Handles a key.
    pub(super) fn key(&mut self, key: KeyEvent) -> Vec<Effect> {
        if key.kind != KeyEventKind::Release {
            self.press(key.code, key.modifiers);
        }
        self.effects()
    }

    /// Handles pasted text.
    pub(super) fn paste(&mut self, text: &str) -> Vec<Effect> {
        self.note_presence();
        self.take_paste(text);
        self.effects()
    }

    fn press(&mut self, code: KeyCode, modifiers: KeyModifiers) {
        self.note_presence();
        let control = modifiers.contains(KeyModifiers::CONTROL);
        if let Some(question) = &mut self.question {
            match (code, control) {
                (KeyCode::Enter, _) | (KeyCode::Char('j'), true) => self.enter_answer(),
                (KeyCode::Esc, _) | (KeyCode::Char('c' | 'd'), true) => self.cancel_question(),
                (KeyCode::Char('u'), true) => question.clear(),
                (KeyCode::Char('l'), true) => self.redraw(),
                (KeyCode::Backspace, _) => question.backspace(),
                (KeyCode::Char(c), false) => question.insert(c.encode_utf8(&mut [0; 4])),
                _ => {}
            }
            return;
        }
        let alt = modifiers.contains(KeyModifiers::ALT);
        let shift = modifiers.contains(KeyModifiers::SHIFT);
        match (code, control, alt) {
            (KeyCode::Char('c'), true, _) => self.quit(None),
            (KeyCode::Char('d'), true, _) if self.editor.is_empty() => self.quit(None),
            (KeyCode::Char('d'), true, _) | (KeyCode::Delete, _, _) => self.editor.delete(),
            (KeyCode::Char('n'), true, _) | (KeyCode::Down, _, true) => self.step(1),
            (KeyCode::Char('p'), true, _) | (KeyCode::Up, _, true) => self.step(-1),
            (KeyCode::Char('a' | 'A'), false, true) => self.step_to_activity(),
            (KeyCode::Char('a'), true, _) | (KeyCode::Home, false, _) => self.editor.home(),
            (KeyCode::Char('e'), true, _) | (KeyCode::End, false, _) => self.editor.end(),
            (KeyCode::Char('b'), true, _) | (KeyCode::Left, false, false) => self.editor.left(),
            (KeyCode::Char('f'), true, _) | (KeyCode::Right, false, false) => self.editor.right(),
            (KeyCode::Left, _, _) | (KeyCode::Char('b'), _, true) => self.editor.word_left(),
            (KeyCode::Right, _, _) | (KeyCode::Char('f'), _, true) => self.editor.word_right(),
            (KeyCode::Char('w'), true, _) | (KeyCode::Backspace, _, true) => {
                self.editor.delete_word();
            }
            (KeyCode::Backspace, _, _) | (KeyCode::Char('h'), true, _) => self.editor.backspace(),
            (KeyCode::Char('u'), true, _) => self.editor.delete_to_start(),
            (KeyCode::Char('k'), true, _) => self.editor.delete_to_end(),
            (KeyCode::Char('l'), true, _) => self.redraw(),
            (KeyCode::Up, _, _) => self.editor.up(),
            (KeyCode::Down, _, _) => self.editor.down(),
            (KeyCode::PageUp, _, _) => self.scroll(self.page()),
            (KeyCode::PageDown, _, _) => self.scroll(-self.page()),
            (KeyCode::Home, true, _) => self.scroll(isize::MAX),
            (KeyCode::End, true, _) => self.scroll(isize::MIN),
            // Few terminals report Shift with Enter, and some use Alt+Enter themselves.
            (KeyCode::Char('j'), true, _) => self.break_line(),
            (KeyCode::Enter, _, _) if alt || shift => self.break_line(),
            (KeyCode::Enter, _, _) => self.enter_text(),
            (KeyCode::Tab, _, _) => self.complete(),
            (KeyCode::Char(c), false, false) if !c.is_control() => {
                // If the editor is full, the character is dropped, which the user can see.
                self.editor.insert(c.encode_utf8(&mut [0; 4]));
            }
            _ => {}
        }
    }
    /// Begins a new line in the editor. If the editor is full, nothing happens, which the user can
    /// see.
    fn break_line(&mut self) {
        self.editor.insert("\n");
    }
}
