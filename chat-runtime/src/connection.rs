//! One connection of any transport: frames from the peer to the engine, and from the engine to the
//! peer.

use crate::admission::Permit;
use crate::close_on_drop::CloseOnDrop;
use crate::framing::Framing;
use crate::halves::Writer;
use crate::hub::{EngineMessage, Giving, Hub, Open};
use crate::metrics::Counted;
use crate::outbox::RemoteShard;
use crate::shards::{Backpressure, Registered, Remote};
use crate::socket_queue::SocketQueue;
use bytes::Bytes;
use chat_core::{CloseReason, Peer};
use chat_dialects::{Dialect, Fault};
use futures::FutureExt;
use futures::future::FusedFuture;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::coop::consume_budget;
use tokio::time::timeout;
use tracing::{Span, debug, debug_span};

/// The receiving half of a connection, which splits received bytes into frames.
pub trait FrameSource: Send {
    /// Waits for the next input. `None` means that the peer sends no more; it is not called again
    /// after that. It need not be cancel safe.
    fn receive(&mut self) -> impl Future<Output = Option<Received>> + Send;
}

/// Input from a peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    /// A frame, without its terminator; not yet known to be UTF-8.
    Frame(Bytes),
    /// Bytes that cannot be read as a frame, and were skipped.
    Fault(Fault),
    /// A sign of life without content.
    Alive,
    /// A ping, which the transport answers itself with these bytes.
    Ping(Vec<u8>),
    /// A violation or an end of the transport's protocol. The connection is closed with these last
    /// bytes. Later input is drained and ignored, so that a reset cannot discard the close frame.
    ProtocolClose(Vec<u8>),
    /// The client speaks a protocol that is not for this port. The connection is closed with these
    /// last bytes, and counted by `chat_connections_refused_total`. Later input is read and
    /// ignored.
    Foreign {
        /// The protocol, which is the reason in the metric: `snake_case`, and stable.
        protocol: &'static str,
        /// The last bytes.
        answer: Bytes,
    },
    /// The first line shows that the client speaks another dialect than was assumed. The session
    /// ends for other users, and another begins in this dialect.
    Switch(Box<DialectSwitch>),
}

/// A change of a session to another dialect.
#[derive(Clone)]
pub struct DialectSwitch {
    /// The client, as the transport knows it.
    pub peer: Peer,
    /// The dialect that the client speaks.
    pub dialect: Arc<dyn Dialect>,
}

impl PartialEq for DialectSwitch {
    fn eq(&self, other: &Self) -> bool {
        self.peer == other.peer && Arc::ptr_eq(&self.dialect, &other.dialect)
    }
}

impl Eq for DialectSwitch {}

impl fmt::Debug for DialectSwitch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { peer, dialect } = self;
        let mut debug = f.debug_struct("DialectSwitch");
        debug.field("peer", peer).field("dialect", &dialect.name()).finish()
    }
}

/// A connection that a front end hands over.
pub struct Connection {
    /// The transport's name, for logs.
    pub transport: &'static str,
    /// The client, for the engine.
    pub peer: Peer,
    /// The dialect.
    pub dialect: Arc<dyn Dialect>,
    /// The permit, which counts it against the limits.
    pub permit: Permit,
}

impl Hub {
    /// Serves one connection until the peer, the dialect or the engine ends it, or the server
    /// stops.
    ///
    /// Frames come from `source`. The engine task frames and writes the output.
    ///
    /// A peer that has only finished sending still gets the answers to its requests. If the future
    /// is dropped early, the session ends as well. The future is small, because there may be many
    /// idle connections.
    pub fn serve_connection<S: FrameSource>(
        &self,
        connection: Connection,
        source: S,
        writer: Writer,
        framing: &'static dyn Framing,
    ) -> impl Future<Output = ()> + Send + use<S> {
        let Connection { transport, peer, dialect, permit } = connection;
        let session = self.next_session();
        let host = peer.host.clone().unwrap_or_default();
        let span =
            debug_span!("session", id = session.0, transport, %host, dialect = dialect.name());
        // Mostly nobody wants to know so much, and then it is not there.
        let span = (!span.is_disabled()).then(|| Box::new(span));
        let socket_queue = Arc::new(SocketQueue::new(writer));
        let shard = permit.shard();
        let remote_shard = self.shards().wires(shard).map(|wires| {
            let behind = Arc::<Backpressure>::default();
            let remote = Remote { socket_queue: socket_queue.clone(), behind: behind.clone() };
            (wires.register(session, remote), RemoteShard { shard, session, behind })
        });
        let (registered, remote_shard) = remote_shard.unzip();
        let served = Served {
            close_on_drop: CloseOnDrop::new(self.clone(), session),
            span,
            socket_queue: socket_queue.clone(),
            _registered: registered,
            _permit: permit,
            _counted: self.measured().count_session(transport, dialect.name()),
        };
        let outbox = self.outbox(socket_queue, framing, remote_shard);
        let opening = Box::new(Open { session, peer, dialect, outbox });
        // What a future begins with and what it moves inward lies in it twice; a box does so only
        // as a pointer.
        serve(Box::new(served), Box::new(source), opening)
    }
}

/// A connection while it is served.
struct Served {
    close_on_drop: CloseOnDrop,
    /// The span for log lines. The future does not stay in it, because that would be larger.
    span: Option<Box<Span>>,
    socket_queue: Arc<SocketQueue>,
    _registered: Option<Registered>,
    _permit: Permit,
    _counted: Counted,
}

#[expect(clippy::manual_async_fn, reason = "the future of an async fn has its arguments twice")]
fn serve<S: FrameSource>(
    served: Box<Served>,
    mut source: Box<S>,
    opening: Box<Open>,
) -> impl Future<Output = ()> + Send + use<S> {
    async move {
        let CloseOnDrop { hub, session, .. } = &served.close_on_drop;
        if hub.give(EngineMessage::Open(opening)).await.is_err() {
            return;
        }
        served.log(|| debug!("open"));
        let mut reading = pin!(served.read(&mut *source).fuse());
        let mut writing = pin!(served.socket_queue.tend(hub, *session));
        let written = loop {
            tokio::select! {
                // Writing first: a peer that never stops sending uses up what a task may do at
                // once.
                biased;
                written = &mut writing => break written,
                () = &mut reading, if !reading.is_terminated() => {}
            }
        };
        // For the engine this is news only if the connection broke.
        let is_too_slow =
            written.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::TimedOut);
        let reason = if is_too_slow { CloseReason::TooSlow } else { CloseReason::Disconnected };
        let _ = served.close(reason).await;
        served.close_on_drop.done();
        if let Err(error) = written {
            served.log(|| debug!(%error, "broken"));
            return;
        }
        // A socket that is dropped with something unread in it takes back what it has sent.
        if !reading.is_terminated() {
            let _ = Box::pin(timeout(LINGER, reading)).await;
        }
        served.log(|| debug!("closed"));
    }
}

impl Served {
    /// Hands the input of the peer to the engine until it ends.
    #[expect(clippy::manual_async_fn, reason = "the future of an async fn has its arguments twice")]
    fn read(&self, source: &mut impl FrameSource) -> impl Future<Output = ()> + Send {
        async move {
            loop {
                // What has come is no longer there when this waits: room for it would be kept in
                // every idle connection.
                let giving = match source.receive().await {
                    Some(received) => self.hand_over(received),
                    None => break,
                };
                // A server that has stopped has no use for it, but it is read all the same: what is
                // left unread when the socket is dropped takes back the last words that have been
                // sent.
                let _ = giving.await;
                // Much may have been read at once, and others have something to say too.
                consume_budget().await;
            }
            let _ = self.close(CloseReason::Disconnected).await;
        }
    }

    fn hand_over(&self, received: Received) -> Giving<'_> {
        let CloseOnDrop { hub, session, .. } = &self.close_on_drop;
        let session = *session;
        hub.give(match received {
            Received::Frame(frame) => EngineMessage::Frame { session, frame },
            Received::Fault(fault) => EngineMessage::Fault { session, fault },
            Received::Alive => EngineMessage::Alive { session },
            Received::Ping(answer) => {
                self.socket_queue.answer(hub.limits(), &answer);
                EngineMessage::Alive { session }
            }
            Received::ProtocolClose(farewell) => {
                self.socket_queue.set_farewell(farewell);
                EngineMessage::Close { session, reason: CloseReason::Disconnected }
            }
            Received::Foreign { protocol, answer } => {
                hub.note_refused(protocol);
                self.log(|| debug!(protocol, "refused: another protocol"));
                self.socket_queue.set_farewell(answer.to_vec());
                EngineMessage::Close { session, reason: CloseReason::Refused }
            }
            Received::Switch(switch) => {
                let dialect = switch.dialect.name();
                self.log(|| debug!(dialect, "switches to another dialect"));
                EngineMessage::Switch { session, switch }
            }
        })
    }

    /// Writes to the log, if sessions are logged.
    fn log(&self, log: impl FnOnce()) {
        if let Some(span) = &self.span {
            span.in_scope(log);
        }
    }

    fn close(&self, reason: CloseReason) -> Giving<'_> {
        let CloseOnDrop { hub, session, .. } = &self.close_on_drop;
        hub.give(EngineMessage::Close { session: *session, reason })
    }
}

/// The time in which a peer has to read the last frame and to close its side.
const LINGER: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Server, Stopped};
    use chat_core::Config;
    use chat_dialects::{Frame, TextDialect};
    use tokio::io::{AsyncReadExt, duplex};
    use tokio::sync::mpsc;
    use tokio::time::{Instant, sleep};

    struct Talker(mpsc::Receiver<Received>);

    impl FrameSource for Talker {
        async fn receive(&mut self) -> Option<Received> {
            self.0.recv().await
        }
    }

    /// Lines.
    struct Lines;

    impl Framing for Lines {
        fn frame(&self, frame: &Frame, out: &mut Vec<u8>) {
            out.extend_from_slice(frame.bytes());
            out.push(b'\n');
        }
    }

    /// Idle connections are many: what each of them costs is to grow only on purpose. With these
    /// 224, and what a real source waits for, its task has 384 bytes; tasks have a multiple of 128.
    #[tokio::test]
    async fn what_serves_a_connection_is_small() {
        let server = Server::new(Config::default()).start();
        let hub = server.hub();
        let (_talk, heard) = mpsc::channel(1);
        let connection = Connection {
            transport: "test",
            peer: Peer::default(),
            dialect: Arc::new(TextDialect::plain()),
            permit: hub.admit(None).expect("there is room"),
        };
        let writer = Writer::new(tokio::io::sink());
        let serving = hub.serve_connection(connection, Talker(heard), writer, &Lines);
        assert!(size_of_val(&serving) <= 224, "{} bytes", size_of_val(&serving));
        assert!(size_of::<Served>() <= 96, "{} bytes", size_of::<Served>());
        assert!(size_of::<SocketQueue>() <= 48, "{} bytes", size_of::<SocketQueue>());
    }

    #[tokio::test(start_paused = true)]
    async fn who_still_talks_when_the_server_stops_is_read_to_the_end() {
        let server = Server::new(Config::default()).start();
        let hub = server.hub().clone();
        let (talk, heard) = mpsc::channel(1);
        let connection = Connection {
            transport: "test",
            peer: Peer::default(),
            dialect: Arc::new(TextDialect::bracket()),
            permit: hub.admit(None).expect("there is room"),
        };
        let serving = hub.clone();
        let serving = tokio::spawn(async move {
            serving
                .serve_connection(connection, Talker(heard), Writer::new(tokio::io::sink()), &Lines)
                .await;
        });
        while hub.look(|view| view.session_count()).await != Ok(1) {}
        server.stop();
        while hub.look(|_| ()).await != Err(Stopped) {}
        for _ in 0..3 {
            talk.send(Received::Frame("and then".into())).await.expect("it is read");
            tokio::task::yield_now().await;
        }
        drop(talk);
        serving.await.expect("it ends");
    }

    #[tokio::test(start_paused = true)]
    async fn who_reads_slowly_is_waited_for_and_who_stops_is_not() {
        // There is time enough for a name.
        let config = Config { person_naming_timeout: None, ..Config::default() };
        let server = Server::new(config).start();
        let hub = server.hub().clone();
        let (_talk, heard) = mpsc::channel(1);
        let (near, mut far) = duplex(16);
        let connection = Connection {
            transport: "test",
            peer: Peer::default(),
            dialect: Arc::new(TextDialect::plain()),
            permit: hub.admit(None).expect("there is room"),
        };
        let serving = hub.clone();
        let serving = tokio::spawn(async move {
            serving.serve_connection(connection, Talker(heard), Writer::new(near), &Lines).await;
        });
        // The greeting takes far longer than a stall may.
        let stall = hub.limits().write_stall;
        let begun = Instant::now();
        for _ in 0..20 {
            sleep(stall / 2).await;
            let mut some = [0; 16];
            far.read_exact(&mut some).await.expect("the connection goes on");
        }
        assert!(begun.elapsed() > stall * 9);
        assert!(!serving.is_finished());
        timeout(stall * 3, serving).await.expect("nobody waits any longer").expect("it ends");
        assert_eq!(hub.look(|view| view.session_count()).await, Ok(0));
    }
}
