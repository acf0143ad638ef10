//! Asks for a password on a terminal, which does not show it.

use chat_server::engine::Secret;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use std::io::{self, Write, stderr};

/// Asks for a password. Backspace deletes a character and Ctrl+U all of them. Returns `None` after
/// Ctrl+C or Ctrl+D.
pub(crate) fn prompt(question: &str) -> io::Result<Option<Secret>> {
    let typed = Hidden::begin(question).and_then(|_hidden| read_line())?;
    Ok(typed.map(Secret::new))
}

/// The time in which the terminal shows nothing of what is typed.
struct Hidden;

impl Hidden {
    fn begin(question: &str) -> io::Result<Self> {
        // Before the question: a person, or a program, may answer it at once.
        enable_raw_mode()?;
        let hidden = Self;
        let mut out = stderr();
        write!(out, "{question}").and_then(|()| out.flush())?;
        Ok(hidden)
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // The terminal may be closed already.
        let _ = disable_raw_mode();
        let _ = writeln!(stderr());
    }
}

/// Reads up to the end of the line. Returns `None` if the person does not want to go on.
fn read_line() -> io::Result<Option<String>> {
    let mut line = String::new();
    loop {
        let Event::Key(key) = event::read()? else { continue };
        let KeyEvent { code, modifiers, kind, .. } = key;
        if kind == KeyEventKind::Release {
            continue;
        }
        let control = modifiers.contains(KeyModifiers::CONTROL);
        let key = |sign| control && code == KeyCode::Char(sign);
        // Ctrl+J is a line feed, which a program sends or somebody pastes.
        if code == KeyCode::Enter || key('j') {
            return Ok(Some(line));
        } else if key('c') || key('d') {
            return Ok(None);
        } else if key('u') {
            line.clear();
        } else if code == KeyCode::Backspace {
            line.pop();
        } else if let KeyCode::Char(sign) = code
            && !control
        {
            line.push(sign);
        }
    }
}
