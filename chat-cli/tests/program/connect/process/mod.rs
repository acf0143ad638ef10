//! The program as processes. The tests wait for its output, with a time limit.

pub(crate) mod terminal;

use crate::CHAT;
use crate::folder::path;
use chat_tests::PATIENCE;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use tokio::net::TcpSocket;

/// A server process on free ports. Dropping it kills the process.
pub(crate) struct Server {
    process: Child,
    /// The first address.
    pub(crate) tcp: String,
    /// The last address, or the first if there is only one.
    pub(crate) ws: String,
    /// The addresses between them.
    pub(crate) others: Vec<String>,
}

/// A client process that reads lines from the test.
pub(crate) struct Client {
    name: String,
    process: Child,
    input: Option<ChildStdin>,
    output: Receiver<String>,
    seen: Vec<String>,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::start_with(&["tcp://127.0.0.1:0", "ws://127.0.0.1:0"])
    }

    /// Starts a server that listens on these addresses. Port 0 selects a free port.
    pub(crate) fn start_with(listen: &[&str]) -> Self {
        Self::start_as(listen, &[])
    }

    /// Starts a server with a configuration file, on free ports.
    pub(crate) fn start_configured(config: &Path) -> Self {
        Self::start_as(&["tcp://127.0.0.1:0", "ws://127.0.0.1:0"], &["--config", path(config)])
    }

    /// Starts a server like [`start_with`](Self::start_with), with further arguments.
    pub(crate) fn start_as(listen: &[&str], arguments: &[&str]) -> Self {
        Self::start_stored("memory", listen, arguments)
    }

    /// Starts a server like [`start_as`](Self::start_as), with its store in a file.
    pub(crate) fn start_stored(store: &str, listen: &[&str], arguments: &[&str]) -> Self {
        let mut process = Command::new(CHAT)
            .args(["serve", "--store", store])
            .args(listen.iter().flat_map(|url| ["--listen", url]))
            .args(arguments)
            .env("RUST_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let lines = lines(process.stdout.take().expect("a pipe"));
        let addresses: Vec<String> = listen
            .iter()
            .map(|_| {
                let line = lines.recv_timeout(PATIENCE).expect("an address for each listener");
                let address = line.strip_prefix("listening on ");
                address.unwrap_or_else(|| panic!("not an address: {line}")).to_owned()
            })
            .collect();
        let [tcp, others @ .., ws] = addresses.as_slice() else {
            let address = addresses.into_iter().next().expect("at least one listener");
            return Self { process, tcp: address.clone(), ws: address, others: Vec::new() };
        };
        Self { process, tcp: tcp.clone(), ws: ws.clone(), others: others.to_vec() }
    }

    /// Returns the WebSocket's address with its path.
    pub(crate) fn ws_path(&self) -> String {
        format!("{}/ws", self.ws)
    }

    /// Sends SIGTERM.
    #[cfg(unix)]
    pub(crate) fn terminate(&mut self) {
        terminate(self.process.id());
    }

    /// Kills the process.
    pub(crate) fn stop(&mut self) {
        self.process.kill().expect("a child process");
        self.process.wait().expect("a child process");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Client {
    pub(crate) fn start(url: &str, nickname: &str, arguments: &[&str]) -> Self {
        Self::start_with(url, nickname, arguments, &[])
    }

    /// Starts a client, and expects that it joins the lobby, which has these members then.
    pub(crate) fn in_lobby(url: &str, nickname: &str, members: &str) -> Self {
        let mut client = Self::start(url, nickname, &[]);
        let joined = format!("you joined lobby: {members}");
        client.expect(&[&format!("connected as {nickname}"), &joined]);
        client
    }

    /// Starts a client like [`start`](Self::start), with environment variables.
    pub(crate) fn start_with(
        url: &str,
        nickname: &str,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Self {
        let name = format!("--nickname={nickname}");
        let own: &[&str] = &["connect", url, &name];
        Self::run(nickname, &[own, arguments].concat(), environment)
    }

    /// Runs `chat send`. Returns the exit code and the content of standard error.
    pub(crate) fn send(url: &str, nickname: &str, arguments: &[&str]) -> (Option<i32>, String) {
        let own = ["send", url, "--nickname", nickname];
        Self::run(nickname, &[&own, arguments].concat(), &[]).end()
    }

    /// Starts a client with these arguments, and a token in its environment. `name` is for messages
    /// of failed tests.
    pub(crate) fn start_as(name: &str, arguments: &[&str], token: &str) -> Self {
        Self::run(name, arguments, &[("CHAT_TOKEN", token)])
    }

    /// Runs the program with these arguments and environment variables.
    pub(crate) fn run(name: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut process = Command::new(CHAT)
            .args(arguments)
            .env_remove("CHAT_TOKEN")
            .env_remove("CHAT_PASSWORD")
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let input = process.stdin.take();
        let output = lines(process.stdout.take().expect("a pipe"));
        Self { name: name.to_owned(), process, input, output, seen: Vec::new() }
    }

    /// Writes bytes to the client's input.
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().expect("the input has not ended");
        input.write_all(bytes).expect("the client reads");
    }

    /// Writes a line to the client's input.
    pub(crate) fn say(&mut self, line: &str) {
        let input = self.input.as_mut().expect("the input has not ended");
        writeln!(input, "{line}").expect("the client reads");
    }

    /// Ends the input.
    pub(crate) fn end_of_input(&mut self) {
        self.input = None;
    }

    /// Returns the next line that the client prints.
    pub(crate) fn line(&mut self) -> String {
        match self.output.recv_timeout(PATIENCE) {
            Ok(line) => {
                self.seen.push(line.clone());
                line
            }
            Err(RecvTimeoutError::Timeout) => self.fail("there is no other line"),
            Err(RecvTimeoutError::Disconnected) => {
                let mut error = String::new();
                if let Some(stderr) = &mut self.process.stderr {
                    let _ = stderr.read_to_string(&mut error);
                }
                self.fail(&format!("it has ended: {error}"))
            }
        }
    }

    /// Expects that the client prints these lines next.
    pub(crate) fn expect(&mut self, lines: &[&str]) {
        for line in lines {
            let printed = self.line();
            if printed != *line {
                self.fail(&format!("expected '{line}'"));
            }
        }
    }

    /// Waits for the end of the client. Returns the exit code, the output, and the content of
    /// standard error.
    pub(crate) fn all(&mut self) -> (Option<i32>, String, String) {
        let mut printed = String::new();
        while let Ok(line) = self.output.recv_timeout(PATIENCE) {
            printed.push_str(&line);
            printed.push('\n');
        }
        let (code, error) = self.end();
        (code, printed, error)
    }

    /// Expects that the client ends without further output, with exit code 0 and an empty standard
    /// error.
    pub(crate) fn ends_well(&mut self) {
        let (code, error) = self.end();
        assert_eq!((code, error.as_str()), (Some(0), ""), "{} ends well", self.name);
    }

    /// Expects that the client ends without further output, with exit code 2 and these lines on
    /// standard error.
    pub(crate) fn ends_refused(&mut self, problems: &[&str]) {
        let (code, error) = self.end();
        let problems: String = problems.iter().map(|line| format!("chat: {line}\n")).collect();
        assert_eq!((code, error), (Some(2), problems), "{} ends with a refusal", self.name);
    }

    /// Expects that the client ends with exit code 1 and this line on standard error.
    pub(crate) fn fails(&mut self, why: &str) {
        let (code, error) = self.end();
        assert_eq!((code, error), (Some(1), format!("{why}\n")), "{} fails", self.name);
    }

    /// Expects that the client ends with exit code 1, and one line on standard error that contains
    /// this text.
    pub(crate) fn fails_with(&mut self, part: &str) {
        let (code, error) = self.end();
        assert_eq!(code, Some(1), "{error}");
        assert!(error.contains(part) && error.lines().count() == 1, "{error} is not '…{part}…'");
    }

    /// Waits for the end of the client without further output. Returns the exit code, and the
    /// content of standard error.
    pub(crate) fn end(&mut self) -> (Option<i32>, String) {
        match self.output.recv_timeout(PATIENCE) {
            Err(RecvTimeoutError::Disconnected) => {}
            Err(RecvTimeoutError::Timeout) => self.fail("it does not end"),
            Ok(line) => self.fail(&format!("one more line: {line}")),
        }
        let mut error = String::new();
        let stderr = self.process.stderr.as_mut().expect("a pipe");
        stderr.read_to_string(&mut error).expect("UTF-8");
        let status = self.process.wait().expect("a child process");
        (status.code(), error)
    }

    fn fail(&self, problem: &str) -> ! {
        panic!("{}: {problem}; so far:\n{}", self.name, self.seen.join("\n"))
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Starts a client, closes its output after one line, and keeps its input open. Expects that the
/// client ends. Returns its exit code, the line, and the content of standard error.
pub(crate) fn ends_without_a_reader(url: &str, nickname: &str) -> (Option<i32>, String, String) {
    let mut process = Command::new(CHAT)
        .args(["connect", url, "--nickname", nickname])
        .env_remove("CHAT_TOKEN")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut line = String::new();
    let mut output = BufReader::new(process.stdout.take().expect("a pipe"));
    output.read_line(&mut line).expect("UTF-8");
    drop(output);
    let mut stderr = process.stderr.take().expect("a pipe");
    let (sender, said) = channel();
    thread::spawn(move || {
        let mut error = String::new();
        let _ = stderr.read_to_string(&mut error);
        let _ = sender.send(error);
    });
    let error = said.recv_timeout(PATIENCE);
    if error.is_err() {
        process.kill().expect("a child process");
    }
    let status = process.wait().expect("a child process");
    (status.code(), line, error.expect("the client ends and closes its standard error"))
}

/// Sends SIGTERM to a child process.
#[cfg(unix)]
fn terminate(id: u32) {
    let killed = Command::new("kill").arg(id.to_string()).status();
    assert!(killed.is_ok_and(|status| status.success()), "the process exists");
}

/// Returns an address without a listener. It stays free as long as the socket is kept.
pub(crate) fn unused_address() -> (TcpSocket, String) {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a free port");
    let address = socket.local_addr().expect("a bound socket").to_string();
    (socket, address)
}

fn lines(output: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines() {
            let Ok(line) = line else { return };
            // The thread reads on after the receiver is dropped, so that the pipe does not break.
            let _ = sender.send(line);
        }
    });
    receiver
}
