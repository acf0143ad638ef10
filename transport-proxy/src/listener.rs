//! Connections that begin with a PROXY header.

use crate::header::{HeaderError, Origin, read_header};
use chat_runtime::{Listener, PeerAddress, Plain, RefusedConnection, TrustedProxies};
use futures::StreamExt;
use futures::future::{BoxFuture, FutureExt};
use futures::stream::FuturesUnordered;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

/// A listener whose connections all come from trusted proxies and begin with a PROXY header, of
/// version 1 or 2.
///
/// What does not is refused, and counted by its reason. A proxy's own connections, which are health
/// checks, are closed without a word, unless they are to be [served](Self::serve_health_checks).
pub struct ProxyListener<L: Listener> {
    listener: L,
    proxies: TrustedProxies,
    patience: Duration,
    serves_health_checks: bool,
    /// Connections whose header is being read.
    reading: FuturesUnordered<BoxFuture<'static, Outcome<L::Incoming>>>,
}

/// A connection, and the client that it comes from; `None` if there is nothing to be said about it.
type Outcome<I> = Result<Option<(I, PeerAddress)>, RefusedConnection>;

impl<L: Listener> ProxyListener<L> {
    /// Expects a header from whatever connects to a listener, which has to be one of these proxies.
    pub fn new(listener: L, proxies: TrustedProxies) -> Self {
        let reading = FuturesUnordered::new();
        Self { listener, proxies, patience: PATIENCE, serves_health_checks: false, reading }
    }

    /// Sets how long a header may take; 5 seconds, several lost packets between a proxy and its
    /// server.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Serves the proxies' own connections as well, for HTTP: their health checks ask for a page.
    #[must_use]
    pub fn serve_health_checks(mut self) -> Self {
        self.serves_health_checks = true;
        self
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
        loop {
            tokio::select! {
                // Those who came first.
                biased;
                Some(outcome) = self.reading.next() => match outcome {
                    Ok(Some(accepted)) => return Ok(accepted),
                    Ok(None) => {}
                    Err(refused) => return Err(refused.into()),
                },
                accepted = self.listener.accept(), if self.reading.len() < MOST_READING => {
                    let (Plain(stream), address) = accepted?;
                    if !self.proxies.trusts(&address) {
                        let why = "it is no trusted proxy, and only those may connect here";
                        return Err(RefusedConnection::new("proxy_not_trusted", address, why).into());
                    }
                    let serves = self.serves_health_checks;
                    self.reading.push(begin(stream, address, self.patience, serves).boxed());
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<L::LocalAddress> {
        self.listener.local_addr()
    }
}

/// Finds out where a connection from a proxy comes from.
async fn begin<S: AsyncRead + AsyncWrite + Unpin>(
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
        // Version 1 has no word for a health check, and names the connection itself.
        Ok(Origin::Client(client)) if is_same(client, &proxy) && !serves_health_checks => Ok(None),
        Ok(Origin::Client(client)) => Ok(Some((Plain(stream), client.into()))),
        Ok(Origin::Unknown) => Ok(Some((Plain(stream), proxy))),
        Ok(Origin::Proxy) => Ok(serves_health_checks.then_some((Plain(stream), proxy))),
        Err(HeaderError::Nothing) => Ok(None),
        Err(error) => {
            let reason = match error {
                HeaderError::Missing => "proxy_header_missing",
                HeaderError::Nothing
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

/// How long a header may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many headers are read at once. Only proxies get so far; when this many of their connections
/// say nothing, the next ones wait in the kernel.
const MOST_READING: usize = 1_024;
