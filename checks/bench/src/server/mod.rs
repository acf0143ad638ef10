//! The measured servers: how each is started, and its protocol.

mod accounts;
mod error;
mod kind;
mod ours;
mod peers;
mod programs;
mod settings;

pub(crate) use accounts::AccountServer;
pub(crate) use error::StartError;
pub(crate) use kind::{Kind, Origin};
pub(crate) use ours::LIFTED;
pub(crate) use programs::Programs;
pub(crate) use settings::Settings;

use crate::proc::{Memory, Usage};
use crate::protocol::Endpoint;
use crate::stop;
use std::fs::{self, File};
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A server that can be connected to.
pub(crate) struct Server {
    /// The addresses of its clients, which use them in turn.
    pub(crate) endpoints: Vec<Endpoint>,
    pid: u32,
    _own: Option<OwnedProcess>,
    /// The directory of its store, which is removed after its end.
    _store: Option<TempDir>,
}

/// A server process that is ended when this is dropped.
#[derive(Debug)]
struct OwnedProcess {
    child: Child,
    /// The directory of its configuration and its output.
    directory: TempDir,
}

impl Server {
    /// Refers to a server that runs already.
    pub(crate) fn running(endpoint: Endpoint, pid: u32) -> Self {
        Self { endpoints: vec![endpoint], pid, _own: None, _store: None }
    }

    /// Returns the address of its first clients.
    pub(crate) fn address(&self) -> SocketAddr {
        self.endpoints[0].address
    }

    /// Starts a server and waits until it listens.
    pub(crate) fn start(
        kind: Kind,
        programs: &Programs,
        settings: Settings,
    ) -> Result<Self, StartError> {
        let failed = |error| StartError::Configuration { kind, error };
        let directory = TempDir::new().map_err(failed)?;
        let program = programs.of(kind)?;
        let ours = |listen: &[&str]| {
            let durability = kind.durability();
            let command = ours::command(listen, &program, directory.path(), settings, durability);
            command.map(|command| (command, None)).map_err(failed)
        };
        let peer = |start: fn(&Path, &Path, u16) -> io::Result<Command>| {
            let port = free_port().map_err(failed)?;
            let command = start(&program, directory.path(), port).map_err(failed)?;
            Ok((command, Some(port)))
        };
        let (command, port) = match kind {
            Kind::Floor | Kind::FloorAsJson => {
                let mut command = Command::new(&program);
                command.arg("floor");
                (command, None)
            }
            Kind::Text | Kind::TextProcess | Kind::TextPower => ours(&["tcp+text"])?,
            Kind::Json => ours(&["tcp+json"])?,
            Kind::Websocket => ours(&["ws"])?,
            Kind::Irc | Kind::IrcTags | Kind::IrcThree => ours(&["irc"])?,
            Kind::Mixed => ours(&["tcp+text", "tcp+json", "ws", "irc"])?,
            Kind::Inspircd => peer(peers::inspircd)?,
            Kind::Ngircd => peer(peers::ngircd)?,
            Kind::NatsServer => peer(peers::nats)?,
            Kind::Mosquitto => peer(peers::mosquitto)?,
        };
        let own = OwnedProcess::spawn(command, directory)?;
        match port {
            None => own.announced(kind),
            Some(port) => own.accepting(kind, ([127, 0, 0, 1], port).into()),
        }
    }

    /// Returns the resources that it has used so far.
    pub(crate) fn usage(&self) -> io::Result<Usage> {
        Usage::of(self.pid)
    }

    /// Returns its memory.
    pub(crate) fn memory(&self) -> io::Result<Memory> {
        Memory::of(self.pid)
    }
}

impl OwnedProcess {
    fn spawn(mut command: Command, directory: TempDir) -> Result<Self, StartError> {
        let mut start = || {
            let log = File::create(directory.path().join(LOG))?;
            command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
            command.spawn()
        };
        match start() {
            Ok(child) => Ok(Self { child, directory }),
            Err(error) => {
                let program = command.get_program().to_string_lossy().into_owned();
                Err(StartError::Spawn { program, error })
            }
        }
    }

    /// Waits until it prints its addresses: `listening on tcp://ADDRESS`, one for each protocol, or
    /// one for all.
    fn announced(self, kind: Kind) -> Result<Server, StartError> {
        let count = if kind == Kind::Mixed { kind.protocols().len() } else { 1 };
        self.when(kind, |own| {
            let log = fs::read_to_string(own.directory.path().join(LOG)).ok()?;
            let announced = log.split_inclusive('\n').map_while(|line| {
                let url = line.strip_suffix('\n')?.strip_prefix("listening on ")?;
                url.split_once("://")?.1.parse().ok()
            });
            let addresses: Vec<SocketAddr> = announced.take(count).collect();
            (addresses.len() == count).then_some(addresses)
        })
    }

    /// Waits until it accepts connections.
    fn accepting(self, kind: Kind, address: SocketAddr) -> Result<Server, StartError> {
        self.when(kind, |_| TcpStream::connect(address).ok().map(|_| vec![address]))
    }

    fn when(
        mut self,
        kind: Kind,
        listens: impl Fn(&Self) -> Option<Vec<SocketAddr>>,
    ) -> Result<Server, StartError> {
        let begin = Instant::now();
        loop {
            if let Some(addresses) = listens(&self) {
                let protocols = kind.protocols().iter().copied();
                let endpoints = protocols
                    .zip(addresses.iter().copied().cycle())
                    .map(|(protocol, address)| Endpoint { protocol, address })
                    .collect();
                return Ok(Server {
                    endpoints,
                    pid: self.child.id(),
                    _own: Some(self),
                    _store: None,
                });
            }
            let ended = stop::requested() || !matches!(self.child.try_wait(), Ok(None));
            if ended || begin.elapsed() > TIMEOUT {
                let said = fs::read_to_string(self.directory.path().join(LOG)).unwrap_or_default();
                let lines: Vec<_> = said.lines().collect();
                let last = lines[lines.len().saturating_sub(10)..].join("\n");
                return Err(StartError::Silent { kind, said: last });
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for OwnedProcess {
    fn drop(&mut self) {
        // The process may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns a free port, for servers that cannot report a port chosen by the kernel.
fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// The file with a server's standard output and error.
const LOG: &str = "output.log";

/// The time in which a server has to listen.
const TIMEOUT: Duration = Duration::from_secs(10);
