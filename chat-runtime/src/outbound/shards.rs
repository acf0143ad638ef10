//! Threads that share the connections among them.

use super::shard_batch::ShardBatch;
use super::socket_registry::SocketRegistry;
use std::any::Any;
use std::cell::Cell;
use std::fmt;
use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::mpsc;

/// The threads that serve connections. The first shard is the runtime on which the server is
/// started, which the engine task uses as well. Each other shard is a thread with a Tokio runtime
/// of its own.
///
/// A connection stays on its shard, which reads from its socket and writes to it. The engine task
/// hands the output of a round to each shard once, however many sessions receive it there. The cost
/// of a delivery is mostly the kernel's, so it is spread over as many processors as there are
/// shards. The order of messages is still decided by one engine.
///
/// A server needs shards only when one processor is not enough.
pub struct Shards {
    /// All but the first.
    others: Vec<Shard>,
}

/// A handle to the thread of a shard, which ends when the handle is dropped.
struct Shard {
    runtime: Handle,
    batches: mpsc::Sender<ShardBatch>,
    sockets: Arc<SocketRegistry>,
}

impl Default for Shards {
    /// One shard: the runtime on which the server is started serves all connections.
    fn default() -> Self {
        Self { others: Vec::new() }
    }
}

impl Shards {
    /// Starts the threads of all shards except the first.
    ///
    /// # Errors
    ///
    /// If the system refuses a thread or a runtime.
    pub fn start(count: NonZeroUsize) -> io::Result<Self> {
        Ok(Self { others: (1..count.get()).map(Shard::start).collect::<io::Result<_>>()? })
    }

    /// Returns the number of shards.
    pub fn count(&self) -> usize {
        self.others.len() + 1
    }

    /// Returns the runtime of a shard; for the first shard, the caller's.
    pub(crate) fn runtime(&self, shard: usize) -> Handle {
        self.other(shard).map_or_else(Handle::current, |shard| shard.runtime.clone())
    }

    /// Returns the sockets of a shard; `None` for the first, to whose sockets the engine task
    /// writes itself.
    pub(crate) fn sockets(&self, shard: usize) -> Option<&Arc<SocketRegistry>> {
        self.other(shard).map(|shard| &shard.sockets)
    }

    /// Hands over a batch once the shard has room for it. A busy shard thereby slows the others
    /// down, and rounds become longer, so that more writes are joined.
    pub(crate) async fn hand_over(&self, shard: usize, batch: ShardBatch) {
        if let Some(shard) = self.other(shard) {
            // The thread runs as long as this handle exists.
            let _ = shard.batches.send(batch).await;
        }
    }

    /// Does what [`hand_over`](Self::hand_over) does in a task of the shard, for callers that
    /// cannot wait.
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
        let (batches, arriving) = mpsc::channel(BATCHES);
        let sockets = Arc::new(SocketRegistry::default());
        let own = sockets.clone();
        let run = move || run(&runtime, arriving, &own);
        thread::Builder::new().name(format!("chat-shard-{number}")).spawn(run)?;
        Ok(Self { runtime: handle, batches, sockets })
    }
}

/// Runs the thread of a shard: it delivers batches, and polls the tasks of its connections.
fn run(runtime: &Runtime, mut arriving: mpsc::Receiver<ShardBatch>, sockets: &SocketRegistry) {
    ON_A_SHARD.set(true);
    runtime.block_on(async {
        let mut gathered = Vec::new();
        while let Some(batch) = arriving.recv().await {
            batch.deliver(&sockets.lock(), &mut gathered);
        }
    });
}

/// Registers a socket that was accepted on another thread with the runtime of this one. Other
/// streams are returned as they are.
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
    Ok(stream.expect("a socket that was taken was put back"))
}

thread_local! {
    /// True on the threads that shards have started.
    static ON_A_SHARD: Cell<bool> = const { Cell::new(false) };
}

/// The number of batches that may wait for a shard. Their bytes do not count against the limits of
/// sessions.
const BATCHES: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::LineFraming;
    use crate::{Connection, FrameSource, Hub, Received, Server, Writer};
    use chat_core::Peer;
    use chat_dialects::TextDialect;
    use std::collections::BTreeSet;
    use std::io;
    use std::pin::Pin;
    use std::task::{Context, Poll};
    use tokio::io::AsyncWrite;
    use tokio::task::JoinHandle;

    /// The input of a client.
    struct Lines(mpsc::UnboundedReceiver<&'static str>);

    impl FrameSource for Lines {
        async fn receive(&mut self) -> Option<Received> {
            self.0.recv().await.map(Received::frame)
        }
    }

    /// Passes on the bytes that are written to it, with the name of the writing thread.
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

    struct Client {
        keyboard: mpsc::UnboundedSender<&'static str>,
        screen: mpsc::UnboundedReceiver<(String, String)>,
        task: JoinHandle<()>,
    }

    impl Client {
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
            let (source, writer) = (Lines(typed), Writer::new(Screen(shown)));
            let serving = hub.serve_connection(connection, source, writer, LineFraming);
            Self { keyboard, screen, task: runtime.spawn(serving) }
        }

        /// Waits until a text is written; returns the name of the thread that wrote it.
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
    async fn connections_are_spread_over_shards_that_write_to_their_own() {
        let server = Server::new().shards(shards(3)).start();
        let mut clients: Vec<Client> = (0..6).map(|_| Client::connect(server.hub())).collect();
        for client in &mut clients {
            client.wait_for("joined the chat").await;
        }
        clients[0].keyboard.send("hello everybody").expect("it is read");
        let mut threads = Vec::new();
        for client in &mut clients[1..] {
            threads.push(client.wait_for("hello everybody").await);
        }
        let other: BTreeSet<&str> =
            threads.iter().map(String::as_str).filter(|name| name.starts_with("chat-")).collect();
        assert_eq!(other, BTreeSet::from(["chat-shard-1", "chat-shard-2"]));
        let own = threads.iter().filter(|name| !name.starts_with("chat-")).count();
        assert_eq!(own, 2, "the engine's own thread writes to a third of them: {threads:?}");

        server.stop();
        for client in &mut clients {
            client.wait_for("Server shutting down").await;
        }
        for client in clients {
            client.task.await.expect("it ends");
        }
        server.wait().await.expect("it stops");
    }

    #[tokio::test]
    async fn threads_end_with_the_server() {
        let shards = shards(2);
        let runtime = shards.runtime(1);
        drop(shards);
        // A runtime that has ended cancels the tasks that are spawned on it.
        while runtime.spawn(async {}).await.is_ok() {}
    }
}
