//! WebSocket frames that end a connection, and frames that do not.

use super::{handshake, server_with_bystander};
use chat_tests::{Client, PATIENCE};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn message_over_the_limit_is_closed_with_1009() {
    let (server, mut bystander) = server_with_bystander().await;
    for length in [8_193, 20_000, 65_536] {
        let mut ws = server.ws_json(&format!("ws with {length} bytes")).await;
        ws.send_message(Message::text("x".repeat(length))).await;
        ws.expect_close_code(1009).await;
    }
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn message_far_over_the_limit_ends_the_connection() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut stream = TcpStream::connect(server.ws_address()).await.expect("the server listens");
    stream.write_all(handshake().as_bytes()).await.expect("an open socket");
    server.sessions(2).await;
    // A text frame of 100 MB, of which the server reads no more than its limit.
    stream.write_all(b"\x81\xff\x00\x00\x00\x00\x06\x00\x00\x00\0\0\0\0").await.expect("sent");
    let flood = async { while stream.write_all(&[b'x'; 65_536]).await.is_ok() {} };
    timeout(PATIENCE, flood).await.expect("the server stops reading");
    // The server closes with 1009, but a client that goes on sending may lose that in the reset
    // that unread bytes cause.
    server.sessions(1).await;
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn message_at_the_limit_is_accepted() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut ws = server.ws_json("ws").await;
    ws.send(r#"{"type":"hello","nickname":"two","version":2,"lobby":false}"#).await;
    ws.expect_type("welcome").await;
    let ping = r#"{"type":"ping"}"#;
    ws.send(format!("{ping}{}", " ".repeat(8_192 - ping.len()))).await;
    ws.expect([r#"{"type":"pong"}"#]).await;
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn binary_frame_is_closed_with_1003() {
    let (server, mut bystander) = server_with_bystander().await;
    for protocol in [None, Some("chat.json")] {
        let mut ws = Client::web_socket("ws", server.ws_address(), protocol).await;
        ws.send_message(Message::binary(&b"{\"type\":\"ping\"}"[..])).await;
        // After a greeting, if there is one.
        let code = loop {
            if let Err(code) = ws.next_or_end().await {
                break code;
            }
        };
        assert_eq!(code, Some(1003));
    }
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn invalid_utf_8_is_closed_with_1007() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut ws = server.ws_json("ws").await;
    // A whole text frame of two bytes, masked with zeros.
    ws.send_bytes(b"\x81\x82\x00\x00\x00\x00\xc3(").await;
    ws.expect_close_code(1007).await;
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn invalid_frame_is_closed_with_1002() {
    let (server, mut bystander) = server_with_bystander().await;
    let bad: [&[u8]; 4] = [
        b"\x81\x02hi",               // not masked
        b"\x83\x80\x00\x00\x00\x00", // an opcode that is reserved
        b"\xf1\x80\x00\x00\x00\x00", // bits that are reserved
        b"\x80\x80\x00\x00\x00\x00", // a continuation of nothing
    ];
    for bytes in bad {
        let mut ws = server.ws_json("ws").await;
        ws.send_bytes(bytes).await;
        ws.expect_close_code(1002).await;
    }
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn member_with_a_protocol_error_has_left() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut ws = server.ws_json("ws").await;
    ws.join_lobby(r#"{"type":"hello","nickname":"ws","version":2}"#).await;
    ws.send_message(Message::binary(&b"x"[..])).await;
    ws.expect_close_code(1003).await;
    let channel = r#""channel":"lobby","nickname":"ws""#;
    bystander
        .expect([
            format!(r#"{{"type":"user_joined",{channel}}}"#),
            format!(r#"{{"type":"user_left",{channel}}}"#),
        ])
        .await;
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn fragmented_message_is_one_message() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut ws = server.ws_json("ws").await;
    ws.send(r#"{"type":"hello","nickname":"ws","version":2,"lobby":false}"#).await;
    ws.expect_type("welcome").await;
    // {"type":"ping"} in two frames, with a ping of the protocol's own between them.
    ws.send_bytes(b"\x01\x88\x00\x00\x00\x00{\"type\":").await;
    ws.send_bytes(b"\x89\x80\x00\x00\x00\x00").await;
    ws.send_bytes(b"\x80\x87\x00\x00\x00\x00\"ping\"}").await;
    ws.expect([r#"{"type":"pong"}"#]).await;
    bystander.expect_nothing_so_far().await;
}
