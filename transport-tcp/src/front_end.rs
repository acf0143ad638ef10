//! Accepts connections, detects what their clients speak, and hands them to the engine.

use crate::auto::AutoDialects;
use crate::detection::{Detected, detect};
use crate::stream::{CrlfFraming, LineFraming, LineSource};
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use chat_runtime::chat_core::{Peer, SessionId};
use chat_runtime::chat_dialects::{Dialect, DialectSwitch, Frame, Frames, Notice, TurnedAway};
use chat_runtime::{
    Acceptor, Connection, Framing, FrontEnd, FrontEndError, Hub, Listener, PeerAddress, Permit,
    Reader, Writer, bind, split,
};
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::debug;

/// A front end for lines over TCP, or over the connections of any other [`Listener`], such as a
/// [Unix socket](chat_runtime::bind_unix).
pub struct TcpFrontEnd<L: Listener = TcpListener> {
    listener: L,
    address: L::LocalAddress,
    detector: Detector,
}

/// Chooses the dialect of each connection before its session begins.
#[derive(Clone, Debug)]
struct Detector {
    dialects: PortDialects,
    detection_time: Duration,
}

/// The dialects of a port.
#[derive(Clone)]
enum PortDialects {
    One(Arc<dyn Dialect>),
    Auto(AutoDialects),
}

impl TcpFrontEnd {
    /// Listens on an address, from within a Tokio runtime, for clients of one dialect. Port 0 lets
    /// the system choose a free port.
    ///
    /// # Errors
    ///
    /// If the address is in use, or does not belong to this machine.
    pub fn bind(
        address: SocketAddr,
        dialect: impl Dialect + 'static,
    ) -> Result<Self, FrontEndError> {
        Self::on(bind(address)?, dialect)
    }

    /// Listens like [`bind`](Self::bind), and detects each client's dialect by the first bytes that
    /// it sends.
    ///
    /// # Errors
    ///
    /// If the address is in use, or does not belong to this machine.
    pub fn bind_auto(address: SocketAddr, dialects: AutoDialects) -> Result<Self, FrontEndError> {
        Self::with(bind(address)?, PortDialects::Auto(dialects))
    }
}

impl<L: Listener> TcpFrontEnd<L> {
    /// Serves the connections of a listener, for clients of one dialect.
    ///
    /// # Errors
    ///
    /// If the listener's local address cannot be read.
    pub fn on(listener: L, dialect: impl Dialect + 'static) -> Result<Self, FrontEndError> {
        Self::with(listener, PortDialects::One(Arc::new(dialect)))
    }

    /// Serves like [`on`](Self::on), and detects each client's dialect by the first bytes that it
    /// sends.
    ///
    /// # Errors
    ///
    /// If the listener's local address cannot be read.
    pub fn on_auto(listener: L, dialects: AutoDialects) -> Result<Self, FrontEndError> {
        Self::with(listener, PortDialects::Auto(dialects))
    }

    fn with(listener: L, dialects: PortDialects) -> Result<Self, FrontEndError> {
        let address = listener
            .local_addr()
            .map_err(|error| FrontEndError::new("cannot read the listener's address", error))?;
        let detector = Detector { dialects, detection_time: DETECTION_TIME };
        Ok(Self { listener, address, detector })
    }

    /// Sets how long the server waits for a client's first bytes. After this time, a silent client
    /// is treated as a person who waits for a greeting. The default is 300 milliseconds.
    ///
    /// A client that leaves within this time without sending a byte, such as a health check, is
    /// never announced. A port does not wait if its dialect gives clients no name on connect. On a
    /// port that detects dialects, the time is at least 3 seconds if the server has an
    /// [`Authenticator`](chat_runtime::Authenticator).
    #[must_use]
    pub fn detection_time(mut self, time: Duration) -> Self {
        self.detector.detection_time = time;
        self
    }

    /// Returns the address that the front end listens on, with the actual port if it was bound to
    /// port 0.
    pub fn local_addr(&self) -> L::LocalAddress {
        self.address.clone()
    }
}

impl<L: Listener> fmt::Debug for TcpFrontEnd<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { listener: _, address, detector } = self;
        let mut debug = f.debug_struct("TcpFrontEnd");
        debug.field("address", address).field("detector", detector).finish_non_exhaustive()
    }
}

impl fmt::Debug for PortDialects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(dialect) => f.debug_tuple("One").field(&dialect.name()).finish(),
            Self::Auto(dialects) => f.debug_tuple("Auto").field(dialects).finish(),
        }
    }
}

#[async_trait]
impl<L: Listener> FrontEnd for TcpFrontEnd<L> {
    async fn serve(
        self: Box<Self>,
        hub: Hub,
        stop: CancellationToken,
    ) -> Result<(), FrontEndError> {
        let Self { listener, detector, .. } = *self;
        let mut acceptor = Acceptor::new(listener);
        let sessions = TaskTracker::new();
        loop {
            let turn_away = |why| detector.dialects.turn_away(why);
            let (incoming, address, permit) = tokio::select! {
                biased;
                () = stop.cancelled() => break,
                accepted = acceptor.accept(&hub, turn_away) => accepted,
            };
            let (hub, detector, stop) = (hub.clone(), detector.clone(), stop.clone());
            let (tasks, runtime) = (sessions.clone(), hub.runtime(&permit));
            let connection = async move {
                if let Some(stream) = hub.establish(incoming, &address, &stop).await {
                    // The session has a new task, which is smaller than this one, whose future
                    // includes the handshake.
                    begin(&hub, stream, &address, permit, detector, &stop, &tasks).await;
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

impl Detector {
    /// Returns how long to wait for the first bytes. With an authenticator, a port that detects
    /// dialects waits longer: a slow program would otherwise be refused as a person without a
    /// token, before its `hello` has arrived.
    fn patience(&self, hub: &Hub) -> Duration {
        match self.dialects {
            PortDialects::Auto(_) if hub.has_authenticator() => {
                self.detection_time.max(AUTH_DETECTION_TIME)
            }
            PortDialects::Auto(_) | PortDialects::One(_) => self.detection_time,
        }
    }

    /// Returns true if a session would announce its user before the client has sent a byte, or if
    /// the client's dialect is not known yet.
    fn waits(&self) -> bool {
        match &self.dialects {
            PortDialects::One(dialect) => dialect.names_on_connect(),
            PortDialects::Auto(_) => true,
        }
    }
}

impl PortDialects {
    /// Returns the function that decides whether the first bytes identify the dialect before the
    /// first line is complete.
    fn decides(&self) -> fn(&[u8]) -> bool {
        match self {
            Self::One(_) => |_| false,
            Self::Auto(_) => AutoDialects::is_decided,
        }
    }

    /// Returns the last lines for a client that is not admitted. A client of unknown dialect gets
    /// text for people.
    fn turn_away(&self, why: TurnedAway) -> Bytes {
        let dialect = match self {
            Self::One(dialect) => dialect,
            Self::Auto(dialects) => dialects.for_people(),
        };
        let mut conversation = dialect.open(SessionId(0), &Peer::default());
        let mut frames = Frames::default();
        conversation.notice(&Notice::TurnedAway(why), &mut frames);
        let mut lines = Vec::new();
        let write: fn(&Frame, &mut Vec<u8>) =
            if dialect.ends_lines_with_crlf() { CrlfFraming::frame } else { LineFraming::frame };
        frames.iter().for_each(|frame| write(frame, &mut lines));
        lines.into()
    }
}

/// Detects the client's dialect, and spawns the session, unless the client has left or was refused,
/// or the server stops.
async fn begin<S: AsyncRead + AsyncWrite + Send + 'static>(
    hub: &Hub,
    stream: S,
    address: &PeerAddress,
    permit: Permit,
    detector: Detector,
    stop: &CancellationToken,
    tasks: &TaskTracker,
) {
    let (mut reader, writer) = split(stream);
    let line_limit = hub.limits().frame_bytes;
    let early = if detector.waits() {
        let is_decided = detector.dialects.decides();
        let patience = detector.patience(hub);
        let detecting = detect(&mut reader, line_limit, patience, is_decided);
        let detected = tokio::select! {
            biased;
            detected = detecting => detected,
            () = stop.cancelled() => return,
        };
        match detected {
            Detected::Gone => return,
            Detected::Foreign(protocol) => {
                hub.note_refused(protocol.code());
                debug!(%address, protocol = protocol.code(), "refused: another protocol");
                refuse(reader, writer, &protocol.answer()).await;
                return;
            }
            Detected::Client(early) => early,
        }
    } else {
        BytesMut::new()
    };
    let peer = Peer { address: Some(address.to_string().into()), ..Peer::default() };
    let (dialect, switch) = match detector.dialects {
        PortDialects::One(dialect) => (dialect, None),
        PortDialects::Auto(dialects) => {
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
    let ends_with_crlf = dialect.ends_lines_with_crlf();
    let connection = Connection { transport, peer, dialect, permit };
    if ends_with_crlf {
        hub.spawn_connection(connection, source, writer, CrlfFraming, tasks);
    } else {
        hub.spawn_connection(connection, source, writer, LineFraming, tasks);
    }
}

/// Sends a last answer, then drains the client's input: closing a socket with unread input resets
/// the connection, and the client could lose the answer.
async fn refuse(reader: Reader, mut writer: Writer, answer: &[u8]) {
    let refusing = async {
        writer.write_all(answer).await?;
        writer.shutdown().await?;
        tokio::io::copy(&mut reader.take(LINGER_BYTES), &mut tokio::io::sink()).await
    };
    // An error means that the client has disconnected already.
    let _ = timeout(LINGER_TIME, refusing).await;
}

/// The default detection time: programs and browsers send within milliseconds, and a person does
/// not notice the wait.
const DETECTION_TIME: Duration = Duration::from_millis(300);
/// The least detection time with an authenticator. It allows for a slow connection and for a
/// program that is still starting.
const AUTH_DETECTION_TIME: Duration = Duration::from_secs(3);
/// The time that a refused client has to read the answer and close the connection.
const LINGER_TIME: Duration = Duration::from_secs(1);
/// The most bytes of a refused client's input that are drained.
const LINGER_BYTES: u64 = 64 * 1024;
