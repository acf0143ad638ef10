//! Sources of connections, and the handshakes that come first on them.

use super::front_end::FrontEndError;
use crate::engine::Hub;
use crate::io::PeerAddress;
use crate::outbound::settle;
use bytes::Bytes;
use socket2::{SockRef, TcpKeepalive};
use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::debug;

/// A source of connections: a TCP socket, a Unix socket, TLS around either, or a simulated network.
pub trait Listener: Send + 'static {
    /// An accepted connection before its handshake.
    type Incoming: Incoming;
    /// The type of its own address: a [`SocketAddr`], a path, `()`.
    type LocalAddress: Clone + fmt::Debug + Send + Sync + 'static;

    /// Waits for the next connection. Cancel safe. If it refuses one, its error is a
    /// [`RefusedConnection`].
    fn accept(&mut self) -> impl Future<Output = io::Result<(Self::Incoming, PeerAddress)>> + Send;

    /// Returns the address that it listens on.
    ///
    /// # Errors
    ///
    /// If the system does not know it.
    fn local_addr(&self) -> io::Result<Self::LocalAddress>;
}

/// A listener has accepted a connection and refused it. As the error of [`Listener::accept`], it
/// concerns this connection only: it is logged and counted, and the next is accepted.
#[derive(Debug, thiserror::Error)]
#[error("a connection from {address} is refused: {why}")]
pub struct RefusedConnection {
    reason: &'static str,
    address: PeerAddress,
    why: String,
}

impl RefusedConnection {
    /// Makes the error from a reason for metrics, such as `proxy_header_missing`, and from words
    /// for the log.
    pub fn new(reason: &'static str, address: PeerAddress, why: impl fmt::Display) -> Self {
        Self { reason, address, why: why.to_string() }
    }

    /// The reason, as it is in metrics.
    pub fn reason(&self) -> &'static str {
        self.reason
    }
}

impl From<RefusedConnection> for io::Error {
    fn from(refused: RefusedConnection) -> Self {
        Self::other(refused)
    }
}

/// An accepted connection before its handshake.
pub trait Incoming: Send + 'static {
    /// The stream after the handshake.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// Performs the handshake, such as that of TLS. It runs in the connection's own task.
    fn establish(self) -> impl Future<Output = io::Result<Self::Stream>> + Send;

    /// Ends the connection, with a message if the protocol allows one before the handshake.
    fn turn_away(self, last_words: Bytes) -> impl Future<Output = ()> + Send;
}

/// A connection without a handshake.
#[derive(Debug)]
pub struct Plain<S>(pub S);

impl Listener for TcpListener {
    type Incoming = Plain<TcpStream>;
    type LocalAddress = SocketAddr;

    async fn accept(&mut self) -> io::Result<(Plain<TcpStream>, PeerAddress)> {
        let (stream, address) = Self::accept(self).await?;
        if let Err(error) = set_up(&stream) {
            // The connection works without them, but slower, or longer after its peer is gone.
            debug!(%address, %error, "cannot set the options of a connection");
        }
        Ok((Plain(stream), address.into()))
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Self::local_addr(self)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Incoming for Plain<S> {
    type Stream = S;

    async fn establish(self) -> io::Result<S> {
        settle(self.0)
    }

    async fn turn_away(self, last_words: Bytes) {
        let Self(mut stream) = self;
        let said = async {
            stream.write_all(&last_words).await?;
            stream.shutdown().await?;
            // A socket that is dropped with unread input sends a reset, which discards the output.
            let mut rest = [0; 1_024];
            for _ in 0..MOST_UNREAD {
                if stream.read(&mut rest).await? == 0 {
                    break;
                }
            }
            io::Result::Ok(())
        };
        // The peer need not read the reason.
        let _ = timeout(FAREWELL, said).await;
    }
}

/// Listens on an address; port 0 asks for a free one.
///
/// An IPv6 address accepts IPv6 only, so that `0.0.0.0` and `[::]` can have the same port. Listen
/// twice for both. Otherwise the meaning of `[::]` would depend on the system's settings.
///
/// # Errors
///
/// If the address is in use, or not one of this machine's.
pub fn bind(address: SocketAddr) -> Result<TcpListener, FrontEndError> {
    let listen = || {
        let socket = match address {
            SocketAddr::V4(_) => TcpSocket::new_v4()?,
            SocketAddr::V6(_) => TcpSocket::new_v6()?,
        };
        if address.is_ipv6() {
            SockRef::from(&socket).set_only_v6(true)?;
        }
        // A server that is restarted takes its port back at once.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    };
    listen().map_err(|error| FrontEndError::new(format!("cannot listen on {address}"), error))
}

impl Hub {
    /// Performs the handshake of a connection, in at most
    /// [`Limits::handshake`](crate::Limits::handshake). `None` if that fails, takes too long, or
    /// the server stops meanwhile.
    pub async fn establish<I: Incoming>(
        &self,
        incoming: I,
        address: &PeerAddress,
        stop: &CancellationToken,
    ) -> Option<I::Stream> {
        let established = tokio::select! {
            biased;
            established = timeout(self.limits().handshake, incoming.establish()) => established,
            () = stop.cancelled() => return None,
        };
        match established {
            Ok(Ok(stream)) => Some(stream),
            Ok(Err(error)) => {
                debug!(%address, %error, "a handshake failed");
                self.metrics_registry().note_no_connection("handshake_failed");
                None
            }
            Err(_) => {
                debug!(%address, "a handshake took too long");
                self.metrics_registry().note_no_connection("handshake_too_slow");
                None
            }
        }
    }
}

/// Switches off Nagle's algorithm, and switches on keep-alive, which notices dead peers of
/// transports without pings.
fn set_up(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let keepalive =
        TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE / 4).with_retries(4);
    SockRef::from(stream).set_tcp_keepalive(&keepalive)
}

/// The length of the kernel's accept queue: as long as the system allows, which is 4,096 on Linux
/// unless `net.core.somaxconn` is changed.
const BACKLOG: u32 = 65_535;
/// The time in which a refused peer has to read the reason.
const FAREWELL: Duration = Duration::from_secs(1);
/// The most unread input of a refused peer that is drained, in KiB.
const MOST_UNREAD: usize = 64;
/// After so much silence the kernel asks whether the peer is still there, and gives it up after as
/// long again.
const KEEPALIVE: Duration = Duration::from_secs(60);
