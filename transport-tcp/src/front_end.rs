//! Accepting connections.

use crate::auto::AutoDialects;
use crate::stream::{LineFraming, LineSource};
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use chat_runtime::core::{Peer, SessionId};
use chat_runtime::dialects::{Dialect, Frames, Notice, TurnedAway};
use chat_runtime::{
    Connection, Door, Framing, FrontEnd, FrontEndError, Hub, Listener, PeerAddress, Permit, bind,
    split,
};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Lines over TCP, or over whatever else a [`Listener`] accepts, such as a [Unix socket](chat_runtime::bind_unix).
pub struct TcpFrontEnd<L: Listener = TcpListener> {
    listener: L,
    address: L::LocalAddress,
    speaks: Speaks,
}

/// What is spoken on a port.
#[derive(Clone)]
enum Speaks {
    One(Arc<dyn Dialect>),
    Auto(AutoDialects),
}

impl TcpFrontEnd {
    /// Listens on an address, from within a Tokio runtime, for clients of one dialect; port 0 asks for a free one.
    ///
    /// # Errors
    ///
    /// If the address is in use, or not one of this machine's.
    pub fn bind(
        address: SocketAddr,
        dialect: impl Dialect + 'static,
    ) -> Result<Self, FrontEndError> {
        Self::on(bind(address)?, dialect)
    }

    /// As [`bind`](Self::bind), for everybody: what a client sends first says what it speaks.
    ///
    /// # Errors
    ///
    /// If the address is in use, or not one of this machine's.
    pub fn bind_auto(address: SocketAddr, dialects: AutoDialects) -> Result<Self, FrontEndError> {
        Self::with(bind(address)?, Speaks::Auto(dialects))
    }
}

impl<L: Listener> TcpFrontEnd<L> {
    /// Serves what a listener accepts, for clients of one dialect.
    ///
    /// # Errors
    ///
    /// If the listener does not say where it listens.
    pub fn on(listener: L, dialect: impl Dialect + 'static) -> Result<Self, FrontEndError> {
        Self::with(listener, Speaks::One(Arc::new(dialect)))
    }

    /// As [`on`](Self::on), for everybody: what a client sends first says what it speaks.
    ///
    /// # Errors
    ///
    /// If the listener does not say where it listens.
    pub fn on_auto(listener: L, dialects: AutoDialects) -> Result<Self, FrontEndError> {
        Self::with(listener, Speaks::Auto(dialects))
    }

    fn with(listener: L, speaks: Speaks) -> Result<Self, FrontEndError> {
        let address = listener
            .local_addr()
            .map_err(|error| FrontEndError::new("cannot tell the address listened on", error))?;
        Ok(Self { listener, address, speaks })
    }

    /// Where it listens, with the port that it really has.
    pub fn local_addr(&self) -> L::LocalAddress {
        self.address.clone()
    }
}

#[async_trait]
impl<L: Listener> FrontEnd for TcpFrontEnd<L> {
    async fn serve(
        self: Box<Self>,
        hub: Hub,
        stop: CancellationToken,
    ) -> Result<(), FrontEndError> {
        let Self { listener, speaks, .. } = *self;
        let mut door = Door::new(listener);
        let sessions = TaskTracker::new();
        loop {
            let (incoming, address, permit) = tokio::select! {
                biased;
                () = stop.cancelled() => break,
                accepted = door.accept(&hub, |why| speaks.turn_away(why)) => accepted,
            };
            let (hub, speaks, stop) = (hub.clone(), speaks.clone(), stop.clone());
            let (tasks, runtime) = (sessions.clone(), hub.runtime(&permit));
            let connection = async move {
                if let Some(stream) = hub.establish(incoming, &address, &stop).await {
                    let serving = begin(&hub, stream, &address, permit, speaks).await;
                    // In a task of its own, which is smaller than one that may have a handshake before it.
                    tasks.spawn(serving);
                }
            };
            sessions.spawn_on(connection, &runtime);
        }
        drop(door);
        sessions.close();
        sessions.wait().await;
        Ok(())
    }
}

impl Speaks {
    /// What somebody who is not let in reads. Who has not said what they speak is taken for a person.
    fn turn_away(&self, why: TurnedAway) -> Bytes {
        let dialect = match self {
            Self::One(dialect) => dialect,
            Self::Auto(dialects) => dialects.for_people(),
        };
        let mut conversation = dialect.open(SessionId(0), &Peer::default());
        let mut frames = Frames::default();
        conversation.notice(&Notice::TurnedAway(why), &mut frames);
        let mut lines = Vec::new();
        frames.iter().for_each(|frame| LineFraming.frame(frame, &mut lines));
        lines.into()
    }
}

/// Finds out what is spoken on a connection. Returns what serves it.
async fn begin<S: AsyncRead + AsyncWrite + Send + 'static>(
    hub: &Hub,
    stream: S,
    address: &PeerAddress,
    permit: Permit,
    speaks: Speaks,
) -> impl Future<Output = ()> + Send + use<S> {
    let (mut reader, writer) = split(stream);
    let (dialect, early) = match speaks {
        Speaks::One(dialect) => (dialect, BytesMut::new()),
        Speaks::Auto(dialects) => dialects.choose(&mut reader).await,
    };
    let peer = Peer { host: Some(address.to_string().into()), ..Peer::default() };
    let transport = if let PeerAddress::Unix(_) = address { "unix" } else { "tcp" };
    let connection = Connection { transport, peer, dialect, permit };
    let source = LineSource::new(reader, early, hub.limits().frame_bytes);
    hub.serve_connection(connection, source, writer, &LineFraming)
}
