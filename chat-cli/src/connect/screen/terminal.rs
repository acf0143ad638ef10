//! The terminal: taken, and given back whatever happens.

use super::app::App;
use super::view;
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{
    self, DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange, Event,
};
use ratatui::crossterm::execute;
use ratatui::crossterm::style::Print;
use ratatui::crossterm::terminal::SetTitle;
use ratatui::layout::Size;
use std::io::{self, stdout};
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// The whole screen, until it is dropped. A panic gives it back before it says anything.
pub(super) struct Screen {
    terminal: DefaultTerminal,
    title: String,
    rang: Option<Instant>,
}

/// Nobody can ring the bell more often than this, however often they write a name.
const BETWEEN_BELLS: Duration = Duration::from_secs(1);
/// Has the terminal remember its title, where it can (XTWINOPS of xterm).
const PUSH_TITLE: &str = "\u{1b}[22;0t";
/// Has the terminal take the title that it remembers.
const POP_TITLE: &str = "\u{1b}[23;0t";

impl Screen {
    pub(super) fn take() -> io::Result<Self> {
        let terminal = ratatui::try_init()?;
        let screen = Self { terminal, title: String::new(), rang: None };
        execute!(stdout(), Print(PUSH_TITLE), EnableBracketedPaste, EnableFocusChange)?;
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

    /// Gives the window a title, which must not have control characters in it.
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
        if self.rang.is_some_and(|rang| now.duration_since(rang) < BETWEEN_BELLS) {
            return Ok(());
        }
        self.rang = Some(now);
        execute!(stdout(), Print('\u{7}'))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Nothing is left to do where this fails.
        let _ = execute!(stdout(), DisableFocusChange, DisableBracketedPaste, Print(POP_TITLE));
        let _ = ratatui::try_restore();
    }
}

/// Reads keys in a thread of its own, which the process does not wait for when it ends.
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
