//! Sends requests and reads answers as bytes, over a real socket.

use chat_runtime::{Running, Server};
use chat_tests::{ANY_PORT, PATIENCE, shards, stop};
use chat_web::WebFrontEnd;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use transport_ws::WsEndpoint;

/// A server with a listener for browsers.
pub(crate) struct WebServer {
    pub(crate) running: Running,
    pub(crate) address: SocketAddr,
}

/// One answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl WebServer {
    pub(crate) fn start(
        server: Server,
        endpoint: WsEndpoint,
        set_up: impl FnOnce(WebFrontEnd) -> WebFrontEnd,
    ) -> Self {
        let front_end = WebFrontEnd::bind(ANY_PORT, endpoint).expect("a free port");
        let address = front_end.local_addr();
        let running = server.shards(shards()).front_end(set_up(front_end)).start();
        Self { running, address }
    }

    /// Sends a request with these header lines besides `Host`.
    pub(crate) async fn ask(&self, method: &str, path: &str, headers: &str) -> Answer {
        let host = self.address;
        self.send(&format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n")).await
    }

    /// Sends these bytes on a new connection.
    pub(crate) async fn send(&self, request: &str) -> Answer {
        let mut stream = self.connect().await;
        stream.write_all(request.as_bytes()).await.expect("an open socket");
        answer(&mut stream, request.starts_with("HEAD ")).await
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("the server listens")
    }

    pub(crate) async fn stop(self) {
        stop(self.running).await;
    }
}

impl Answer {
    /// Returns the values of a header, joined by commas.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let values: Vec<&str> = self
            .head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .filter(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .collect();
        (!values.is_empty()).then(|| values.join(", "))
    }
}

/// Reads one answer, and leaves what follows it.
pub(crate) async fn answer(stream: &mut TcpStream, is_to_head: bool) -> Answer {
    timeout(PATIENCE, read_answer(stream, is_to_head)).await.expect("an answer in time")
}

async fn read_answer(stream: &mut TcpStream, is_to_head: bool) -> Answer {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(error) => panic!("{error} after {:?}", String::from_utf8_lossy(&head)),
        }
    }
    let head = String::from_utf8(head).expect("a head in UTF-8");
    let status = head.get(9..12).and_then(|status| status.parse().ok()).expect("a status");
    let mut answer = Answer { status, head, body: String::new() };
    if !is_to_head && !matches!(status, 101 | 204 | 304) {
        let length = answer.header("content-length").expect("a length");
        let mut body = vec![0; length.parse().expect("a number")];
        stream.read_exact(&mut body).await.expect("a whole body");
        answer.body = String::from_utf8_lossy(&body).into_owned();
    }
    answer
}

/// The headers of a WebSocket handshake (RFC 6455 §4.1) besides `Host`.
pub(crate) const HANDSHAKE: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
