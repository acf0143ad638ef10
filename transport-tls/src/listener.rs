//! A listener for connections that begin with a TLS handshake.

use bytes::Bytes;
use chat_runtime::{Incoming, Listener, PeerAddress};
use std::sync::Arc;
use std::{fmt, io};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::server::TlsStream;

/// A listener whose connections use TLS.
pub struct TlsListener<L> {
    listener: L,
    acceptor: TlsAcceptor,
}

/// An accepted connection before its TLS handshake.
pub struct TlsIncoming<I> {
    incoming: I,
    acceptor: TlsAcceptor,
}

impl<L: Listener> TlsListener<L> {
    /// Wraps another listener. The configuration usually comes from
    /// [`Certificates::server_config`](crate::Certificates::server_config).
    pub fn new(listener: L, config: Arc<ServerConfig>) -> Self {
        Self { listener, acceptor: config.into() }
    }
}

impl<L: Listener> Listener for TlsListener<L> {
    type Incoming = TlsIncoming<L::Incoming>;
    type LocalAddress = L::LocalAddress;

    async fn accept(&mut self) -> io::Result<(Self::Incoming, PeerAddress)> {
        let (incoming, address) = self.listener.accept().await?;
        Ok((TlsIncoming { incoming, acceptor: self.acceptor.clone() }, address))
    }

    fn local_addr(&self) -> io::Result<L::LocalAddress> {
        self.listener.local_addr()
    }
}

impl<I: Incoming> Incoming for TlsIncoming<I> {
    type Stream = TlsStream<I::Stream>;

    async fn establish(self) -> io::Result<Self::Stream> {
        let stream = self.incoming.establish().await?;
        self.acceptor.accept(stream).await
    }

    /// Closes the connection without the message: the client could read it only after a handshake,
    /// and a client that is not admitted should not cost the server a handshake.
    async fn turn_away(self, _: Bytes) {}
}

/// Leaves out the configuration of TLS, which has the private key.
impl<L: fmt::Debug> fmt::Debug for TlsListener<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { listener, acceptor: _ } = self;
        f.debug_struct("TlsListener").field("listener", listener).finish_non_exhaustive()
    }
}

/// Leaves out the configuration of TLS, which has the private key.
impl<I: fmt::Debug> fmt::Debug for TlsIncoming<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { incoming, acceptor: _ } = self;
        f.debug_struct("TlsIncoming").field("incoming", incoming).finish_non_exhaustive()
    }
}
