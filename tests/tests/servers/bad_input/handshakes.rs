//! Valid and invalid WebSocket handshakes.

use super::{handshake, server_with_bystander};
use crate::http::wire::HANDSHAKE;
use chat_tests::{PATIENCE, TestServer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

#[tokio::test]
async fn invalid_handshake_is_answered_as_http() {
    let (server, mut bystander) = server_with_bystander().await;
    let requests = [
        (handshake_with(""), 101),
        (handshake_with("Sec-WebSocket-Protocol: chat.json\r\n"), 101),
        (handshake_with("Sec-WebSocket-Protocol: x, chat.text\r\n"), 101),
        (handshake_with("Sec-WebSocket-Protocol: irc\r\n"), 400),
        (handshake_with("Sec-WebSocket-Protocol: chat.JSON\r\n"), 400),
        (handshake_with("").replace("Version: 13", "Version: 8"), 426),
        (handshake_with("Origin: https://elsewhere.example\r\n"), 403),
        (handshake_with("Origin: null\r\n"), 403),
        (handshake_with("Origin: http://chat.example\r\n"), 101),
        (handshake_with("Origin: https://page.example\r\n"), 101),
        ("GET /ws HTTP/1.1\r\nHost: chat.example\r\n\r\n".to_owned(), 400),
        ("POST /ws HTTP/1.1\r\nHost: chat.example\r\nContent-Length: 0\r\n\r\n".to_owned(), 405),
        ("GET /elsewhere HTTP/1.1\r\nHost: chat.example\r\n\r\n".to_owned(), 404),
        ("this is not HTTP\r\n\r\n".to_owned(), 400),
        ("\u{0}\u{1}\u{2}\u{3}\r\n\r\n".to_owned(), 400),
    ];
    for (request, status) in requests {
        let answer = http_answer(&server, request.as_bytes()).await;
        let expected = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(&expected), "{request} is answered with {answer}");
    }
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn first_known_protocol_is_chosen() {
    let (server, _bystander) = server_with_bystander().await;
    for (offered, chosen) in [
        ("chat.text", "chat.text"),
        ("chat.json", "chat.json"),
        ("irc, chat.text, chat.json", "chat.text"),
        ("chat.json,chat.text", "chat.json"),
    ] {
        let request = handshake_with(&format!("Sec-WebSocket-Protocol: {offered}\r\n"));
        let answer = http_answer(&server, request.as_bytes()).await.to_lowercase();
        let header = answer.lines().find_map(|line| line.strip_prefix("sec-websocket-protocol: "));
        assert_eq!(header, Some(chosen), "{offered}");
    }
}

#[tokio::test]
async fn unfinished_handshake_affects_no_other_client() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut half = TcpStream::connect(server.ws_address()).await.expect("the server listens");
    half.write_all(b"GET /ws HTTP/1.1\r\nHost: chat").await.expect("an open socket");
    let mut ws = server.ws_json("ws").await;
    ws.send(r#"{"type":"hello","nickname":"ws","lobby":false,"version":2}"#).await;
    ws.expect_type("welcome").await;
    drop(half);
    ws.expect_nothing_so_far().await;
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn frames_sent_with_the_handshake_are_not_lost() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut stream = TcpStream::connect(server.ws_address()).await.expect("the server listens");
    let mut early = handshake().into_bytes();
    let hello = br#"{"type":"hello","nickname":"early"}"#;
    early.extend([0x81, 0x80 | u8::try_from(hello.len()).expect("a short hello"), 0, 0, 0, 0]);
    early.extend(hello);
    stream.write_all(&early).await.expect("an open socket");
    assert_eq!(bystander.expect_type("user_joined").await["nickname"], "early");
}

/// Returns a handshake with further headers, each with its line end.
fn handshake_with(headers: &str) -> String {
    format!("GET /ws HTTP/1.1\r\nHost: chat.example\r\n{HANDSHAKE}{headers}\r\n")
}

/// Returns the beginning of the response to an HTTP request.
async fn http_answer(server: &TestServer, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.ws_address()).await.expect("the server listens");
    stream.write_all(request).await.expect("an open socket");
    let mut answer = Vec::new();
    let whole = async {
        while !answer.windows(4).any(|end| end == b"\r\n\r\n") {
            let count = stream.read_buf(&mut answer).await.expect("an answer");
            assert!(count > 0, "closed after {:?}", String::from_utf8_lossy(&answer));
        }
    };
    timeout(PATIENCE, whole).await.expect("an answer in time");
    String::from_utf8_lossy(&answer).into_owned()
}
