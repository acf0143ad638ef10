//! Servers to be loaded: how each is started, and what it speaks.

mod ours;

use crate::proc::Usage;
use crate::protocol::{Json, Plain, Protocol, Text, WebSocket};
use std::fmt;
use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A server, with what it speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Kind {
    /// The least that a server can do, built into this program.
    Floor,
    /// This server, lines of text over TCP.
    Text,
    /// This server, JSON version 2 over TCP.
    Json,
    /// This server, JSON version 2 over WebSocket.
    Websocket,
}

/// Why a server could not be started.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    #[error("cannot start {program}: {error}")]
    Spawn { program: String, error: io::Error },
    #[error("cannot write the configuration of {kind}: {error}")]
    Configuration { kind: Kind, error: io::Error },
    #[error("{kind} did not say where it listens, but: {said:?}")]
    Silent { kind: Kind, said: String },
    #[error(
        "there is no server at {}: build it with cargo build --release -p chat-cli, or say with --chat where it is",
        .0.display()
    )]
    NotBuilt(PathBuf),
}

impl Kind {
    /// What it speaks.
    pub(crate) fn protocol(self) -> &'static dyn Protocol {
        match self {
            Self::Floor => &Plain,
            Self::Text => &Text,
            Self::Json => &Json,
            Self::Websocket => &WebSocket,
        }
    }
}

impl fmt::Display for Kind {
    /// Writes what it is called on the command line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Floor => "floor",
            Self::Text => "text",
            Self::Json => "json",
            Self::Websocket => "websocket",
        })
    }
}

/// Where programs are.
#[derive(Clone, Debug)]
pub(crate) struct Programs {
    /// This server.
    pub(crate) chat: PathBuf,
    /// This program, which has the floor in it.
    pub(crate) bench: PathBuf,
}

impl Programs {
    /// The server beside this program, unless it is said where it is.
    pub(crate) fn find(chat: Option<PathBuf>) -> io::Result<Self> {
        let bench = std::env::current_exe()?;
        let chat = chat.unwrap_or_else(|| bench.with_file_name("chat"));
        Ok(Self { chat, bench })
    }
}

/// A server that runs until this is dropped.
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
    /// Its configuration.
    _directory: TempDir,
}

impl Server {
    /// Starts a server and waits until it listens.
    pub(crate) fn start(kind: Kind, programs: &Programs) -> Result<Self, StartError> {
        let configuration = |error| StartError::Configuration { kind, error };
        let directory = TempDir::new().map_err(configuration)?;
        let command = match kind {
            Kind::Floor => {
                let mut command = Command::new(&programs.bench);
                command.arg("floor");
                command
            }
            Kind::Text | Kind::Json | Kind::Websocket => {
                if !programs.chat.exists() {
                    return Err(StartError::NotBuilt(programs.chat.clone()));
                }
                ours::command(kind, &programs.chat, directory.path()).map_err(configuration)?
            }
        };
        Self::announced(kind, command, directory)
    }

    /// Starts a server that says where it listens: `listening on tcp://ADDRESS`.
    fn announced(kind: Kind, mut command: Command, directory: TempDir) -> Result<Self, StartError> {
        let child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let spawn = |error| StartError::Spawn {
            program: command.get_program().to_string_lossy().into_owned(),
            error,
        };
        let mut child = child.map_err(spawn)?;
        let stdout = child.stdout.take().expect("it is piped");
        let address: SocketAddr = ([127, 0, 0, 1], 0).into();
        let mut server = Self { child, address, _directory: directory };
        let mut said = String::new();
        let read = BufReader::new(stdout).read_line(&mut said);
        let address = said.trim().rsplit_once("://").and_then(|(_, address)| address.parse().ok());
        match (read, address) {
            (Ok(_), Some(address)) => server.address = address,
            _ => return Err(StartError::Silent { kind, said }),
        }
        Ok(server)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it has used so far.
    pub(crate) fn usage(&self) -> io::Result<Usage> {
        Usage::of(self.child.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
