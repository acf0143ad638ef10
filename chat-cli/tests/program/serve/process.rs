//! Runs the program as a process.

use crate::CHAT;
use chat_tests::PATIENCE;
use std::env;
use std::net::SocketAddr;
use std::process::{ExitStatus, Output, Stdio};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::time::timeout;

/// A server in its own process, which is killed when this is dropped.
pub(crate) struct Program {
    process: Child,
    stdout: Lines<BufReader<ChildStdout>>,
    listening: Vec<String>,
}

impl Program {
    /// Starts `chat serve` and waits until it has announced its listeners.
    pub(crate) async fn serve(urls: &[&str]) -> Self {
        let mut arguments = Vec::new();
        for url in urls {
            arguments.extend(["--listen", url]);
        }
        let process = command(&arguments).env("RUST_LOG", "warn").spawn().expect("a process");
        Self::announced(process, urls).await
    }

    /// Does the same as [`serve`](Self::serve), with more arguments; also returns the log.
    pub(crate) async fn serve_logged(
        urls: &[&str],
        arguments: &[&str],
    ) -> (Self, Lines<BufReader<ChildStderr>>) {
        let mut all: Vec<&str> = urls.iter().flat_map(|url| ["--listen", url]).collect();
        all.extend(arguments);
        Self::start_logged(&mut command(&all), urls).await
    }

    /// Runs a command that starts the server, and waits until it has announced its listeners; also
    /// returns the log.
    pub(crate) async fn start_logged(
        command: &mut Command,
        urls: &[&str],
    ) -> (Self, Lines<BufReader<ChildStderr>>) {
        let mut process = command.stderr(Stdio::piped()).spawn().expect("a process");
        let log = BufReader::new(process.stderr.take().expect("a pipe")).lines();
        (Self::announced(process, urls).await, log)
    }

    /// Waits until a process has announced its listeners.
    pub(crate) async fn announced(mut process: Child, urls: &[&str]) -> Self {
        let stdout = process.stdout.take().expect("a pipe");
        let mut program =
            Self { process, stdout: BufReader::new(stdout).lines(), listening: Vec::new() };
        for _ in urls {
            let line = program.line().await.expect("a line for each listener");
            let url = line.strip_prefix("listening on ");
            program.listening.push(url.unwrap_or_else(|| panic!("{line}")).to_owned());
        }
        program
    }

    /// Returns the addresses of its listeners, which must have these schemes.
    pub(crate) fn addresses<const N: usize>(&self, schemes: &str) -> [SocketAddr; N] {
        let urls = self.listening.iter().map(|url| url.split_once("://").expect("a URL"));
        let (found, addresses): (Vec<&str>, Vec<&str>) = urls.unzip();
        assert_eq!(found.join(" "), schemes);
        let addresses = addresses.iter().map(|address| {
            let address = address.split('?').next().unwrap_or_default();
            let address: SocketAddr = address.parse().expect("an address");
            assert_ne!(address.port(), 0, "the announced port is the real one");
            address
        });
        addresses.collect::<Vec<_>>().try_into().expect("an address for each listener")
    }

    /// Returns the announced URLs.
    pub(crate) fn urls(&self) -> &[String] {
        &self.listening
    }

    pub(crate) async fn signal(&mut self, signal: &str) {
        let id = self.process.id().expect("a process that runs").to_string();
        let kill = Command::new("sh").args(["-c", "kill -s $0 $1", signal, &id]).status();
        assert!(kill.await.expect("a shell").success());
    }

    /// Waits for the end of the process; also returns the lines that it printed after the
    /// announcements.
    pub(crate) async fn end(&mut self) -> (ExitStatus, Vec<String>) {
        let mut rest = Vec::new();
        while let Some(line) = self.line().await {
            rest.push(line);
        }
        let status = timeout(PATIENCE, self.process.wait()).await.expect("the end in time");
        (status.expect("a status"), rest)
    }

    async fn line(&mut self) -> Option<String> {
        let line = timeout(PATIENCE, self.stdout.next_line()).await.expect("a line in time");
        line.expect("lines in UTF-8")
    }
}

/// Runs `chat serve` to its end.
pub(crate) async fn output(arguments: &[&str]) -> Output {
    let mut command = command(arguments);
    timeout(PATIENCE, command.stderr(Stdio::piped()).output())
        .await
        .expect("the end in time")
        .expect("a process")
}

pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(CHAT);
    command.arg("serve").args(arguments).env_remove("RUST_LOG");
    // Servers of tests do not meet in the state directory of the user.
    if !arguments.contains(&"--store") {
        command.args(["--store", "memory"]);
    }
    if let Ok(shards) = env::var("CHAT_TEST_SHARDS") {
        command.args(["--shards", &shards]);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
    command
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Expects `chat serve` to end with exit code 1 and one line that contains `said`, before it
/// announces any listener.
pub(crate) async fn expect_refusal(arguments: &[&str], said: &str) {
    let output = output(arguments).await;
    let stderr = text(&output.stderr);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), String::new()), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.starts_with("chat: ") && stderr.contains(said), "{stderr} is not '…{said}…'");
}

/// Waits for a line of the log that contains `said`.
pub(crate) async fn log_has(log: &mut Lines<BufReader<ChildStderr>>, said: &str) {
    loop {
        let line = timeout(PATIENCE, log.next_line()).await;
        let line = line.unwrap_or_else(|_| panic!("'{said}' is not logged in time"));
        if line.expect("UTF-8").unwrap_or_else(|| panic!("'{said}' is not logged")).contains(said) {
            return;
        }
    }
}
