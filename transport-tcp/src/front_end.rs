//! Accepting connections.

use crate::auto::AutoDialects;
use crate::stream::{LineSink, LineSource};
use async_trait::async_trait;
use bytes::Bytes;
use chat_runtime::core::Peer;
use chat_runtime::dialects::Dialect;
use chat_runtime::{Connection, FrontEnd, FrontEndError, Hub, accept, bind};
use std::io::Cursor;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Lines over TCP.
pub struct TcpFrontEnd {
    listener: TcpListener,
    address: SocketAddr,
    speaks: Speaks,
    line_limit: usize,
}

/// What is spoken on a port.
#[derive(Clone)]
enum Speaks {
    One(Arc<dyn Dialect>),
    Auto(AutoDialects),
}

impl TcpFrontEnd {
    /// The longest line, in bytes without its end, unless [`line_limit`](Self::line_limit) says otherwise: twice the longest
    /// message, for what JSON adds to it.
    pub const LINE_LIMIT: usize = 8_192;

    /// Listens on an address, from within a Tokio runtime, for clients of one dialect; port 0 asks for a free one.
    ///
    /// # Errors
    ///
    /// If the address is in use, or not one of this machine's.
    pub fn bind(
        address: SocketAddr,
        dialect: impl Dialect + 'static,
    ) -> Result<Self, FrontEndError> {
        Self::bind_for(address, Speaks::One(Arc::new(dialect)))
    }

    /// As [`bind`](Self::bind), for everybody: what a client sends first says what it speaks.
    ///
    /// # Errors
    ///
    /// If the address is in use, or not one of this machine's.
    pub fn bind_auto(address: SocketAddr, dialects: AutoDialects) -> Result<Self, FrontEndError> {
        Self::bind_for(address, Speaks::Auto(dialects))
    }

    fn bind_for(address: SocketAddr, speaks: Speaks) -> Result<Self, FrontEndError> {
        let listener = bind(address)?;
        let address = listener
            .local_addr()
            .map_err(|error| FrontEndError::new("cannot tell the address listened on", error))?;
        Ok(Self { listener, address, speaks, line_limit: Self::LINE_LIMIT })
    }

    /// Sets the longest line, in bytes without its end.
    #[must_use]
    pub fn line_limit(mut self, bytes: usize) -> Self {
        self.line_limit = bytes;
        self
    }

    /// Where it listens, with the port that it really has.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }
}

#[async_trait]
impl FrontEnd for TcpFrontEnd {
    async fn serve(
        self: Box<Self>,
        hub: Hub,
        stop: CancellationToken,
    ) -> Result<(), FrontEndError> {
        let Self { listener, speaks, line_limit, .. } = *self;
        let sessions = TaskTracker::new();
        loop {
            let (stream, address) = tokio::select! {
                accepted = accept(&listener) => accepted,
                () = stop.cancelled() => break,
            };
            let (hub, speaks) = (hub.clone(), speaks.clone());
            sessions.spawn(async move {
                serve_one(&hub, stream, address, speaks, line_limit).await;
            });
        }
        drop(listener);
        sessions.close();
        sessions.wait().await;
        Ok(())
    }
}

async fn serve_one(
    hub: &Hub,
    stream: TcpStream,
    address: SocketAddr,
    speaks: Speaks,
    line_limit: usize,
) {
    let (mut reader, writer) = stream.into_split();
    let (dialect, early) = match speaks {
        Speaks::One(dialect) => (dialect, Bytes::new()),
        Speaks::Auto(dialects) => dialects.choose(&mut reader).await,
    };
    let peer = Peer { host: Some(address.to_string().into()), ..Peer::default() };
    let connection = Connection { transport: "tcp", peer, dialect };
    let reader = Cursor::new(early).chain(reader);
    let (source, sink) = (LineSource::new(reader, line_limit), LineSink::new(writer));
    hub.serve_connection(connection, source, sink).await;
}
