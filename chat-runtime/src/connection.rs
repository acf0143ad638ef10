//! One connection, whatever its transport: frames from the peer to the engine, frames from the
//! engine to the peer.

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

/// The receiving half of a connection: the transport cuts what comes into frames.
pub trait FrameSource: Send {
    /// Waits for the next frame. `None` when the peer sends no more, for whatever reason; then it
    /// is not called again. Need not be cancel safe.
    fn receive(&mut self) -> impl Future<Output = Option<Received>> + Send;
}

/// What has come from a peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    /// A frame, without its terminator; not yet known to be UTF-8.
    Frame(Bytes),
    /// Something that could not be made a frame of, and was skipped.
    Fault(Fault),
    /// Nothing but a sign of life.
    Alive,
    /// A sign of life that the transport answers by itself, in these bytes.
    Ping(Vec<u8>),
    /// Something for which the transport ends the connection, with these last bytes. What comes
    /// after it is read, so that they are not lost in a reset, and of no account.
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
    /// ends for everybody, and another begins in this dialect.
    Switch(Box<DialectSwitch>),
}

/// How a session goes on in another dialect.
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

/// What a front end knows of a connection that it hands over.
pub struct Connection {
    /// The transport's name, for logs.
    pub transport: &'static str,
    /// Who it is, for the engine.
    pub peer: Peer,
    /// What it speaks.
    pub dialect: Arc<dyn Dialect>,
    /// Its place among all connections.
    pub permit: Permit,
}

impl Hub {
    /// Serves one connection until it ends: by its peer, by its dialect, by the engine, or because
    /// the server stops.
    ///
    /// Frames come from `source`; those for the peer are framed and written by the engine's own
    /// task.
    ///
    /// A peer that has only finished sending still gets the answers to what it sent. If this is
    /// dropped before it is done, the session ends all the same. It is small: idle connections are
    /// many.
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
    /// For what is logged of it; a future that is in a span all the time is larger.
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
    /// Hands what the peer sends to the engine, then says that it has finished.
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

    /// Logs something, if anything is logged of sessions.
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

/// How long a peer that has been sent the last frame may take to read it and to close its side.
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
