//! Connections that begin with a TLS handshake.

use bytes::Bytes;
use chat_runtime::{Incoming, Listener, PeerAddress};
use std::io;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::server::TlsStream;

/// A listener on which TLS is spoken.
pub struct TlsListener<L> {
    listener: L,
    acceptor: TlsAcceptor,
}

/// A connection that has been accepted, before its handshake.
pub struct TlsIncoming<I> {
    incoming: I,
    acceptor: TlsAcceptor,
}

impl<L: Listener> TlsListener<L> {
    /// TLS on what another listener accepts, mostly with what
    /// [`Certificates::server_config`](crate::Certificates::server_config) gives.
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

    /// Closes it without the words: before a handshake nobody could read them, and who is turned
    /// away is not to cost one.
    async fn turn_away(self, _: Bytes) {}
}
