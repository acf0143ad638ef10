//! Connections that have no task while they are idle.

use super::connection::{Served, serve};
use crate::idle::{Idle, Socket};
use crate::io::FrameSource;
use std::sync::Arc;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// A connection without a task.
struct IdleConnection<S> {
    served: Arc<Served>,
    source: Box<S>,
    /// Lets the front end wait for it.
    _token: TaskTrackerToken,
}

/// Makes a connection of which the task ends an idle one. Returns it if it has to go on.
pub(super) fn rest<S: FrameSource + 'static>(
    served: Arc<Served>,
    source: Box<S>,
) -> Result<(), (Arc<Served>, Box<S>)> {
    let hub = served.close_on_drop.handle.hub.clone();
    let shard = served.permit.shard();
    let mut parts = Some((served, source));
    hub.idle(shard).keep(|socket| {
        let (served, source) = parts.as_mut()?;
        let token = served.tasks.as_ref()?.token();
        let register = |stream: &_| socket.wait_for(stream);
        if !served.socket_queue.rest(source.reader()?, socket.waker(), register) {
            return None;
        }
        let (served, source) = parts.take()?;
        Some(Box::new(IdleConnection { served, source, _token: token }))
    });
    let Some((served, source)) = parts else { return Ok(()) };
    // It is asked again when it has been idle for another while.
    if served.activity.note() {
        served.watch();
    }
    Err((served, source))
}

impl<S: FrameSource + 'static> Idle for IdleConnection<S> {
    fn resume(self: Box<Self>, socket: &Socket<'_>) {
        let Self { served, mut source, _token } = *self;
        if let Some(reader) = source.reader() {
            served.socket_queue.resume(reader, |stream| socket.forget(stream));
        }
        if let Some(tasks) = served.tasks.clone() {
            served.activity.note();
            served.watch();
            tasks.spawn(serve(served, source, None, rest));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::io::{LineFraming, Reader, Received, read_some, split};
    use crate::session::Connection;
    use crate::{FrameSource, Hub, Running, Server};
    use bytes::BytesMut;
    use chat_core::{CloseReason, Peer, SessionId};
    use chat_dialects::TextDialect;
    use std::sync::Arc;
    use std::time::Duration;
    use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
    use tokio::net::{TcpListener, TcpStream};
    use tokio_util::task::TaskTracker;

    /// Each read is a frame.
    struct Reads(Reader);

    impl FrameSource for Reads {
        async fn receive(&mut self) -> Option<Received> {
            let mut bytes = BytesMut::new();
            let count = read_some(&mut self.0, &mut bytes).await.ok()?;
            (count > 0).then(|| Received::frame(bytes.freeze()))
        }

        fn reader(&mut self) -> Option<&mut Reader> {
            Some(&mut self.0)
        }
    }

    /// A server with connections over TCP.
    struct Chat {
        server: Running,
        listener: TcpListener,
        tasks: TaskTracker,
    }

    impl Chat {
        async fn start() -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            Self { server: Server::new().start(), listener, tasks: TaskTracker::new() }
        }

        fn hub(&self) -> &Hub {
            self.server.hub()
        }

        /// Connects a client, which takes a nickname.
        async fn enter(&self, name: &str) -> BufReader<TcpStream> {
            let mut client = self.connect().await;
            client.write_all(format!("/nick {name}").as_bytes()).await.expect("it is sent");
            until(&mut client, name).await;
            client
        }

        async fn connect(&self) -> BufReader<TcpStream> {
            let address = self.listener.local_addr().expect("an address");
            let (client, accepted) =
                tokio::join!(TcpStream::connect(address), self.listener.accept());
            let (reader, writer) = split(accepted.expect("a connection").0);
            let connection = Connection {
                transport: "test",
                peer: Peer::default(),
                dialect: Arc::new(TextDialect::plain()),
                permit: self.hub().admit(None).expect("there is room"),
            };
            let source = Reads(reader);
            self.hub().spawn_connection(connection, source, writer, LineFraming, &self.tasks);
            BufReader::new(client.expect("a connection"))
        }

        /// Waits until there are so many connections without a task.
        async fn until_idle(&self, count: usize) {
            while self.hub().idle(0).count() != count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    }

    /// Reads lines until one contains a text.
    async fn until(client: &mut BufReader<TcpStream>, text: &str) -> String {
        loop {
            let mut line = String::new();
            assert_ne!(client.read_line(&mut line).await.expect("a line"), 0, "until {text}");
            if line.contains(text) {
                return line;
            }
        }
    }

    #[tokio::test]
    async fn idle_connections_send_and_receive() {
        let chat = Chat::start().await;
        let (mut alice, mut bob) = (chat.enter("alice").await, chat.enter("bob").await);
        chat.until_idle(2).await;
        for round in 0..2 {
            // Bob gets messages without a task.
            alice.write_all(format!("message {round}").as_bytes()).await.expect("it is sent");
            until(&mut bob, &format!("message {round}")).await;
            assert_eq!(chat.hub().idle(0).count(), 1, "only alice has a task");
            chat.until_idle(2).await;
        }
        assert_eq!(chat.tasks.len(), 2, "the front end waits for both");
    }

    #[tokio::test]
    async fn idle_connection_that_reads_slowly_receives_everything() {
        let chat = Chat::start().await;
        let mut alice = chat.enter("alice").await;
        chat.until_idle(1).await;
        let text = "x".repeat(4_000);
        let mut sent = 0;
        // The connection has a task once its socket is full.
        while chat.hub().idle(0).count() == 1 {
            chat.hub().say("lobby", format!("{sent} {text}")).await.expect("it is said");
            sent += 1;
        }
        for number in 0..sent {
            until(&mut alice, &format!(" {number} xx")).await;
        }
        chat.until_idle(1).await;
    }

    #[tokio::test]
    async fn idle_connection_is_closed() {
        let chat = Chat::start().await;
        let mut alice = chat.enter("alice").await;
        chat.until_idle(1).await;
        let closed = chat.hub().close(SessionId(1), CloseReason::Idle).await;
        closed.expect("it is asked");
        let mut rest = String::new();
        alice.read_to_string(&mut rest).await.expect("the connection ends");
        assert!(rest.contains("idle for too long"), "{rest}");
        drop(alice);
        chat.tasks.close();
        chat.tasks.wait().await;
        assert_eq!(chat.hub().connections(), 0);
    }

    #[tokio::test]
    async fn session_of_an_idle_connection_ends_with_it() {
        let chat = Chat::start().await;
        let alice = chat.connect().await;
        chat.until_idle(1).await;
        drop(alice);
        chat.tasks.close();
        chat.tasks.wait().await;
        assert_eq!(chat.hub().look(|view| view.session_count()).await, Ok(0));
    }

    #[test]
    fn sockets_are_closed_with_their_runtime() {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let (chat, mut alice) = runtime.block_on(async {
            let chat = Chat::start().await;
            let alice = chat.connect().await;
            chat.until_idle(1).await;
            (chat, alice.into_inner().into_std().expect("a socket"))
        });
        drop(runtime);
        alice.set_nonblocking(false).expect("a socket");
        std::io::copy(&mut alice, &mut std::io::sink()).expect("the end of the connection");
        drop(chat);
    }
}
