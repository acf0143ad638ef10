//! The server as a process that may die at any moment.

use crate::CHAT;
use chat_tests::PATIENCE;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// A running server. It is killed when this is dropped.
pub(crate) struct Server {
    process: Child,
    stdout: Lines<BufReader<ChildStdout>>,
    stderr: JoinHandle<String>,
    addresses: HashMap<String, SocketAddr>,
}

/// A server that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    /// Its log, and its last line.
    pub(crate) stderr: String,
}

/// The settings of a server that is started.
#[derive(Clone, Debug, Default)]
pub(crate) struct Launch {
    /// The program, and arguments before those of `chat`, that start it: `unshare …`.
    pub(crate) wrapper: Vec<String>,
    pub(crate) arguments: Vec<String>,
    pub(crate) variables: Vec<(String, String)>,
}

/// The listeners: one for each way in which clients connect.
const URLS: &[&str] = &[
    "tcp+text://127.0.0.1:0",
    "tcp+txtchat://127.0.0.1:0",
    "tcp+json://127.0.0.1:0",
    "ws://127.0.0.1:0",
];

impl Launch {
    /// A server with a store in a file.
    pub(crate) fn with_store(file: &Path) -> Self {
        let store = ["--store".into(), file.display().to_string()];
        Self { arguments: store.into(), ..Self::default() }
    }

    /// Adds a file with the configuration.
    pub(crate) fn with_config(mut self, file: &Path) -> Self {
        self.arguments.extend(["--config".into(), file.display().to_string()]);
        self
    }

    /// Starts the server, and waits until it listens. If it ends before, that is returned.
    pub(crate) async fn start(&self) -> Result<Server, Ended> {
        let mut command = match self.wrapper.split_first() {
            Some((program, arguments)) => {
                let mut command = Command::new(program);
                command.args(arguments).arg(CHAT);
                command
            }
            None => Command::new(CHAT),
        };
        command.arg("serve").args(URLS.iter().flat_map(|url| ["--listen", url]));
        command.args(&self.arguments).envs(self.variables.iter().cloned());
        command.env("RUST_LOG", "warn").stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn().expect("a process");
        let stdout = BufReader::new(process.stdout.take().expect("a pipe")).lines();
        let mut pipe = process.stderr.take().expect("a pipe");
        let stderr = tokio::spawn(async move {
            let mut text = Vec::new();
            let _ = pipe.read_to_end(&mut text).await;
            String::from_utf8_lossy(&text).into_owned()
        });
        let mut server = Server { process, stdout, stderr, addresses: HashMap::new() };
        loop {
            let line = timeout(PATIENCE, server.stdout.next_line()).await.expect("a line in time");
            let Some(line) = line.expect("UTF-8") else { return Err(server.ended().await) };
            if let Some(url) = line.strip_prefix("listening on ") {
                let (scheme, address) = url.split_once("://").expect("a URL");
                let address = address.parse().expect("an address");
                server.addresses.insert(scheme.to_owned(), address);
            } else if line.starts_with("storing in ") {
                return Ok(server);
            }
        }
    }
}

impl Server {
    /// Returns the address of the listener with this scheme.
    pub(crate) fn address(&self, scheme: &str) -> SocketAddr {
        self.addresses[scheme]
    }

    /// Returns the number of the process.
    pub(crate) fn id(&self) -> u32 {
        self.process.id().expect("it has not been waited for")
    }

    /// Kills the process, if it runs, and waits for its end.
    pub(crate) async fn kill(mut self) -> Ended {
        let _ = self.process.start_kill();
        self.ended().await
    }

    /// Asks the process to stop, and waits for its end.
    pub(crate) async fn stop(self) -> Ended {
        let id = self.id().to_string();
        // It may have ended already.
        let _ = Command::new("kill").args(["-s", "TERM", &id]).status().await;
        self.ended().await
    }

    /// Waits until the process has ended by itself; `false` after `patience`.
    pub(crate) async fn ends_within(&mut self, patience: std::time::Duration) -> bool {
        timeout(patience, self.process.wait()).await.is_ok()
    }

    async fn ended(mut self) -> Ended {
        let status = timeout(PATIENCE, self.process.wait()).await.expect("the end in time");
        let stderr = self.stderr.await.expect("it does not panic");
        Ended { status: status.expect("a status"), stderr }
    }
}
