//! The example sessions of the five systems that this server replaces, both sides as printed in
//! their documents.

use super::rooms::server_at_14_03_22;
use chat_runtime::Server;
use chat_runtime::chat_dialects::TxtChatDialect;
use chat_tests::{ANY_PORT, Client, TestServer, stop};
use std::net::SocketAddr;
use tokio::net::TcpStream;
use transport_tcp::TcpFrontEnd;

#[tokio::test]
async fn txt_chat_example_session() {
    let front_end = TcpFrontEnd::bind(ANY_PORT, TxtChatDialect::new(7)).expect("a free port");
    let address = front_end.local_addr();
    let server = Server::new().front_end(front_end).start();

    let (mut alice, alice_id) = txt_chat(address, "alice").await;
    let (mut bob, bob_id) = txt_chat(address, "bob").await;
    for (client, name, id) in [(&mut alice, "alice", &alice_id), (&mut bob, "bob", &bob_id)] {
        client.expect(["------Welcome to Txt Chat------"]).await;
        client.send(format!("reg${name}")).await;
        client.expect([id]).await;
    }

    // The first user types `$join 127.0.0.1:54104`; the client translates that into this line.
    alice.send(format!("join${alice_id}${bob_id}")).await;
    alice.expect([format!("$$joined: {bob_id}")]).await;
    bob.expect([format!("$$joined: {bob_id}")]).await;

    for text in ["ni hao", "hello friend"] {
        alice.send(format!("send_msg${alice_id}${bob_id}${text}")).await;
        alice.expect([text]).await;
        bob.expect([text]).await;
    }
    bob.send(format!("send_msg${bob_id}${bob_id}$how do you do")).await;
    alice.send(format!("send_msg${alice_id}${bob_id}$so far so good")).await;
    for client in [&mut alice, &mut bob] {
        let (one, other) = (client.next().await, client.next().await);
        let mut both = [one.as_str(), other.as_str()];
        both.sort_unstable();
        assert_eq!(both, ["how do you do", "so far so good"]);
    }
    bob.send(format!("send_msg${bob_id}${bob_id}$nice!")).await;
    alice.expect(["nice!"]).await;
    bob.expect(["nice!"]).await;

    alice.send(format!("leave${alice_id}${bob_id}")).await;
    alice.expect([format!("$$leaved: {bob_id}")]).await;
    stop(server).await;
}

/// Opens a connection, and returns it with the id that the server assigns: the client's address.
async fn txt_chat(server: SocketAddr, name: &str) -> (Client, String) {
    let stream = TcpStream::connect(server).await.expect("the server listens");
    let id = stream.local_addr().expect("a connected socket").to_string();
    (Client::of_stream(name, stream), id)
}

#[tokio::test]
async fn actors_server_example_session() {
    let server = TestServer::start();
    let mut one = server.bracket("client 1").await;
    one.expect(["* user1 joined the chat"]).await;
    let mut two = server.bracket("client 2").await;
    two.expect(["* user2 joined the chat", "* user1 joined the chat"]).await;
    one.expect(["* user2 joined the chat"]).await;

    one.send("hello everyone!").await;
    two.expect(["[user1]: hello everyone!"]).await;
    two.send("hi there!").await;
    one.expect(["[user2]: hi there!"]).await;

    drop(two);
    one.expect(["* user2 left the chat"]).await;
    server.stop().await;
}

#[tokio::test]
async fn local_mesh_example_session() {
    let server = TestServer::start();
    let mut alice = server.json("alice").await;
    alice.send(r#"{"type":"hello","nickname":"alice"}"#).await;
    alice.expect([r#"{"type":"welcome","nickname":"alice"}"#]).await;
    let mut bob = server.json("bob").await;
    bob.send(r#"{"type":"hello","nickname":"bob"}"#).await;
    bob.expect([
        r#"{"type":"welcome","nickname":"bob"}"#,
        r#"{"type":"roster","participants":["alice"]}"#,
    ])
    .await;
    alice.expect([r#"{"type":"user_joined","nickname":"bob"}"#]).await;

    alice.send(r#"{"type":"chat","text":"hello world"}"#).await;
    let said = r#"{"type":"chat","nickname":"alice","text":"hello world"}"#;
    alice.expect([said]).await;
    bob.expect([said]).await;

    let mut second = server.json("a second alice").await;
    second.send(r#"{"type":"hello","nickname":"alice"}"#).await;
    let taken = r#"{"type":"error","message":"nickname 'alice' is already in use"}"#;
    second.expect([taken]).await;
    second.expect_closed().await;

    drop(bob);
    alice.expect([r#"{"type":"user_left","nickname":"bob"}"#]).await;
    server.begin_to_stop();
    alice.expect([r#"{"type":"error","message":"server shutting down"}"#]).await;
    alice.expect_closed().await;
    server.stopped().await.expect("a clean stop");
}

#[tokio::test]
async fn ring_buffer_server_example_session() {
    let (server, _) = server_at_14_03_22();

    let mut alice = server.star("alice").await;
    alice.expect_prompt("Enter your name: ").await;
    alice.send("alice").await;
    alice.expect(["14:03:22 ** alice joined **"]).await;
    let mut bob = server.star("bob").await;
    bob.expect_prompt("Enter your name: ").await;
    bob.send("bob").await;
    bob.expect(["14:03:22 ** bob joined **"]).await;
    alice.expect(["14:03:22 ** bob joined **"]).await;

    alice.send("hi").await;
    alice.expect(["14:03:22 [alice] hi"]).await;
    bob.expect(["14:03:22 [alice] hi"]).await;

    bob.send("/who").await;
    bob.expect(["Connected users:", "  alice", "  bob"]).await;
    drop(bob);
    alice.expect(["14:03:22 ** bob left **"]).await;
    server.stop().await;
}

#[tokio::test]
async fn websocket_tutorial_example_session() {
    let server = TestServer::start();
    let mut alice = server.ws_text("alice").await;
    alice
        .expect([
            "Welcome to the chat! Available commands:",
            "- /name <name> - Set your display name",
            "- /users - List all online users",
            "- /help - Show this help message",
            "- /quit - Disconnect from the server",
        ])
        .await;
    skip_help(&mut alice).await;
    alice.send("hello").await;
    alice.expect(["Please set your name first with: /name <your_name>"]).await;
    alice.send("/name").await;
    alice.expect(["Usage: /name <your_name>"]).await;
    alice.send("/name Alice").await;
    alice.expect(["You are now known as Alice"]).await;

    let mut bob = server.ws_text("bob").await;
    skip_help(&mut bob).await;
    bob.send("/name Bob").await;
    bob.expect(["You are now known as Bob"]).await;
    alice.expect(["Bob joined the chat"]).await;
    bob.send("hello").await;
    alice.expect(["Bob: hello"]).await;
    alice.send("/users").await;
    alice.expect(["Online users: Alice, Bob"]).await;
    alice.send("/dance").await;
    alice.expect(["Unknown command. Type /help for available commands."]).await;
    bob.send("/quit").await;
    bob.expect(["Goodbye!"]).await;
    bob.expect_close_code(1000).await;
    alice.expect(["Bob left the chat"]).await;
    server.stop().await;
}

/// Reads the help to its end, the line about modes.
async fn skip_help(client: &mut Client) {
    while !client.next().await.starts_with("- /modes") {}
}
