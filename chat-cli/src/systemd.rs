//! Sockets from a service manager such as systemd, and notifications to it.

use crate::listen::BindError;
use chat_server::runtime::{Hub, Stopped};
use listenfd::ListenFd;
use sd_notify::NotifyState;
use std::env;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use tracing::warn;

/// Listening sockets that the service manager has passed (`LISTEN_FDS`, sd_listen_fds(3)).
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
    /// Takes the sockets that were passed to this process. They can be taken once.
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

    /// Removes and returns the TCP socket with this name. Without a name, returns the one that
    /// listens on this address, if there is one.
    pub(crate) fn tcp(
        &mut self,
        name: Option<&str>,
        address: SocketAddr,
    ) -> Result<Option<TcpListener>, BindError> {
        let matches = |socket: &Socket| match socket {
            Socket::Tcp(listener) => listener.local_addr().is_ok_and(|own| own == address),
            Socket::Unix(_) => false,
        };
        match self.find(name, matches)? {
            None => Ok(None),
            Some(Inherited { socket: Socket::Tcp(listener), .. }) => Ok(Some(listener)),
            Some(Inherited { name, socket: Socket::Unix(_) }) => {
                Err(BindError::OtherSocket { name, is: "a Unix socket", scheme: "unix" })
            }
        }
    }

    /// Removes and returns the Unix socket with this name. Without a name, returns the one that
    /// listens on this path, if there is one.
    pub(crate) fn unix(
        &mut self,
        name: Option<&str>,
        path: &Path,
    ) -> Result<Option<UnixListener>, BindError> {
        let matches = |socket: &Socket| match socket {
            Socket::Tcp(_) => false,
            Socket::Unix(listener) => {
                listener.local_addr().is_ok_and(|own| own.as_pathname() == Some(path))
            }
        };
        match self.find(name, matches)? {
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
        matches: impl Fn(&Socket) -> bool,
    ) -> Result<Option<Inherited>, BindError> {
        let Some(name) = name else {
            let found = self.0.iter().position(|inherited| matches(&inherited.socket));
            return Ok(found.map(|index| self.0.remove(index)));
        };
        match self.0.iter().position(|inherited| inherited.name == name) {
            Some(index) => Ok(Some(self.0.remove(index))),
            None => Err(BindError::NoSocket { name: name.to_owned(), passed: self.names() }),
        }
    }

    /// Logs and closes the sockets that no listener uses.
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

/// Notifies the service manager that all listeners accept connections (`READY=1`).
pub(crate) fn ready() {
    notify(&[NotifyState::Ready]);
}

/// Notifies the service manager that the server stops.
pub(crate) fn stopping() {
    notify(&[NotifyState::Stopping]);
}

/// Notifies the service manager that files are being reloaded. [`ready`] marks the end.
pub(crate) fn reloading() {
    // Without a timestamp, systemd would treat the reload as failed.
    match NotifyState::monotonic_usec_now() {
        Ok(now) => notify(&[NotifyState::Reloading, now]),
        Err(error) => warn!(%error, "cannot read the clock to notify the service manager"),
    }
}

/// Notifies the service manager regularly that the engine responds, if its watchdog is enabled
/// (`WatchdogSec`). If the engine hangs, the service manager restarts the server.
pub(crate) fn feed_watchdog(hub: Hub) {
    let Some(timeout) = sd_notify::watchdog_enabled() else { return };
    tokio::spawn(async move {
        let mut ticks = interval((timeout / 2).max(Duration::from_millis(1)));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if hub.look(|_| ()).await == Err(Stopped) {
                return;
            }
            notify(&[NotifyState::Watchdog]);
        }
    });
}

/// Sends a notification. Does nothing without a service manager (`NOTIFY_SOCKET`).
fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        warn!(%error, "cannot notify the service manager");
    }
}
