//! The terminal. It is restored in every case.

use super::app::App;
use super::view;
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{
    self, DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange,
    Event, KeyboardEnhancementFlags, PopKeyboardEnhancementFlags, PushKeyboardEnhancementFlags,
};
use ratatui::crossterm::execute;
use ratatui::crossterm::style::Print;
use ratatui::crossterm::terminal::SetTitle;
use ratatui::layout::Size;
use std::io::{self, stdout};
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// The screen of the terminal. Dropping it restores the terminal. A panic restores it before its
/// message is printed.
pub(super) struct Screen {
    terminal: DefaultTerminal,
    title: String,
    last_bell: Option<Instant>,
}

/// The least time between two bells, so that other users cannot ring it continuously.
const BELL_INTERVAL: Duration = Duration::from_secs(1);
/// Saves the title of the terminal, if it supports that (XTWINOPS of xterm).
const PUSH_TITLE: &str = "\u{1b}[22;0t";
/// Restores the saved title.
const POP_TITLE: &str = "\u{1b}[23;0t";

impl Screen {
    pub(super) fn take() -> io::Result<Self> {
        let terminal = ratatui::try_init()?;
        let screen = Self { terminal, title: String::new(), last_bell: None };
        execute!(stdout(), Print(PUSH_TITLE), EnableBracketedPaste, EnableFocusChange)?;
        // Terminals with the keyboard protocol of kitty then report Shift with Enter; others ignore
        // it. It is not available on old consoles of Windows.
        let keys = KeyboardEnhancementFlags::DISAMBIGUATE_ESCAPE_CODES;
        let _ = execute!(stdout(), PushKeyboardEnhancementFlags(keys));
        Ok(screen)
    }

    pub(super) fn size(&self) -> io::Result<Size> {
        self.terminal.size()
    }

    pub(super) fn draw(&mut self, app: &App) -> io::Result<()> {
        self.terminal.draw(|frame| view::render(app, frame)).map(|_| ())
    }

    pub(super) fn clear(&mut self) -> io::Result<()> {
        self.terminal.clear()
    }

    /// Sets the title of the window. It must not contain control characters.
    pub(super) fn set_title(&mut self, title: &str) -> io::Result<()> {
        if self.title == title {
            return Ok(());
        }
        title.clone_into(&mut self.title);
        execute!(stdout(), SetTitle(title))
    }

    /// Rings the bell, unless it has just rung.
    pub(super) fn ring(&mut self) -> io::Result<()> {
        let now = Instant::now();
        if self.last_bell.is_some_and(|last| now.duration_since(last) < BELL_INTERVAL) {
            return Ok(());
        }
        self.last_bell = Some(now);
        execute!(stdout(), Print('\u{7}'))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // There is no way to handle an error here.
        let _ = execute!(stdout(), PopKeyboardEnhancementFlags);
        let _ = execute!(stdout(), DisableFocusChange, DisableBracketedPaste, Print(POP_TITLE));
        let _ = ratatui::try_restore();
    }
}

/// Reads events of the terminal in a thread. The process does not wait for the thread when it ends.
pub(super) fn read_events() -> mpsc::Receiver<io::Result<Event>> {
    let (sender, events) = mpsc::channel(64);
    thread::spawn(move || {
        loop {
            let event = event::read();
            let is_over = event.is_err();
            if sender.blocking_send(event).is_err() || is_over {
                return;
            }
        }
    });
    events
}
