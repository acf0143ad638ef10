//! When the server stops, every client is told in its own dialect, queued frames are sent, and
//! connections are closed cleanly.

use super::slow_reader::slow_stream;
use chat_runtime::Limits;
use chat_runtime::chat_core::Config;
use chat_tests::{Client, Setup, TestServer, connections};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

#[tokio::test]
async fn shutdown_is_announced_in_every_dialect() {
    let server = TestServer::start();
    let mut nc = server.bracket("nc").await;
    nc.expect(["* user1 joined the chat"]).await;
    let mut star = server.star("star").await;
    star.expect_prompt("Enter your name: ").await;
    let mut one = server.json("one").await;
    one.join_lobby(r#"{"type":"hello","nickname":"one"}"#).await;
    nc.expect(["* one joined the chat"]).await;
    let mut two = server.json("two").await;
    two.send(r#"{"type":"hello","nickname":"two","version":2,"lobby":false}"#).await;
    two.expect_type("welcome").await;
    let mut silent = server.json("silent").await;
    let mut ws_one = server.ws_json("ws one").await;
    ws_one.join_lobby(r#"{"type":"hello","nickname":"ws1"}"#).await;
    nc.expect(["* ws1 joined the chat"]).await;
    one.expect([r#"{"type":"user_joined","nickname":"ws1"}"#]).await;
    let mut ws_two = server.ws_json("ws two").await;
    ws_two.send(r#"{"type":"hello","nickname":"ws2","version":2,"lobby":false}"#).await;
    ws_two.expect_type("welcome").await;
    let mut plain = server.ws_text("plain").await;
    plain.send("/name").await;
    while plain.next().await != "Usage: /name <your_name>" {}
    server.sessions(8).await;

    server.begin_to_stop();

    // The quits of the others are not announced.
    for client in [&mut nc, &mut star] {
        client.expect(["Server shutting down. Goodbye!"]).await;
        client.expect_closed().await;
    }
    for client in [&mut one, &mut silent] {
        client.expect([r#"{"type":"error","message":"server shutting down"}"#]).await;
        client.expect_closed().await;
    }
    two.expect([r#"{"type":"shutting_down"}"#]).await;
    two.expect_closed().await;
    ws_one.expect([r#"{"type":"error","message":"server shutting down"}"#]).await;
    ws_one.expect_close_code(1001).await;
    ws_two.expect([r#"{"type":"shutting_down"}"#]).await;
    ws_two.expect_close_code(1001).await;
    plain.expect(["Server shutting down. Goodbye!"]).await;
    plain.expect_close_code(1001).await;
    server.stopped().await.expect("the server stops cleanly");
}

#[tokio::test]
async fn server_without_clients_stops() {
    TestServer::start().stop().await;
}

#[tokio::test]
async fn connection_after_the_stop_is_refused() {
    let server = TestServer::start();
    let (tcp, ws) = (server.json_address(), server.ws_address());
    server.stop().await;
    for address in [tcp, ws] {
        let refused = TcpStream::connect(address).await.expect_err("no listener is left");
        assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    }
}

#[tokio::test]
async fn queued_frames_are_sent_before_the_close() {
    let config = Config { commands_per_second: 0, ..Config::default() };
    let server = Setup::default().config(config).start();
    let mut reader = server.member("reader").await;
    let mut speaker = server.member("speaker").await;
    reader.expect_type("user_joined").await;
    for number in 0..500 {
        let text = format!("{number} {}", "x".repeat(1_000));
        speaker.send(format!(r#"{{"type":"chat","text":"{text}"}}"#)).await;
        speaker.expect_type("ack").await;
        speaker.expect_type("chat").await;
    }
    // The reader has not read any of these messages yet.
    server.begin_to_stop();
    for number in 0..500 {
        let object = reader.expect_type("chat").await;
        let text = object["text"].as_str().expect("a text");
        assert!(text.starts_with(&format!("{number} ")), "{number}: {text}");
    }
    reader.expect([r#"{"type":"shutting_down"}"#]).await;
    reader.expect_closed().await;
    speaker.expect([r#"{"type":"shutting_down"}"#]).await;
    server.stopped().await.expect("the server stops cleanly");
}

#[tokio::test]
async fn slow_readers_do_not_delay_the_stop() {
    let config = Config { commands_per_second: 0, ..Config::default() };
    let limits = Limits {
        // Only this limit can end the drain.
        drain: Duration::from_millis(100),
        write_stall: Duration::from_secs(3_600),
        ..Limits::default()
    };
    let server = Setup::default().config(config).limits(limits).start();
    let mut slow_tcp = slow(&server, server.json_address(), None).await;
    let mut slow_ws = slow(&server, server.ws_address(), Some("chat.json")).await;
    let mut speaker = server.member("speaker").await;
    for number in 0..4_000 {
        let text = format!("{number} {}", "x".repeat(4_000));
        speaker.send(format!(r#"{{"type":"chat","text":"{text}"}}"#)).await;
        speaker.expect_type("ack").await;
        speaker.expect_type("chat").await;
    }
    server.begin_to_stop();
    speaker.expect([r#"{"type":"shutting_down"}"#]).await;
    speaker.expect_closed().await;
    server.stopped().await.expect("the server stops cleanly");
    // They were connected until then, and can still read the bytes in the kernel's buffers.
    for client in [&mut slow_tcp, &mut slow_ws] {
        client.expect_type("user_joined").await;
    }
}

#[tokio::test]
async fn unfinished_handshake_does_not_delay_the_stop() {
    let server = TestServer::start();
    let mut half = TcpStream::connect(server.ws_address()).await.expect("the server listens");
    half.write_all(b"GET /ws HTTP/1.1\r\nHost: chat").await.expect("an open socket");
    let silent = TcpStream::connect(server.ws_address()).await.expect("the server listens");
    // Earlier connections than this one have been accepted by now.
    let mut ws = server.ws_json("ws").await;
    ws.send(r#"{"type":"hello","nickname":"ws"}"#).await;
    ws.expect_type("welcome").await;
    server.stop().await;
    drop((half, silent));
}

#[tokio::test]
async fn half_closed_client_still_gets_the_answers() {
    let server = TestServer::start();
    let mut two = server.json("two").await;
    two.send(r#"{"type":"hello","nickname":"two","version":2,"ref":"1"}"#).await;
    two.send(r#"{"type":"chat","text":"hi","ref":"2"}"#).await;
    two.send(r#"{"type":"users","ref":"3"}"#).await;
    two.send(r#"{"type":"ping","ref":"4"}"#).await;
    two.finish_sending().await;
    for kind in ["welcome", "roster", "ack", "chat", "users", "pong"] {
        two.expect_type(kind).await;
    }
    two.expect_closed().await;
    connections(server.hub(), 0).await;

    let mut nc = server.bracket("nc").await;
    nc.send("/users").await;
    nc.send("/quit").await;
    nc.send("/users").await;
    nc.finish_sending().await;
    nc.expect(["* user1 joined the chat", "* online: user1", "Goodbye!"]).await;
    nc.expect_closed().await;
    server.stop().await;
}

#[tokio::test]
async fn quit_gets_a_goodbye_and_a_clean_close() {
    let server = TestServer::start();
    let mut nc = server.bracket("nc").await;
    nc.expect(["* user1 joined the chat"]).await;
    // Input after the quit is not processed, and does not cause a reset either.
    nc.send_bytes(format!("/quit\n{}\n", "hello?\n".repeat(10_000)).as_bytes()).await;
    nc.expect(["Goodbye!"]).await;
    nc.expect_closed().await;
    let mut ws = server.ws_json("ws").await;
    ws.join_lobby(r#"{"type":"hello","nickname":"ws","version":2}"#).await;
    ws.send(r#"{"type":"quit"}"#).await;
    ws.expect([r#"{"type":"goodbye"}"#]).await;
    ws.expect_close_code(1000).await;
    server.stop().await;
}

#[tokio::test]
async fn close_frame_of_a_client_is_answered() {
    let server = TestServer::start();
    let close = b"\x88\x82\x00\x00\x00\x00\x03\xe8";
    // Also with pending answers, which may arrive or not.
    for requests in 0..4 {
        let request = b"\x81\x87\x00\x00\x00\x00nothing";
        let mut ws = server.ws_json("ws").await;
        ws.send_bytes(&[&request.repeat(requests)[..], close].concat()).await;
        let code = loop {
            if let Err(code) = ws.next_or_end().await {
                break code;
            }
        };
        assert_eq!(code, Some(1000), "after {requests} requests");
    }
    server.sessions(0).await;
    server.stop().await;
}

/// Connects a client with a small receive buffer, which reads nothing after the roster.
async fn slow(server: &TestServer, address: SocketAddr, protocol: Option<&str>) -> Client {
    let stream = slow_stream(address).await;
    let before = server.hub().look(|view| view.user_count()).await.expect("the server runs");
    let mut slow = match protocol {
        Some(_) => Client::web_socket_on("slow", stream, protocol).await,
        None => Client::of_stream("slow", stream),
    };
    slow.send(format!(r#"{{"type":"hello","nickname":"slow{before}"}}"#)).await;
    slow.expect_type("welcome").await;
    if before > 0 {
        slow.expect_type("roster").await;
    }
    slow
}
