//! One connection of any transport: frames from the peer to the engine, and from the engine to the
//! peer.

use super::close_on_drop::CloseOnDrop;
use crate::admission::Permit;
use crate::engine::{EngineMessage, Hub, Open, Sending, SessionHandle};
use crate::io::{FrameSource, Framing, FramingTable, Received, Writer};
use crate::metrics::Counted;
use crate::outbound::{Backpressure, Registered, RemoteShard, RemoteSocket, SocketQueue};
use chat_core::{CloseReason, Peer};
use chat_dialects::{Dialect, Inbound};
use futures::FutureExt;
use futures::future::FusedFuture;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};
use tokio::task::coop::consume_budget;
use tokio::time::timeout;
use tracing::{Span, debug, debug_span};

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

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { transport, peer, dialect, permit: _ } = self;
        let mut debug = f.debug_struct("Connection");
        debug.field("transport", transport).field("peer", peer);
        debug.field("dialect", &dialect.name()).finish_non_exhaustive()
    }
}

impl Hub {
    /// Serves one connection until the peer, the dialect or the engine ends it, or the server
    /// stops.
    ///
    /// Frames come from `source`. The engine task encodes the output with the
    /// [`Framing`] of the type `F` and writes it to `writer`.
    ///
    /// A peer that has only finished sending still gets the answers to its requests. If the future
    /// is dropped early, the session ends as well. The future is small, because there may be many
    /// idle connections.
    pub fn serve_connection<S: FrameSource, F: Framing>(
        &self,
        connection: Connection,
        source: S,
        writer: Writer,
        _framing: F,
    ) -> impl Future<Output = ()> + Send + use<S, F> {
        let Connection { transport, mut peer, dialect, permit } = connection;
        let session = self.next_session();
        let address = peer.address.clone().unwrap_or_default();
        if peer.host.is_none() && peer.address.is_some() {
            peer.host = self.cloak().host(&address);
        }
        let span =
            debug_span!("session", id = session.0, transport, %address, dialect = dialect.name());
        // Logs of this level are mostly off.
        let span = (!span.is_disabled()).then(|| Box::new(span));
        let socket_queue = Arc::new(SocketQueue::new(writer));
        let shard = permit.shard();
        let remote_shard = self.shards().sockets(shard).map(|sockets| {
            let backpressure = Arc::<Backpressure>::default();
            let socket = RemoteSocket {
                socket_queue: socket_queue.clone(),
                backpressure: backpressure.clone(),
            };
            (sockets.register(session, socket), RemoteShard { shard, session, backpressure })
        });
        let (registered, remote_shard) = remote_shard.unzip();
        let handle = SessionHandle { hub: self.clone(), session };
        let served = Served {
            close_on_drop: CloseOnDrop::new(handle),
            span,
            socket_queue: socket_queue.clone(),
            _registered: registered,
            _permit: permit,
            _counted: self.metrics_registry().count_session(transport, dialect.name()),
        };
        let outbox = self.outbox(socket_queue, FramingTable::of::<F>(), remote_shard);
        let open = Box::new(Open { session, peer, dialect, outbox });
        // A future stores its arguments twice if it moves them; boxed, each is one pointer.
        serve(Box::new(served), Box::new(source), open)
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
    open: Box<Open>,
) -> impl Future<Output = ()> + Send + use<S> {
    async move {
        let handle = &served.close_on_drop.handle;
        let hub = &handle.hub;
        if hub.send(EngineMessage::Open(open)).await.is_err() {
            return;
        }
        served.log(|| debug!("open"));
        let mut reading = pin!(served.read(&mut *source).fuse());
        let mut writing = pin!(served.socket_queue.drain(hub.limits(), handle));
        let written = loop {
            tokio::select! {
                // Writing first: a peer that never stops sending uses up what a task may do at
                // once.
                biased;
                written = &mut writing => break written,
                () = &mut reading, if !reading.is_terminated() => {}
            }
        };
        // The engine knows already, unless the connection is broken.
        let is_too_slow =
            written.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::TimedOut);
        let reason = if is_too_slow { CloseReason::TooSlow } else { CloseReason::Disconnected };
        let _ = served.close(reason).await;
        served.close_on_drop.done();
        if let Err(error) = written {
            served.log(|| debug!(%error, "broken"));
            return;
        }
        // A socket that is dropped with unread input sends a reset, which discards the last frames.
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
                // The input is moved out before this waits: every idle connection would otherwise
                // keep room for it in its future.
                let sending = match source.receive().await {
                    Some(received) => self.hand_over(received),
                    None => break,
                };
                // Input is drained even after the server has stopped, so that a reset cannot
                // discard the last frames.
                let _ = sending.await;
                // A source may return many frames without waiting; other connections run as well.
                consume_budget().await;
            }
            let _ = self.close(CloseReason::Disconnected).await;
        }
    }

    fn hand_over(&self, received: Received) -> Sending<'_> {
        let handle = &self.close_on_drop.handle;
        handle.send(match received {
            Received::Inbound(inbound) => {
                if let Inbound::Switch(switch) = &inbound {
                    let dialect = switch.dialect.name();
                    self.log(|| debug!(dialect, "switches to another dialect"));
                }
                inbound
            }
            Received::Ping(answer) => {
                self.socket_queue.answer(handle.hub.limits(), &answer);
                Inbound::Alive
            }
            Received::ProtocolClose(farewell) => {
                self.socket_queue.set_farewell(farewell);
                Inbound::Close(CloseReason::Disconnected)
            }
            Received::Foreign { protocol, answer } => {
                handle.hub.note_refused(protocol);
                self.log(|| debug!(protocol, "refused: another protocol"));
                self.socket_queue.set_farewell(answer.to_vec());
                Inbound::Close(CloseReason::Refused)
            }
        })
    }

    /// Writes to the log, if sessions are logged.
    fn log(&self, log: impl FnOnce()) {
        if let Some(span) = &self.span {
            span.in_scope(log);
        }
    }

    fn close(&self, reason: CloseReason) -> Sending<'_> {
        self.close_on_drop.handle.send(Inbound::Close(reason))
    }
}

/// The time in which a peer has to read the last frame and to close its side.
const LINGER: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::LineFraming;
    use crate::{Server, Stopped};
    use chat_core::Config;
    use chat_dialects::TextDialect;
    use tokio::io::{AsyncReadExt, duplex};
    use tokio::sync::mpsc;
    use tokio::time::{Instant, sleep};

    struct Talker(mpsc::Receiver<Received>);

    impl FrameSource for Talker {
        async fn receive(&mut self) -> Option<Received> {
            self.0.recv().await
        }
    }

    /// Idle connections are many: what each of them costs is to grow only on purpose. With these
    /// 224, and what a real source waits for, its task has 384 bytes; tasks have a multiple of 128.
    #[tokio::test]
    async fn future_of_a_connection_is_small() {
        let server = Server::new().start();
        let hub = server.hub();
        let (_talk, heard) = mpsc::channel(1);
        let connection = Connection {
            transport: "test",
            peer: Peer::default(),
            dialect: Arc::new(TextDialect::plain()),
            permit: hub.admit(None).expect("there is room"),
        };
        let writer = Writer::new(tokio::io::sink());
        let serving = hub.serve_connection(connection, Talker(heard), writer, LineFraming);
        assert!(size_of_val(&serving) <= 224, "{} bytes", size_of_val(&serving));
        assert!(size_of::<Served>() <= 96, "{} bytes", size_of::<Served>());
        assert!(size_of::<SocketQueue>() <= 48, "{} bytes", size_of::<SocketQueue>());
    }

    #[tokio::test(start_paused = true)]
    async fn input_is_drained_after_the_server_has_stopped() {
        let server = Server::new().start();
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
                .serve_connection(
                    connection,
                    Talker(heard),
                    Writer::new(tokio::io::sink()),
                    LineFraming,
                )
                .await;
        });
        while hub.look(|view| view.session_count()).await != Ok(1) {}
        server.stop();
        while hub.look(|_| ()).await != Err(Stopped) {}
        for _ in 0..3 {
            talk.send(Received::frame("and then")).await.expect("it is read");
            tokio::task::yield_now().await;
        }
        drop(talk);
        serving.await.expect("it ends");
    }

    #[tokio::test(start_paused = true)]
    async fn slow_reader_stays_connected_and_a_stalled_one_does_not() {
        // There is time enough for a name.
        let config = Config { person_naming_timeout: None, ..Config::default() };
        let server = Server::new().config(config).start();
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
            serving
                .serve_connection(connection, Talker(heard), Writer::new(near), LineFraming)
                .await;
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
