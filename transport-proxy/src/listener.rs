//! A listener for connections that begin with a PROXY header.

use crate::header::{HeaderError, Origin, read_header};
use crate::pending::{Outcome, Pending};
use chat_runtime::{Listener, PeerAddress, Plain, RefusedConnection, TrustedProxies};
use std::net::SocketAddr;
use std::time::Duration;
use std::{fmt, io};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

/// A listener whose connections all come from trusted proxies and begin with a PROXY header, of
/// version 1 or 2.
///
/// Other connections are refused, and counted by reason. Connections that a proxy opens for itself,
/// as health checks, are closed without an answer, unless they are to be
/// [served](Self::serve_health_checks).
pub struct ProxyListener<L: Listener> {
    listener: L,
    proxies: TrustedProxies,
    patience: Duration,
    serves_health_checks: bool,
    /// Connections whose header is being read.
    pending: Pending<L::Incoming>,
}

impl<L: Listener> ProxyListener<L> {
    /// Requires a PROXY header on each connection that `listener` accepts, and accepts connections
    /// from `proxies` only.
    pub fn new(listener: L, proxies: TrustedProxies) -> Self {
        let pending = Pending::new();
        Self { listener, proxies, patience: PATIENCE, serves_health_checks: false, pending }
    }

    /// Sets the time within which the header has to arrive. The default is 5 seconds, which allows
    /// for several lost packets between a proxy and its server.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Serves the proxies' own connections too. This is meant for HTTP, where a health check sends
    /// a request and expects a response.
    #[must_use]
    pub fn serve_health_checks(mut self) -> Self {
        self.serves_health_checks = true;
        self
    }
}

impl<L: Listener> fmt::Debug for ProxyListener<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { listener, proxies, patience, serves_health_checks, pending } = self;
        f.debug_struct("ProxyListener")
            .field("address", &listener.local_addr().ok())
            .field("proxies", proxies)
            .field("patience", patience)
            .field("serves_health_checks", serves_health_checks)
            .field("pending", &pending.len())
            .finish()
    }
}

impl<L, S> Listener for ProxyListener<L>
where
    L: Listener<Incoming = Plain<S>>,
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Incoming = Plain<S>;
    type LocalAddress = L::LocalAddress;

    async fn accept(&mut self) -> io::Result<(Plain<S>, PeerAddress)> {
        let Self { listener, proxies, patience, serves_health_checks: serves, pending } = self;
        let identify = |stream, address| {
            if proxies.trusts(&address) {
                return Ok(identify(stream, address, *patience, *serves));
            }
            let why = "only trusted proxies may connect here, and it is not one";
            Err(RefusedConnection::new("proxy_not_trusted", address, why))
        };
        pending.accept(listener, identify).await
    }

    fn local_addr(&self) -> io::Result<L::LocalAddress> {
        self.listener.local_addr()
    }
}

/// Reads the header of a connection from a proxy, and returns the address of its client.
async fn identify<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    proxy: PeerAddress,
    patience: Duration,
    serves_health_checks: bool,
) -> Outcome<Plain<S>> {
    let Ok(header) = timeout(patience, read_header(&mut stream)).await else {
        let why = "its PROXY header took too long";
        return Err(RefusedConnection::new("proxy_header_too_slow", proxy, why));
    };
    match header {
        // Version 1 has no command for a health check. Its header states the addresses of the
        // proxy's own connection instead.
        Ok(Origin::Client(client)) if is_same(client, &proxy) && !serves_health_checks => Ok(None),
        Ok(Origin::Client(client)) => Ok(Some((Plain(stream), client.into()))),
        Ok(Origin::Unknown) => Ok(Some((Plain(stream), proxy))),
        Ok(Origin::Proxy) => Ok(serves_health_checks.then_some((Plain(stream), proxy))),
        Err(HeaderError::Empty) => Ok(None),
        Err(error) => {
            let reason = match error {
                HeaderError::Missing => "proxy_header_missing",
                HeaderError::Empty
                | HeaderError::TooLong { .. }
                | HeaderError::Version1(_)
                | HeaderError::Version2(_)
                | HeaderError::Failed(_) => "proxy_header_invalid",
            };
            Err(RefusedConnection::new(reason, proxy, error))
        }
    }
}

fn is_same(client: SocketAddr, proxy: &PeerAddress) -> bool {
    let PeerAddress::Ip(proxy) = proxy else { return false };
    client == SocketAddr::new(proxy.ip().to_canonical(), proxy.port())
}

/// The default time within which a header has to arrive.
const PATIENCE: Duration = Duration::from_secs(5);
