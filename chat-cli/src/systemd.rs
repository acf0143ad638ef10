//! What a service manager such as systemd passes to the server, and is told by it.

use crate::listen::BindError;
use chat_runtime::{Hub, Stopped};
use listenfd::ListenFd;
use sd_notify::NotifyState;
use std::env;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use tracing::warn;

/// Sockets that listen already, which the service manager has passed (`LISTEN_FDS`,
/// sd_listen_fds(3)).
#[derive(Debug, Default)]
pub(crate) struct InheritedSockets(Vec<Inherited>);

#[derive(Debug)]
struct Inherited {
    /// `FileDescriptorName` of the socket unit.
    name: String,
    socket: Socket,
}

#[derive(Debug)]
enum Socket {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl InheritedSockets {
    /// Takes the sockets that have been passed to this process. They are passed once.
    pub(crate) fn take() -> Result<Self, BindError> {
        let names = env::var("LISTEN_FDNAMES").unwrap_or_default();
        let mut names = names.split(':').filter(|name| !name.is_empty()).map(str::to_owned);
        let mut passed = ListenFd::from_env();
        let mut sockets = Vec::new();
        for index in 0..passed.len() {
            let name = names.next().unwrap_or_else(|| "unknown".to_owned());
            let tcp = passed.take_tcp_listener(index).ok().flatten().map(Socket::Tcp);
            let mut unix = || passed.take_unix_listener(index).ok().flatten().map(Socket::Unix);
            let Some(socket) = tcp.or_else(&mut unix) else {
                return Err(BindError::NoStreamSocket(name));
            };
            sockets.push(Inherited { name, socket });
        }
        Ok(Self(sockets))
    }

    /// The TCP socket with this name, or without a name the one that listens on this address.
    pub(crate) fn tcp(
        &mut self,
        name: Option<&str>,
        address: SocketAddr,
    ) -> Result<Option<TcpListener>, BindError> {
        let is_it = |socket: &Socket| match socket {
            Socket::Tcp(listener) => listener.local_addr().is_ok_and(|own| own == address),
            Socket::Unix(_) => false,
        };
        match self.find(name, is_it)? {
            None => Ok(None),
            Some(Inherited { socket: Socket::Tcp(listener), .. }) => Ok(Some(listener)),
            Some(Inherited { name, socket: Socket::Unix(_) }) => {
                Err(BindError::OtherSocket { name, is: "a Unix socket", scheme: "unix" })
            }
        }
    }

    /// The Unix socket with this name, or without a name the one that listens on this path.
    pub(crate) fn unix(
        &mut self,
        name: Option<&str>,
        path: &Path,
    ) -> Result<Option<UnixListener>, BindError> {
        let is_it = |socket: &Socket| match socket {
            Socket::Tcp(_) => false,
            Socket::Unix(listener) => {
                listener.local_addr().is_ok_and(|own| own.as_pathname() == Some(path))
            }
        };
        match self.find(name, is_it)? {
            None => Ok(None),
            Some(Inherited { socket: Socket::Unix(listener), .. }) => Ok(Some(listener)),
            Some(Inherited { name, socket: Socket::Tcp(_) }) => {
                Err(BindError::OtherSocket { name, is: "a TCP socket", scheme: "tcp" })
            }
        }
    }

    fn find(
        &mut self,
        name: Option<&str>,
        is_it: impl Fn(&Socket) -> bool,
    ) -> Result<Option<Inherited>, BindError> {
        let Some(name) = name else {
            let found = self.0.iter().position(|inherited| is_it(&inherited.socket));
            return Ok(found.map(|index| self.0.remove(index)));
        };
        match self.0.iter().position(|inherited| inherited.name == name) {
            Some(index) => Ok(Some(self.0.remove(index))),
            None => Err(BindError::NoSocket { name: name.to_owned(), passed: self.names() }),
        }
    }

    /// Logs which sockets nobody has asked for, and closes them.
    pub(crate) fn close_rest(self) {
        for Inherited { name, socket } in self.0 {
            let address = match &socket {
                Socket::Tcp(listener) => listener.local_addr().map(|address| address.to_string()),
                Socket::Unix(listener) => {
                    listener.local_addr().map(|address| format!("{address:?}"))
                }
            };
            let address = address.unwrap_or_default();
            warn!(
                %name, %address,
                "the service manager has passed a socket that no --listen uses; it is closed"
            );
        }
    }

    fn names(&self) -> String {
        let names: Vec<&str> = self.0.iter().map(|inherited| &*inherited.name).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    }
}

/// Tells the service manager that all listeners accept (`READY=1`).
pub(crate) fn ready() {
    tell(&[NotifyState::Ready]);
}

/// Tells it that the server stops.
pub(crate) fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// Tells it that files are read again; [`ready`] ends that.
pub(crate) fn reloading() {
    // Without a time, systemd would take the reload for failed.
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => warn!(%error, "cannot tell the time to the service manager"),
    }
}

/// Tells it again and again that the engine answers, if it wants to know (`WatchdogSec`). An engine
/// that hangs lets it restart the server.
pub(crate) fn keep_watchdog_quiet(hub: Hub) {
    let Some(patience) = sd_notify::watchdog_enabled() else { return };
    tokio::spawn(async move {
        let mut ticks = interval((patience / 2).max(Duration::from_millis(1)));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if hub.look(|_| ()).await == Err(Stopped) {
                return;
            }
            tell(&[NotifyState::Watchdog]);
        }
    });
}

/// Does nothing where there is no service manager that listens (`NOTIFY_SOCKET`).
fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        warn!(%error, "cannot tell the service manager how the server is");
    }
}
