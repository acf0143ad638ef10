//! The program in a terminal: what is on its screen is waited for, with a limit.

use super::{CHAT, PATIENCE};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, SlavePty, native_pty_system};
use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Instant;

/// A client in a terminal of its own.
pub(crate) struct Terminal {
    process: Box<dyn Child + Send + Sync>,
    /// `None` when it has been closed.
    terminal: Option<Box<dyn MasterPty + Send>>,
    /// Kept open, so that the terminal can be looked at when the client has ended.
    other_side: Option<Box<dyn SlavePty + Send>>,
    keyboard: Option<Box<dyn Write + Send>>,
    screen: Arc<Screen>,
    reader: Option<JoinHandle<()>>,
}

struct Screen {
    parser: Mutex<vt100::Parser<Signals>>,
    changed: Condvar,
    /// Nobody looks at it any more.
    closed: AtomicBool,
}

/// What a terminal is told beside what it shows.
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

    /// Starts one in a terminal of another kind, as the variable TERM names it.
    pub(crate) fn start_in(kind: &str, url: &str, nickname: &str) -> Self {
        let mut command = CommandBuilder::new(CHAT);
        command.args(["connect", url, "--nickname", nickname]);
        command.env("TERM", kind);
        Self::run(command, 24, 100)
    }

    /// Starts one below a shell that ignores SIGHUP, as `nohup` does, which the client inherits.
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

    /// Closes the terminal, as when its window is closed, and expects the client to end.
    #[cfg(unix)]
    pub(crate) fn close_and_ends(mut self) {
        self.screen.closed.store(true, Ordering::SeqCst);
        // The echo wakes the reader, which then closes its side. It is a space, since the keyboard
        // ends its line when it is dropped, and a line of white space is not said.
        self.types(" ");
        self.reader.take().expect("it is closed once").join().expect("no panic");
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
        ended.expect("it ends without its terminal").expect("a process of our own");
    }

    /// Waits until the bell has rung so often in all.
    pub(crate) fn rings(&mut self, times: usize) {
        self.wait_until(&format!("{times} bells"), |parser| parser.callbacks().bells == times);
    }

    /// Waits until the window is called like this.
    pub(crate) fn is_called(&mut self, title: &str) {
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
        super::terminate(self.process.process_id().expect("a process of our own"));
    }

    /// Waits until the screen shows what is wanted.
    pub(crate) fn wait_for(&mut self, what: &str, is_shown: impl Fn(&str) -> bool) {
        self.wait_until(what, |parser| is_shown(&parser.screen().contents()));
    }

    /// Expects it to end with exit code 0, and the terminal as it was before.
    pub(crate) fn ends_well(&mut self) {
        self.ends("", 0);
    }

    /// Expects it to end with an exit code and these last words, and the terminal as it was before.
    pub(crate) fn ends(&mut self, last_words: &str, code: u32) {
        self.wait_until("the terminal as it was before", |parser| {
            let screen = parser.screen();
            let is_restored =
                !screen.alternate_screen() && !screen.bracketed_paste() && !screen.hide_cursor();
            is_restored && screen.contents().trim() == last_words
        });
        let status = self.process.wait().expect("a process of our own");
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

    /// Whether the terminal is in the mode that a new one is in.
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
