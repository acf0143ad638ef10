//! The program in a terminal: what is on its screen is waited for, with a limit.

use super::{CHAT, PATIENCE};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, SlavePty, native_pty_system};
use std::io::{Read, Write};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Instant;

/// A client in a terminal of its own.
pub(crate) struct Terminal {
    process: Box<dyn Child + Send + Sync>,
    terminal: Box<dyn MasterPty + Send>,
    /// Kept open, so that the terminal can be looked at when the client has ended.
    _other_side: Box<dyn SlavePty + Send>,
    keyboard: Box<dyn Write + Send>,
    screen: Arc<Screen>,
}

struct Screen {
    parser: Mutex<vt100::Parser>,
    changed: Condvar,
}

impl Terminal {
    pub(crate) fn start(url: &str, nickname: &str, rows: u16, columns: u16) -> Self {
        let pair = native_pty_system().openpty(size(rows, columns)).expect("a terminal");
        let mut command = CommandBuilder::new(CHAT);
        command.args(["connect", url, "--nickname", nickname]);
        command.env("TERM", "xterm-256color");
        let process = pair.slave.spawn_command(command).expect("the program starts");
        let mut output = pair.master.try_clone_reader().expect("an open terminal");
        let keyboard = pair.master.take_writer().expect("an open terminal");
        let parser = Mutex::new(vt100::Parser::new(rows, columns, 0));
        let screen = Arc::new(Screen { parser, changed: Condvar::new() });
        let shown = screen.clone();
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = output.read(&mut bytes) {
                shown.parser.lock().expect("no panic").process(&bytes[..count]);
                shown.changed.notify_all();
            }
        });
        Self { process, terminal: pair.master, _other_side: pair.slave, keyboard, screen }
    }

    /// Presses keys.
    pub(crate) fn types(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("an open terminal");
        self.keyboard.flush().expect("an open terminal");
    }

    pub(crate) fn resize(&mut self, rows: u16, columns: u16) {
        self.screen.parser.lock().expect("no panic").screen_mut().set_size(rows, columns);
        self.terminal.resize(size(rows, columns)).expect("an open terminal");
    }

    /// Sends SIGTERM.
    #[cfg(unix)]
    pub(crate) fn terminate(&mut self) {
        super::terminate(self.process.process_id().expect("a process of our own"));
    }

    /// Waits until the screen shows what is wanted.
    pub(crate) fn wait_for(&mut self, what: &str, is_shown: impl Fn(&str) -> bool) {
        self.wait_until(what, |screen| is_shown(&screen.contents()));
    }

    /// Expects it to end with exit code 0, and the terminal as it was before.
    pub(crate) fn ends_well(&mut self) {
        self.ends("", 0);
    }

    /// Expects it to end with an exit code and these last words, and the terminal as it was before.
    pub(crate) fn ends(&mut self, last_words: &str, code: u32) {
        self.wait_until("the terminal as it was before", |screen| {
            let is_restored =
                !screen.alternate_screen() && !screen.bracketed_paste() && !screen.hide_cursor();
            is_restored && screen.contents().trim() == last_words
        });
        let status = self.process.wait().expect("a process of our own");
        assert_eq!(status.exit_code(), code);
        assert!(self.echoes(), "the terminal echoes again");
    }

    fn wait_until(&mut self, what: &str, is_so: impl Fn(&vt100::Screen) -> bool) {
        let end = Instant::now() + PATIENCE;
        let mut parser = self.screen.parser.lock().expect("no panic");
        while !is_so(parser.screen()) {
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "expected {what}, not\n{}", parser.screen().contents());
            parser = self.screen.changed.wait_timeout(parser, left).expect("no panic").0;
        }
    }

    /// Whether the terminal is in the mode that a new one is in.
    #[cfg(unix)]
    fn echoes(&self) -> bool {
        let other = native_pty_system().openpty(size(24, 80)).expect("a terminal");
        let (new, this) = (other.master.get_termios(), self.terminal.get_termios());
        new.map(|new| new.local_flags) == this.map(|this| this.local_flags)
    }

    #[cfg(not(unix))]
    fn echoes(&self) -> bool {
        true
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn size(rows: u16, cols: u16) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}
