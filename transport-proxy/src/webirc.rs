//! A listener for connections of gateways, which begin with `WEBIRC`.

use crate::pending::{Outcome, Pending};
use crate::webirc_line::{LineError, WebircLine, read_line};
use chat_runtime::{Listener, PeerAddress, Plain, RefusedConnection, TrustedProxies};
use futures::future::{BoxFuture, FutureExt};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

/// A gateway, such as one between browsers and servers of IRC, which states the addresses of its
/// clients with `WEBIRC`.
#[derive(Clone)]
pub struct Gateway {
    name: String,
    addresses: TrustedProxies,
    check: Arc<CheckPassword>,
}

/// Returns true if a password is that of the gateway.
type CheckPassword = dyn Fn(String) -> BoxFuture<'static, bool> + Send + Sync;

impl Gateway {
    /// Makes a gateway with these addresses, whose password the function checks. The name is for
    /// logs.
    pub fn new<F>(
        name: impl Into<String>,
        addresses: TrustedProxies,
        check: impl Fn(String) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = bool> + Send + 'static,
    {
        let check = move |password| check(password).boxed();
        Self { name: name.into(), addresses, check: Arc::new(check) }
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, addresses, check: _ } = self;
        let mut debug = f.debug_struct("Gateway");
        debug.field("name", name).field("addresses", addresses).finish_non_exhaustive()
    }
}

/// A listener whose connections all come from gateways and begin with `WEBIRC`, a password and the
/// address of the client (<https://ircv3.net/specs/extensions/webirc>). The limits per address
/// apply to that one.
///
/// Other connections are refused, and counted by reason. It wraps listeners without TLS only,
/// because the address has to be known before the handshake.
pub struct WebircListener<L: Listener> {
    listener: L,
    gateways: Arc<[Gateway]>,
    patience: Duration,
    /// Connections whose first line is being read.
    pending: Pending<L::Incoming>,
}

impl<L: Listener> WebircListener<L> {
    /// Requires `WEBIRC` on each connection that `listener` accepts, and accepts connections from
    /// these gateways only.
    pub fn new(listener: L, gateways: Vec<Gateway>) -> Self {
        let pending = Pending::new();
        Self { listener, gateways: gateways.into(), patience: PATIENCE, pending }
    }

    /// Sets the time within which the line has to arrive. The default is 5 seconds.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }
}

impl<L: Listener> fmt::Debug for WebircListener<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { listener, gateways, patience, pending } = self;
        f.debug_struct("WebircListener")
            .field("address", &listener.local_addr().ok())
            .field("gateways", gateways)
            .field("patience", patience)
            .field("pending", &pending.len())
            .finish()
    }
}

impl<L, S> Listener for WebircListener<L>
where
    L: Listener<Incoming = Plain<S>>,
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Incoming = Plain<S>;
    type LocalAddress = L::LocalAddress;

    async fn accept(&mut self) -> io::Result<(Plain<S>, PeerAddress)> {
        let Self { listener, gateways, patience, pending } = self;
        let identify = |stream, address| {
            if gateways.iter().any(|gateway| gateway.addresses.trusts(&address)) {
                return Ok(identify(stream, address, gateways.clone(), *patience));
            }
            let why = "only gateways may connect here, and it is none";
            Err(RefusedConnection::new("webirc_not_trusted", address, why))
        };
        pending.accept(listener, identify).await
    }

    fn local_addr(&self) -> io::Result<L::LocalAddress> {
        self.listener.local_addr()
    }
}

/// Reads the first line of a connection from a gateway, checks its password, and returns the
/// address of its client.
async fn identify<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    address: PeerAddress,
    gateways: Arc<[Gateway]>,
    patience: Duration,
) -> Outcome<Plain<S>> {
    let Ok(line) = timeout(patience, read_line(&mut stream)).await else {
        let why = "its WEBIRC took too long";
        return Err(RefusedConnection::new("webirc_too_slow", address, why));
    };
    let refused = match line {
        Ok(WebircLine { password, client }) => {
            for gateway in gateways.iter().filter(|gateway| gateway.addresses.trusts(&address)) {
                if (gateway.check)(password.clone()).await {
                    return Ok(Some((Plain(stream), SocketAddr::new(client, 0).into())));
                }
            }
            RefusedConnection::new("webirc_invalid", address, "the password of its WEBIRC is wrong")
        }
        Err(LineError::Empty) => return Ok(None),
        Err(error @ LineError::Missing) => RefusedConnection::new("webirc_missing", address, error),
        Err(error @ (LineError::TooLong | LineError::Invalid | LineError::Failed(_))) => {
            RefusedConnection::new("webirc_invalid", address, error)
        }
    };
    // The gateway need not read it.
    let _ = timeout(FAREWELL, stream.write_all(b"ERROR :WEBIRC is refused\r\n")).await;
    Err(refused)
}

/// The default time within which the line has to arrive.
const PATIENCE: Duration = Duration::from_secs(5);
const FAREWELL: Duration = Duration::from_secs(1);
