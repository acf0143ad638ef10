//! Listening on TCP, as every front end on TCP does it.

use crate::FrontEndError;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tracing::warn;

/// Listens on an address; port 0 asks for a free one.
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
        // A server that is restarted takes its port back at once.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    };
    listen().map_err(|error| FrontEndError::new(format!("cannot listen on {address}"), error))
}

/// Accepts the next connection, with `TCP_NODELAY`. Errors are waited out: a machine that has no more file descriptors
/// will have some again. Cancel safe.
pub async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                if let Err(error) = stream.set_nodelay(true) {
                    warn!(%peer, %error, "cannot switch Nagle's algorithm off");
                }
                return (stream, peer);
            }
            Err(error) => {
                warn!(%error, "cannot accept a connection; trying again");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// How many connections the kernel keeps until they are accepted: enough for everybody who comes back after a restart.
const BACKLOG: u32 = 4_096;
/// How long to wait after an error.
const PAUSE: Duration = Duration::from_millis(100);
