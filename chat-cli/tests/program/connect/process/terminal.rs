//! The program in a terminal. The tests wait for the content of its screen, with a time limit.

use crate::CHAT;
use chat_tests::PATIENCE;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, SlavePty, native_pty_system};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Instant;

/// A client process in a pseudo-terminal.
pub(crate) struct Terminal {
    process: Box<dyn Child + Send + Sync>,
    /// `None` after it was closed.
    terminal: Option<Box<dyn MasterPty + Send>>,
    /// Kept open, so that the terminal can be inspected after the client has ended.
    other_side: Option<Box<dyn SlavePty + Send>>,
    keyboard: Option<Box<dyn Write + Send>>,
    screen: Arc<Screen>,
    reader: Option<JoinHandle<()>>,
}

struct Screen {
    parser: Mutex<vt100::Parser<Signals>>,
    changed: Condvar,
    /// Set when the reader has to stop.
    closed: AtomicBool,
}

/// The bells and the title that the terminal has received.
#[derive(Default)]
struct Signals {
    bells: usize,
    title: String,
}

impl vt100::Callbacks for Signals {
    fn audible_bell(&mut self, _: &mut vt100::Screen) {
        self.bells += 1;
    }

    fn set_window_title(&mut self, _: &mut vt100::Screen, title: &[u8]) {
        self.title = String::from_utf8_lossy(title).into_owned();
    }
}

impl Terminal {
    pub(crate) fn start(url: &str, nickname: &str, rows: u16, columns: u16) -> Self {
        let mut command = CommandBuilder::new(CHAT);
        command.args(["connect", url, "--nickname", nickname]);
        command.env("TERM", "xterm-256color");
        Self::run(command, rows, columns)
    }

    /// Runs the program with these arguments in a terminal of 24 rows and 100 columns.
    pub(crate) fn of(arguments: &[&str]) -> Self {
        let mut command = CommandBuilder::new(CHAT);
        command.args(arguments);
        Self::run(command, 24, 100)
    }

    /// Runs the program like [`of`](Self::of), with its state in this folder.
    pub(crate) fn with_state(state: &Path, arguments: &[&str]) -> Self {
        let mut command = CommandBuilder::new(CHAT);
        command.args(arguments);
        command.env("TERM", "xterm-256color");
        command.env("XDG_STATE_HOME", state);
        Self::run(command, 24, 100)
    }

    /// Starts a client in a terminal of 24 rows and 100 columns, and waits until it shows the
    /// lobby.
    pub(crate) fn in_lobby(url: &str, nickname: &str) -> Self {
        let mut terminal = Self::start(url, nickname, 24, 100);
        terminal.wait_for("the lobby", |screen| screen.contains(">#lobby"));
        terminal
    }

    /// Starts a client in a terminal of another type, which `TERM` names.
    pub(crate) fn start_in(kind: &str, url: &str, nickname: &str) -> Self {
        let mut command = CommandBuilder::new(CHAT);
        command.args(["connect", url, "--nickname", nickname]);
        command.env("TERM", kind);
        Self::run(command, 24, 100)
    }

    /// Starts a client that inherits an ignored SIGHUP from its shell, as under `nohup`.
    #[cfg(unix)]
    pub(crate) fn start_without_hangup(kind: &str, url: &str, nickname: &str) -> Self {
        let mut command = CommandBuilder::new("sh");
        command.args(["-c", "trap '' HUP; exec \"$0\" connect \"$1\" --nickname \"$2\""]);
        command.args([CHAT, url, nickname]);
        command.env("TERM", kind);
        Self::run(command, 24, 100)
    }

    fn run(command: CommandBuilder, rows: u16, columns: u16) -> Self {
        let pair = native_pty_system().openpty(size(rows, columns)).expect("a terminal");
        let process = pair.slave.spawn_command(command).expect("the program starts");
        let mut output = pair.master.try_clone_reader().expect("an open terminal");
        let keyboard = pair.master.take_writer().expect("an open terminal");
        let parser = vt100::Parser::new_with_callbacks(rows, columns, 0, Signals::default());
        let (parser, changed, closed) =
            (Mutex::new(parser), Condvar::new(), AtomicBool::new(false));
        let screen = Arc::new(Screen { parser, changed, closed });
        let shown = screen.clone();
        let reader = thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = output.read(&mut bytes) {
                shown.parser.lock().expect("no panic").process(&bytes[..count]);
                shown.changed.notify_all();
                if shown.closed.load(Ordering::SeqCst) {
                    return;
                }
            }
        });
        Self {
            process,
            terminal: Some(pair.master),
            other_side: Some(pair.slave),
            keyboard: Some(keyboard),
            screen,
            reader: Some(reader),
        }
    }

    /// Closes the terminal, like closing its window, and expects that the client ends.
    #[cfg(unix)]
    pub(crate) fn close_and_ends(mut self) {
        self.screen.closed.store(true, Ordering::SeqCst);
        // The echo of a key wakes the reader, which then closes its side. The key is a space:
        // dropping the keyboard ends the line, and a line of white space is not sent.
        self.types(" ");
        self.reader.take().expect("the terminal is closed once").join().expect("no panic");
        drop((self.keyboard.take(), self.other_side.take(), self.terminal.take()));
        let mut killer = self.process.clone_killer();
        let process = &mut self.process;
        let (sender, ended) = mpsc::channel();
        let ended = thread::scope(|scope| {
            scope.spawn(move || sender.send(process.wait()));
            let ended = ended.recv_timeout(PATIENCE);
            if ended.is_err() {
                let _ = killer.kill();
            }
            ended
        });
        ended.expect("the client ends without its terminal").expect("a child process");
    }

    /// Waits until the bell has rung this many times in total.
    pub(crate) fn rings(&mut self, times: usize) {
        self.wait_until(&format!("{times} bells"), |parser| parser.callbacks().bells == times);
    }

    /// Waits until the window has this title.
    pub(crate) fn has_title(&mut self, title: &str) {
        self.wait_until(&format!("the title {title}"), |parser| parser.callbacks().title == title);
    }

    /// Presses keys.
    pub(crate) fn types(&mut self, keys: &str) {
        let keyboard = self.keyboard.as_mut().expect("an open terminal");
        keyboard.write_all(keys.as_bytes()).expect("an open terminal");
        keyboard.flush().expect("an open terminal");
    }

    pub(crate) fn resize(&mut self, rows: u16, columns: u16) {
        self.screen.parser.lock().expect("no panic").screen_mut().set_size(rows, columns);
        let terminal = self.terminal.as_ref().expect("an open terminal");
        terminal.resize(size(rows, columns)).expect("an open terminal");
    }

    /// Sends SIGTERM.
    #[cfg(unix)]
    pub(crate) fn terminate(&mut self) {
        super::terminate(self.process.process_id().expect("a child process"));
    }

    /// Waits until the content of the screen meets a condition. `what` describes it.
    pub(crate) fn wait_for(&mut self, what: &str, is_shown: impl Fn(&str) -> bool) {
        self.wait_until(what, |parser| is_shown(&parser.screen().contents()));
    }

    /// Expects that the client ends with exit code 0 and restores the terminal.
    pub(crate) fn ends_well(&mut self) {
        self.ends("", 0);
    }

    /// Expects that the client restores the terminal, prints this message, and ends with this exit
    /// code.
    pub(crate) fn ends(&mut self, message: &str, code: u32) {
        self.wait_until("the restored terminal", |parser| {
            let screen = parser.screen();
            let is_restored =
                !screen.alternate_screen() && !screen.bracketed_paste() && !screen.hide_cursor();
            is_restored && screen.contents().trim() == message
        });
        let status = self.process.wait().expect("a child process");
        assert_eq!(status.exit_code(), code);
        assert!(self.echoes(), "the terminal echoes again");
    }

    fn wait_until(&mut self, what: &str, is_so: impl Fn(&vt100::Parser<Signals>) -> bool) {
        let end = Instant::now() + PATIENCE;
        let mut parser = self.screen.parser.lock().expect("no panic");
        while !is_so(&parser) {
            let left = end.saturating_duration_since(Instant::now());
            let (contents, signals) = (parser.screen().contents(), parser.callbacks());
            let (bells, title) = (signals.bells, &signals.title);
            assert!(!left.is_zero(), "expected {what}, not\n{contents}\n{bells} bells, {title}");
            parser = self.screen.changed.wait_timeout(parser, left).expect("no panic").0;
        }
    }

    /// Returns true if the terminal is in the mode of a new one, which echoes.
    #[cfg(unix)]
    fn echoes(&self) -> bool {
        let other = native_pty_system().openpty(size(24, 80)).expect("a terminal");
        let this = self.terminal.as_ref().expect("an open terminal").get_termios();
        let new = other.master.get_termios();
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
