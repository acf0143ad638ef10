//! The web front end over a real socket: the page, the API and the WebSocket on one port.

use chat_runtime::{Running, Server};
use chat_tests::{ANY_PORT, Client, shards, stop};
use chat_web::WebFrontEnd;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use transport_ws::WsEndpoint;

fn server(endpoint: WsEndpoint) -> (Running, SocketAddr) {
    let front_end = WebFrontEnd::bind(ANY_PORT, endpoint).expect("a free port");
    let address = front_end.local_addr();
    (Server::new().shards(shards()).front_end(front_end).start(), address)
}

/// Sends a request and reads the answer to its end.
async fn request(address: SocketAddr, path: &str, headers: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    let head = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).await.expect("an open socket");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an open socket");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn page_api_and_web_socket_are_on_one_port() {
    let (server, address) = server(WsEndpoint::default());
    let mut wes = Client::web_socket("wes", address, Some("chat.json")).await;
    wes.join_lobby(r#"{"type":"hello","nickname":"wes","version":2}"#).await;

    let page = request(address, "/", "Connection: close\r\n").await;
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n"), "{page}");
    assert!(page.contains("content-security-policy: default-src 'none';"), "{page}");
    let users = request(address, "/api/users", "Connection: close\r\n").await;
    assert!(users.ends_with(r#"{"count":1,"users":["wes"]}"#), "{users}");

    server.stop();
    wes.expect_type("shutting_down").await;
    wes.expect_close_code(1001).await;
    server.wait().await.expect("a clean stop");
}

#[tokio::test]
async fn foreign_page_may_not_open_a_web_socket() {
    let (server, address) = server(
        WsEndpoint::default().allow_origin("https://example.org".parse().expect("an origin")),
    );
    let upgrade = |origin: &str| {
        format!(
            "Connection: close, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: {origin}\r\n"
        )
    };
    let foreign = request(address, "/ws", &upgrade("https://evil.example")).await;
    assert!(foreign.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{foreign}");
    assert!(foreign.contains("application/problem+json"), "{foreign}");

    let mut allowed = TcpStream::connect(address).await.expect("the server listens");
    let head =
        format!("GET /ws HTTP/1.1\r\nHost: {address}\r\n{}\r\n", upgrade("https://example.org"));
    allowed.write_all(head.as_bytes()).await.expect("an open socket");
    let mut answer = [0; 32];
    allowed.read_exact(&mut answer).await.expect("an open socket");
    assert!(answer.starts_with(b"HTTP/1.1 101 Switching Protocols"));
    drop(allowed);
    stop(server).await;
}
