//! Unexpected failures: a task that is aborted, and code of an application that panics. Connected
//! clients are told or disconnected, and nothing waits for ever.

use chat_runtime::chat_core::{Event, Peer, RequestId, SessionId, Timestamp};
use chat_runtime::chat_dialects::{
    Conversation, Dialect, Fault, Form, Frame, Frames, Notice, Reaction, TextDialect,
};
use chat_runtime::{Connection, FrameSource, Framing, Received, Server, ServerError, Writer};
use chat_tests::{ANY_PORT, Client, PATIENCE, TestServer, shards};
use std::sync::Arc;
use tokio::time::timeout;
use transport_tcp::TcpFrontEnd;

#[tokio::test]
async fn server_goes_on_when_its_handle_is_dropped() {
    let front_end = TcpFrontEnd::bind(ANY_PORT, TextDialect::bracket()).expect("a free port");
    let address = front_end.local_addr();
    let hub = Server::new().shards(shards()).front_end(front_end).start().hub().clone();
    let mut nc = Client::tcp("nc", address).await;
    nc.expect(["* user1 joined the chat"]).await;
    assert_eq!(hub.look(|view| view.user_count()).await, Ok(1));
}

#[tokio::test]
async fn panic_in_a_look_affects_no_other_task() {
    let server = TestServer::start();
    let mut nc = server.bracket("nc").await;
    nc.expect(["* user1 joined the chat"]).await;
    let hub = server.hub().clone();
    let looking = tokio::spawn(async move { hub.look(|_| -> () { panic!("a bug") }).await });
    assert!(looking.await.expect_err("it panics").is_panic());
    nc.send("/users").await;
    nc.expect(["* online: user1"]).await;
    server.stop().await;
}

#[tokio::test]
async fn dialect_panic_ends_the_server_and_every_connection() {
    let broken = TcpFrontEnd::bind(ANY_PORT, Broken).expect("a free port");
    let text = TcpFrontEnd::bind(ANY_PORT, TextDialect::bracket()).expect("a free port");
    let addresses = (broken.local_addr(), text.local_addr());
    let server = Server::new().shards(shards()).front_end(broken).front_end(text).start();
    let mut nc = Client::tcp("nc", addresses.1).await;
    nc.expect(["* user1 joined the chat"]).await;
    let mut bot = server.hub().open_in_process(Peer::default()).await.expect("the server runs");
    let mut broken = Client::tcp("broken", addresses.0).await;
    broken.send("anything").await;

    broken.expect_closed().await;
    nc.expect_closed().await;
    assert_eq!(timeout(PATIENCE, bot.next()).await, Ok(None));
    let ended = timeout(PATIENCE, server.wait()).await.expect("the end in time");
    assert!(matches!(ended, Err(ServerError::Task(_))), "{ended:?}");
}

#[tokio::test]
async fn connection_whose_task_is_aborted_has_left() {
    let server = TestServer::start();
    let mut nc = server.bracket("nc").await;
    nc.expect(["* user1 joined the chat"]).await;
    let hub = server.hub().clone();
    let serving = tokio::spawn(async move {
        let permit = hub.admit(None).expect("there is room");
        let dialect = Arc::new(TextDialect::bracket());
        let connection = Connection { transport: "none", peer: Peer::default(), dialect, permit };
        hub.serve_connection(connection, Silent, Writer::new(tokio::io::sink()), Deaf).await;
    });
    nc.expect(["* user2 joined the chat"]).await;
    serving.abort();
    nc.expect(["* user2 left the chat"]).await;
    assert!(serving.await.expect_err("it was aborted").is_cancelled());
    assert_eq!(server.hub().connections(), 1);
    server.stop().await;
}

/// An input that never yields a frame.
struct Silent;

impl FrameSource for Silent {
    async fn receive(&mut self) -> Option<Received> {
        std::future::pending().await
    }
}

/// A framing that discards all output.
struct Deaf;

impl Framing for Deaf {
    fn frame(_: &Frame, _: &mut Vec<u8>) {}
}

/// A dialect with a bug.
struct Broken;

impl Dialect for Broken {
    fn name(&self) -> &str {
        "broken"
    }

    fn open(&self, _: SessionId, _: &Peer) -> Box<dyn Conversation> {
        Box::new(Self)
    }

    fn encode(&self, _: Form, _: Timestamp, _: &Event, _: &mut Frames) {}
}

impl Conversation for Broken {
    fn begin(&mut self, _: &mut Reaction) {}

    fn decode(&mut self, _: &[u8], _: &mut Reaction) {
        panic!("a bug");
    }

    fn fault(&mut self, _: &Fault, _: &mut Reaction) {}

    fn reply(&mut self, _: Option<&RequestId>, _: &Event, _: &mut Reaction) {}

    fn notice(&mut self, _: &Notice<'_>, _: &mut Frames) {}
}
