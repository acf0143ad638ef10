//! One connection of any transport: frames from the peer to the engine, and from the engine to the
//! peer.

use super::close_on_drop::CloseOnDrop;
use crate::admission::Permit;
use crate::engine::{EngineMessage, Hub, Open, Sending, SessionHandle};
use crate::idle::{Activity, Watched};
use crate::io::{FrameSource, Framing, FramingTable, Received, Writer};
use crate::metrics::Counted;
use crate::outbound::{Backpressure, Registered, RemoteShard, RemoteSocket, SocketQueue};
use chat_core::{CloseReason, Peer};
use chat_dialects::{Dialect, Inbound};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Weak};
use std::task::Poll;
use std::time::Duration;
use std::{fmt, io};
use tokio::task::coop::consume_budget;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;
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
        let (served, open) = self.begin::<F>(connection, writer, None);
        // It keeps the caller's task.
        let rest = |served, source| Err((served, source));
        serve(Arc::new(served), Box::new(source), Some(open), rest)
    }

    /// Makes what a connection needs while it is served, and the message that opens its session.
    pub(super) fn begin<F: Framing>(
        &self,
        connection: Connection,
        writer: Writer,
        tasks: Option<TaskTracker>,
    ) -> (Served, Box<Open>) {
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
            permit,
            _counted: self.metrics_registry().count_session(transport, dialect.name()),
            tasks,
            activity: Activity::default(),
        };
        let outbox = self.outbox(socket_queue, FramingTable::of::<F>(), remote_shard);
        (served, Box::new(Open { session, peer, dialect, outbox }))
    }
}

/// A connection while it is served.
pub(super) struct Served {
    pub(super) close_on_drop: CloseOnDrop,
    /// The span for log lines. The future does not stay in it, because that would be larger.
    span: Option<Box<Span>>,
    pub(super) socket_queue: Arc<SocketQueue>,
    _registered: Option<Registered>,
    pub(super) permit: Permit,
    _counted: Counted,
    /// The tasks of the front end, if the connection may be without a task while it is idle.
    pub(super) tasks: Option<TaskTracker>,
    pub(super) activity: Activity,
}

/// The reason why nothing more is read.
enum Read {
    /// The peer sends no more, or the engine has ended the session.
    Over,
    /// The task is to end, because the connection is idle.
    Idle,
}

/// Serves a connection. If it becomes idle, it is passed to `rest`, which returns it if it has to
/// go on.
#[expect(clippy::manual_async_fn, reason = "the future of an async fn has its arguments twice")]
pub(super) fn serve<S, R>(
    mut served: Arc<Served>,
    mut source: Box<S>,
    open: Option<Box<Open>>,
    rest: R,
) -> impl Future<Output = ()> + Send + use<S, R>
where
    S: FrameSource,
    R: Fn(Arc<Served>, Box<S>) -> Result<(), (Arc<Served>, Box<S>)> + Send,
{
    async move {
        if let Some(open) = open {
            if served.close_on_drop.handle.hub.send(EngineMessage::Open(open)).await.is_err() {
                return;
            }
            served.log(|| debug!("open"));
        }
        let (written, is_over) = loop {
            let ended = {
                let handle = &served.close_on_drop.handle;
                let mut reading = pin!(served.read(&mut *source));
                let mut writing = pin!(served.socket_queue.drain(handle.hub.limits(), handle));
                let mut is_over = false;
                loop {
                    tokio::select! {
                        // Writing first: a peer that never stops sending uses up what a task may do
                        // at once.
                        biased;
                        written = &mut writing => break Some((written, is_over)),
                        ended = &mut reading, if !is_over => match ended {
                            Read::Over => is_over = true,
                            Read::Idle => break None,
                        }
                    }
                }
            };
            if let Some(ended) = ended {
                break ended;
            }
            match rest(served, source) {
                Ok(()) => return,
                Err(parts) => (served, source) = parts,
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
        if !is_over {
            let _ = Box::pin(timeout(LINGER, served.read(&mut *source))).await;
        }
        served.log(|| debug!("closed"));
    }
}

impl Served {
    /// Hands the input of the peer to the engine until it ends, or the connection is idle.
    #[expect(clippy::manual_async_fn, reason = "the future of an async fn has its arguments twice")]
    fn read<S: FrameSource>(self: &Arc<Self>, source: &mut S) -> impl Future<Output = Read> + Send {
        async move {
            loop {
                // The input is moved out before this waits: every idle connection would otherwise
                // keep room for it in its future.
                let sending = {
                    let mut receiving = pin!(source.receive());
                    let received = poll_fn(|context| match receiving.as_mut().poll(context) {
                        Poll::Ready(received) => Poll::Ready(Ok(received)),
                        Poll::Pending if self.is_idle() => Poll::Ready(Err(Read::Idle)),
                        Poll::Pending => Poll::Pending,
                    });
                    match received.await {
                        Ok(Some(received)) => self.hand_over(received),
                        Ok(None) => break,
                        Err(idle) => return idle,
                    }
                };
                // Input is drained even after the server has stopped, so that a reset cannot
                // discard the last frames.
                let _ = sending.await;
                self.socket_queue.may_read().await;
                // A source may return many frames without waiting; other connections run as well.
                consume_budget().await;
            }
            let _ = self.close(CloseReason::Disconnected).await;
            Read::Over
        }
    }

    /// Lets the task end once the connection is idle.
    pub(super) fn watch(self: &Arc<Self>) {
        let connection: Weak<Self> = Arc::downgrade(self);
        self.close_on_drop.handle.hub.idle(self.permit.shard()).watch(connection);
    }

    /// Returns true if the task is to end, and has nothing to do.
    fn is_idle(&self) -> bool {
        self.activity.is_asked() && self.socket_queue.is_idle()
    }

    fn hand_over(self: &Arc<Self>, received: Received) -> Sending<'_> {
        if self.activity.note() {
            self.watch();
        }
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

impl Watched for Served {
    fn activity(&self) -> &Activity {
        &self.activity
    }

    fn wake(&self) {
        self.socket_queue.wake();
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
    /// Without a task, it has the rest, and 32 bytes each for the waker and the idle connection.
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
        assert!(size_of::<Served>() <= 104, "{} bytes", size_of::<Served>());
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
