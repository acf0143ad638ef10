//! Accepting connections.

use crate::auto::AutoDialects;
use crate::detection::{Detected, detect};
use crate::stream::{LineFraming, LineSource};
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use chat_runtime::chat_core::{Peer, SessionId};
use chat_runtime::chat_dialects::{Dialect, DialectSwitch, Frames, Notice, TurnedAway};
use chat_runtime::{
    Acceptor, Connection, Framing, FrontEnd, FrontEndError, Hub, Listener, PeerAddress, Permit,
    Reader, Writer, bind, split,
};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::debug;

/// Lines over TCP, or over whatever else a [`Listener`] accepts, such as a
/// [Unix socket](chat_runtime::bind_unix).
pub struct TcpFrontEnd<L: Listener = TcpListener> {
    listener: L,
    address: L::LocalAddress,
    greeter: Greeter,
}

/// How connections begin.
#[derive(Clone)]
struct Greeter {
    speaks: Speaks,
    detection_time: Duration,
}

/// What is spoken on a port.
#[derive(Clone)]
enum Speaks {
    One(Arc<dyn Dialect>),
    Auto(AutoDialects),
}

impl TcpFrontEnd {
    /// Listens on an address, from within a Tokio runtime, for clients of one dialect; port 0 asks
    /// for a free one.
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
        let greeter = Greeter { speaks, detection_time: DETECTION_TIME };
        Ok(Self { listener, address, greeter })
    }

    /// Sets how long a client may be silent before it is taken for a person who waits to be
    /// greeted. 300 milliseconds unless this says otherwise.
    ///
    /// A client that leaves within this time without sending a byte, such as a health check, is
    /// never announced. A port that greets nobody by name does not wait. A port for everybody waits
    /// at least 3 seconds if the server has an [`Authenticator`](chat_runtime::Authenticator).
    #[must_use]
    pub fn detection_time(mut self, time: Duration) -> Self {
        self.greeter.detection_time = time;
        self
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
        let Self { listener, greeter, .. } = *self;
        let mut acceptor = Acceptor::new(listener);
        let sessions = TaskTracker::new();
        loop {
            let (incoming, address, permit) = tokio::select! {
                biased;
                () = stop.cancelled() => break,
                accepted = acceptor.accept(&hub, |why| greeter.speaks.turn_away(why)) => accepted,
            };
            let (hub, greeter, stop) = (hub.clone(), greeter.clone(), stop.clone());
            let (tasks, runtime) = (sessions.clone(), hub.runtime(&permit));
            let connection = async move {
                if let Some(stream) = hub.establish(incoming, &address, &stop).await
                    && let Some(serving) =
                        begin(&hub, stream, &address, permit, greeter, &stop).await
                {
                    // A task of its own is smaller than one that may have a handshake before it.
                    tasks.spawn(serving);
                }
            };
            sessions.spawn_on(connection, &runtime);
        }
        drop(acceptor);
        sessions.close();
        sessions.wait().await;
        Ok(())
    }
}

impl Greeter {
    /// How long a client may be silent. On a port for everybody of a server with a login, a program
    /// that is late would be refused as a person who has no token, before its `hello` has come.
    fn patience(&self, hub: &Hub) -> Duration {
        match self.speaks {
            Speaks::Auto(_) if hub.has_authenticator() => self.detection_time.max(LOGIN_TIME),
            Speaks::Auto(_) | Speaks::One(_) => self.detection_time,
        }
    }

    /// Returns true if a client that only connects would be announced, or is yet to show what it
    /// speaks.
    fn waits(&self) -> bool {
        match &self.speaks {
            Speaks::One(dialect) => dialect.names_on_connect(),
            Speaks::Auto(_) => true,
        }
    }
}

impl Speaks {
    /// Decides whether the first bytes show what a client speaks, before its first line is whole.
    fn decides(&self) -> fn(&[u8]) -> bool {
        match self {
            Self::One(_) => |_| false,
            Self::Auto(_) => AutoDialects::is_decided,
        }
    }

    /// What somebody who is not let in reads. Who has not said what they speak is taken for a
    /// person.
    fn turn_away(&self, why: TurnedAway) -> Bytes {
        let dialect = match self {
            Self::One(dialect) => dialect,
            Self::Auto(dialects) => dialects.for_people(),
        };
        let mut conversation = dialect.open(SessionId(0), &Peer::default());
        let mut frames = Frames::default();
        conversation.notice(&Notice::TurnedAway(why), &mut frames);
        let mut lines = Vec::new();
        frames.iter().for_each(|frame| LineFraming::frame(frame, &mut lines));
        lines.into()
    }
}

/// Waits for a client to show itself. Returns what serves it, or `None` if there is nobody to
/// serve.
async fn begin<S: AsyncRead + AsyncWrite + Send + 'static>(
    hub: &Hub,
    stream: S,
    address: &PeerAddress,
    permit: Permit,
    greeter: Greeter,
    stop: &CancellationToken,
) -> Option<impl Future<Output = ()> + Send + use<S>> {
    let (mut reader, writer) = split(stream);
    let line_limit = hub.limits().frame_bytes;
    let early = if greeter.waits() {
        let is_decided = greeter.speaks.decides();
        let patience = greeter.patience(hub);
        let detecting = detect(&mut reader, line_limit, patience, is_decided);
        let detected = tokio::select! {
            biased;
            detected = detecting => detected,
            () = stop.cancelled() => return None,
        };
        match detected {
            Detected::Gone => return None,
            Detected::Foreign(protocol) => {
                hub.note_refused(protocol.code());
                debug!(%address, protocol = protocol.code(), "refused: another protocol");
                refuse(reader, writer, &protocol.answer()).await;
                return None;
            }
            Detected::Client(early) => early,
        }
    } else {
        BytesMut::new()
    };
    let peer = Peer { host: Some(address.to_string().into()), ..Peer::default() };
    let (dialect, switch) = match greeter.speaks {
        Speaks::One(dialect) => (dialect, None),
        Speaks::Auto(dialects) => {
            let (dialect, programs) = (dialects.choose(&early), dialects.for_programs());
            let switch = DialectSwitch { dialect: programs.clone(), peer: peer.clone() };
            (dialect.clone(), dialect.is_typed().then_some(switch))
        }
    };
    let mut source = LineSource::new(reader, early, line_limit);
    if dialect.is_typed() {
        source = source.with_telnet();
    }
    if let Some(switch) = switch {
        source = source.with_switch(switch);
    }
    let transport = if let PeerAddress::Unix(_) = address { "unix" } else { "tcp" };
    let connection = Connection { transport, peer, dialect, permit };
    Some(hub.serve_connection(connection, source, writer, LineFraming))
}

/// Sends a last answer, and reads what the client is still sending: a socket that is dropped with
/// something unread in it takes back what it has sent.
async fn refuse(reader: Reader, mut writer: Writer, answer: &[u8]) {
    let refusing = async {
        writer.write_all(answer).await?;
        writer.shutdown().await?;
        tokio::io::copy(&mut reader.take(MOST_UNREAD), &mut tokio::io::sink()).await
    };
    // The client may have gone already.
    let _ = timeout(FAREWELL, refusing).await;
}

/// The detection time unless something else is set: programs and browsers send within milliseconds,
/// and a person does not notice the wait.
const DETECTION_TIME: Duration = Duration::from_millis(300);
/// The detection time where a token is wanted: a slow line, and a program that starts.
const LOGIN_TIME: Duration = Duration::from_secs(3);
/// How long a refused client may take to read why.
const FAREWELL: Duration = Duration::from_secs(1);
/// How many bytes of a refused client are read at most.
const MOST_UNREAD: u64 = 64 * 1024;
