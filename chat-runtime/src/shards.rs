//! Threads that share the connections among them.

use crate::shard_batch::ShardBatch;
use crate::socket_queue::SocketQueue;
use chat_core::SessionId;
use rustc_hash::FxHashMap;
use std::any::Any;
use std::cell::Cell;
use std::fmt;
use std::io;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::mpsc;

/// The threads on which connections are served. The first is whatever the server is started on,
/// where the engine is as well; each of the others has a Tokio runtime of its own with one thread.
///
/// A connection stays on its shard, which reads from its socket and writes to it. What is said in a
/// round is handed over to each shard once, however many hear it there. So the work that a delivery
/// is, which is mostly the kernel's, is done on as many processors as there are shards; who says
/// what in which order is still decided by one engine.
///
/// A server needs none of this until one processor is not enough for it.
pub struct Shards {
    /// All but the first.
    others: Vec<Shard>,
}

/// A thread, as others see it. It ends when this is gone.
struct Shard {
    runtime: Handle,
    batches: mpsc::Sender<ShardBatch>,
    wires: Arc<Wires>,
}

/// The wires of a shard's connections.
#[derive(Default)]
pub(crate) struct Wires(Mutex<FxHashMap<SessionId, Remote>>);

/// A wire that another thread than the engine's writes to.
pub(crate) struct Remote {
    pub(crate) socket_queue: Arc<SocketQueue>,
    pub(crate) behind: Arc<Backpressure>,
}

/// Whether a socket has refused something since the engine has last looked at its wire.
#[derive(Default)]
pub(crate) struct Backpressure(AtomicBool);

/// Keeps a wire among those of its shard for as long as its connection is served.
pub(crate) struct Registered {
    wires: Arc<Wires>,
    session: SessionId,
}

impl Default for Shards {
    /// One: everything is done on the runtime that the server is started on.
    fn default() -> Self {
        Self { others: Vec::new() }
    }
}

impl Shards {
    /// Starts the threads that are needed, besides the one that calls this, for so many shards.
    ///
    /// # Errors
    ///
    /// If the system does not let this process have them.
    pub fn start(count: NonZeroUsize) -> io::Result<Self> {
        Ok(Self { others: (1..count.get()).map(Shard::start).collect::<io::Result<_>>()? })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.others.len() + 1
    }

    /// The runtime that a connection is to be served on; that of the caller for the first shard.
    pub(crate) fn runtime(&self, shard: usize) -> Handle {
        self.other(shard).map_or_else(Handle::current, |shard| shard.runtime.clone())
    }

    /// The wires of a shard; `None` for the first, whose the engine's task writes to itself.
    pub(crate) fn wires(&self, shard: usize) -> Option<&Arc<Wires>> {
        self.other(shard).map(|shard| &shard.wires)
    }

    /// Hands a parcel over, when the shard is not too far behind: a processor that has too much to
    /// do slows down the others, so that more of it is joined.
    pub(crate) async fn hand_over(&self, shard: usize, batch: ShardBatch) {
        if let Some(shard) = self.other(shard) {
            // It runs for as long as this is there.
            let _ = shard.batches.send(batch).await;
        }
    }

    /// As [`hand_over`](Self::hand_over), by a task of the shard.
    pub(crate) fn leave(&self, shard: usize, batch: ShardBatch) {
        if let Some(shard) = self.other(shard) {
            let batches = shard.batches.clone();
            shard.runtime.spawn(async move { batches.send(batch).await });
        }
    }

    fn other(&self, shard: usize) -> Option<&Shard> {
        self.others.get(shard.checked_sub(1)?)
    }
}

impl fmt::Debug for Shards {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shards").field("count", &self.count()).finish_non_exhaustive()
    }
}

impl Shard {
    fn start(number: usize) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (batches, arriving) = mpsc::channel(PARCELS);
        let wires = Arc::new(Wires::default());
        let own = wires.clone();
        let run = move || run(&runtime, arriving, &own);
        thread::Builder::new().name(format!("chat-shard-{number}")).spawn(run)?;
        Ok(Self { runtime: handle, batches, wires })
    }
}

/// What the thread of a shard does: it delivers, and meanwhile serves its connections.
fn run(runtime: &Runtime, mut arriving: mpsc::Receiver<ShardBatch>, wires: &Wires) {
    ON_A_SHARD.set(true);
    runtime.block_on(async {
        let mut gathered = Vec::new();
        while let Some(batch) = arriving.recv().await {
            batch.deliver(&wires.lock(), &mut gathered);
        }
    });
}

/// Has the runtime of this thread see to a socket that has been accepted on another. Whatever else
/// it is stays as it is.
pub(crate) fn settle<S: 'static>(stream: S) -> io::Result<S> {
    if !ON_A_SHARD.get() {
        return Ok(stream);
    }
    let mut stream = Some(stream);
    let any: &mut dyn Any = &mut stream;
    if let Some(socket) = any.downcast_mut::<Option<TcpStream>>()
        && let Some(accepted) = socket.take()
    {
        *socket = Some(TcpStream::from_std(accepted.into_std()?)?);
    }
    #[cfg(unix)]
    if let Some(socket) = any.downcast_mut::<Option<UnixStream>>()
        && let Some(accepted) = socket.take()
    {
        *socket = Some(UnixStream::from_std(accepted.into_std()?)?);
    }
    Ok(stream.expect("what has been taken has been put back"))
}

impl Wires {
    /// Adds a wire, until what is returned is dropped.
    pub(crate) fn register(self: &Arc<Self>, session: SessionId, remote: Remote) -> Registered {
        self.lock().insert(session, remote);
        Registered { wires: self.clone(), session }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, FxHashMap<SessionId, Remote>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.wires.lock().remove(&self.session);
    }
}

impl Backpressure {
    /// Notes that a socket has refused something.
    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether it has since this was last called.
    pub(crate) fn take(&self) -> bool {
        // Written to only if it has: a line that nobody writes to is in the caches of both
        // processors.
        self.0.load(Ordering::Acquire) && self.0.swap(false, Ordering::AcqRel)
    }
}

thread_local! {
    /// This thread is a shard's own.
    static ON_A_SHARD: Cell<bool> = const { Cell::new(false) };
}

/// How many parcels may be on their way to a shard. What is in them counts against no session's
/// queue.
const PARCELS: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framing::Framing;
    use crate::halves::Writer;
    use crate::{Connection, FrameSource, Hub, Received, Server};
    use bytes::Bytes;
    use chat_core::{Config, Peer};
    use chat_dialects::{Frame, TextDialect};
    use std::collections::BTreeSet;
    use std::io;
    use std::pin::Pin;
    use std::task::{Context, Poll};
    use tokio::io::AsyncWrite;
    use tokio::task::JoinHandle;

    /// Lines.
    struct Lines;

    impl Framing for Lines {
        fn frame(&self, frame: &Frame, out: &mut Vec<u8>) {
            out.extend_from_slice(frame.bytes());
            out.push(b'\n');
        }
    }

    /// What somebody types.
    struct Keyboard(mpsc::UnboundedReceiver<&'static str>);

    impl FrameSource for Keyboard {
        async fn receive(&mut self) -> Option<Received> {
            self.0.recv().await.map(|line| Received::Frame(Bytes::from_static(line.as_bytes())))
        }
    }

    /// Passes on what is written to it, with the name of the thread that does.
    struct Screen(mpsc::UnboundedSender<(String, String)>);

    impl AsyncWrite for Screen {
        fn poll_write(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            let thread = thread::current().name().unwrap_or_default().to_owned();
            let text = String::from_utf8_lossy(bytes).into_owned();
            Poll::Ready(self.0.send((thread, text)).map(|()| bytes.len()).map_err(io::Error::other))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    struct Person {
        keyboard: mpsc::UnboundedSender<&'static str>,
        screen: mpsc::UnboundedReceiver<(String, String)>,
        task: JoinHandle<()>,
    }

    impl Person {
        fn connect(hub: &Hub) -> Self {
            let (keyboard, typed) = mpsc::unbounded_channel();
            let (shown, screen) = mpsc::unbounded_channel();
            let permit = hub.admit(None).expect("there is room");
            let runtime = hub.runtime(&permit);
            let connection = Connection {
                transport: "test",
                peer: Peer::default(),
                dialect: Arc::new(TextDialect::bracket()),
                permit,
            };
            let (source, writer) = (Keyboard(typed), Writer::new(Screen(shown)));
            let serving = hub.serve_connection(connection, source, writer, &Lines);
            Self { keyboard, screen, task: runtime.spawn(serving) }
        }

        /// Waits until something has been written; returns by whom.
        async fn wait_for(&mut self, wanted: &str) -> String {
            loop {
                let (thread, text) = self.screen.recv().await.expect("it goes on");
                if text.contains(wanted) {
                    return thread;
                }
            }
        }
    }

    fn shards(count: usize) -> Shards {
        Shards::start(count.try_into().expect("not zero")).expect("there are threads")
    }

    #[tokio::test]
    async fn connections_are_spread_and_each_shard_writes_to_its_own() {
        let server = Server::new(Config::default()).shards(shards(3)).start();
        let mut people: Vec<Person> = (0..6).map(|_| Person::connect(server.hub())).collect();
        for person in &mut people {
            person.wait_for("joined the chat").await;
        }
        people[0].keyboard.send("hello everybody").expect("it is read");
        let mut threads = Vec::new();
        for person in &mut people[1..] {
            threads.push(person.wait_for("hello everybody").await);
        }
        let other: BTreeSet<&str> =
            threads.iter().map(String::as_str).filter(|name| name.starts_with("chat-")).collect();
        assert_eq!(other, BTreeSet::from(["chat-shard-1", "chat-shard-2"]));
        let own = threads.iter().filter(|name| !name.starts_with("chat-")).count();
        assert_eq!(own, 2, "a third is written to by the engine's own thread: {threads:?}");

        server.stop();
        for person in &mut people {
            person.wait_for("Server shutting down").await;
        }
        for person in people {
            person.task.await.expect("it ends");
        }
        server.wait().await.expect("it stops");
    }

    #[tokio::test]
    async fn threads_end_with_the_server() {
        let shards = shards(2);
        let runtime = shards.runtime(1);
        drop(shards);
        // What is spawned on a runtime that has ended is cancelled.
        while runtime.spawn(async {}).await.is_ok() {}
    }

    #[test]
    fn who_falls_behind_is_noticed_once() {
        let behind = Backpressure::default();
        assert!(!behind.take());
        behind.set();
        behind.set();
        assert!(behind.take());
        assert!(!behind.take());
    }
}
