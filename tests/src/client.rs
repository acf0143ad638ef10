//! A client that records every frame it receives, and shows them when a test fails.

use crate::PATIENCE;
use futures::{SinkExt, StreamExt};
use http::{HeaderName, HeaderValue, header};
use serde_json::Value;
use std::fmt;
use std::net::SocketAddr;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};

/// One connection to a server, over TCP or WebSocket: a frame is a line or a text message.
///
/// An expected frame that does not arrive within [`PATIENCE`] fails the test, and the frames before
/// it are shown.
pub struct Client {
    name: String,
    wire: Wire,
    seen: Vec<String>,
}

enum Wire {
    Tcp { stream: Box<dyn Stream>, unread: Vec<u8> },
    WebSocket(Box<WebSocketStream<Box<dyn Stream>>>),
}

/// A bidirectional byte stream.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// Input from the server.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Incoming {
    Frame(String),
    Ping,
    Pong,
    /// A clean close; over WebSocket with its code.
    Closed(Option<u16>),
}

impl Client {
    /// Connects over TCP. The name is shown when a test fails.
    pub async fn tcp(name: &str, address: SocketAddr) -> Self {
        Self::of_stream(name, TcpStream::connect(address).await.expect("the server listens"))
    }

    /// Uses an open TCP connection.
    pub fn of_stream(name: &str, stream: TcpStream) -> Self {
        stream.set_nodelay(true).expect("an open socket");
        Self::over(name, stream)
    }

    /// Reads and writes lines over any byte stream, such as TLS.
    pub fn over(name: &str, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Self {
        Self::new(name, Wire::Tcp { stream: Box::new(stream), unread: Vec::new() })
    }

    /// Connects to `/ws`, and offers a protocol or none.
    pub async fn web_socket(name: &str, address: SocketAddr, protocol: Option<&str>) -> Self {
        let stream = TcpStream::connect(address).await.expect("the server listens");
        Self::web_socket_on(name, stream, protocol).await
    }

    /// Connects to `/ws` for JSON, with a header that authenticates it.
    pub async fn web_socket_with(
        name: &str,
        address: SocketAddr,
        header: (HeaderName, &str),
    ) -> Self {
        Self::authenticated(name, address, "chat.json", header).await
    }

    /// Does the same as [`web_socket_with`](Self::web_socket_with), for text.
    pub async fn text_socket_with(
        name: &str,
        address: SocketAddr,
        header: (HeaderName, &str),
    ) -> Self {
        Self::authenticated(name, address, "chat.text", header).await
    }

    /// Does the same as [`web_socket`](Self::web_socket), on an open TCP connection.
    pub async fn web_socket_on(name: &str, stream: TcpStream, protocol: Option<&str>) -> Self {
        stream.set_nodelay(true).expect("an open socket");
        let address = stream.peer_addr().expect("a connected socket");
        Self::web_socket_over(name, stream, &format!("ws://{address}/ws"), protocol).await
    }

    /// Opens a WebSocket with this URL over any byte stream, such as TLS, and offers a protocol or
    /// none.
    pub async fn web_socket_over(
        name: &str,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        url: &str,
        protocol: Option<&str>,
    ) -> Self {
        Self::upgrade(name, stream, url, protocol, None).await
    }

    async fn authenticated(
        name: &str,
        address: SocketAddr,
        protocol: &str,
        (header, value): (HeaderName, &str),
    ) -> Self {
        let stream = TcpStream::connect(address).await.expect("the server listens");
        let value = HeaderValue::from_str(value).expect("a header's value");
        let url = format!("ws://{address}/ws");
        Self::upgrade(name, stream, &url, Some(protocol), Some((header, value))).await
    }

    async fn upgrade(
        name: &str,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        url: &str,
        protocol: Option<&str>,
        extra: Option<(HeaderName, HeaderValue)>,
    ) -> Self {
        let stream: Box<dyn Stream> = Box::new(stream);
        let mut request = url.into_client_request().expect("a URL");
        if let Some(protocol) = protocol {
            let value = HeaderValue::from_str(protocol).expect("a protocol's name");
            request.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, value);
        }
        request.headers_mut().extend(extra);
        let (socket, response) = timeout(PATIENCE, client_async(request, stream))
            .await
            .expect("an answer to the handshake in time")
            .unwrap_or_else(|error| panic!("{name}: the handshake failed: {error}"));
        let chosen = response.headers().get(header::SEC_WEBSOCKET_PROTOCOL);
        assert_eq!(chosen.map(HeaderValue::as_bytes), protocol.map(str::as_bytes));
        Self::new(name, Wire::WebSocket(Box::new(socket)))
    }

    fn new(name: &str, wire: Wire) -> Self {
        Self { name: name.to_owned(), wire, seen: Vec::new() }
    }

    /// Sends a frame: a line, or a text message.
    pub async fn send(&mut self, frame: impl AsRef<str>) {
        let frame = frame.as_ref();
        match &mut self.wire {
            Wire::Tcp { .. } => self.send_bytes(format!("{frame}\n").as_bytes()).await,
            Wire::WebSocket(_) => self.send_message(Message::text(frame)).await,
        }
    }

    /// Sends raw bytes, over TCP or below a WebSocket.
    pub async fn send_bytes(&mut self, bytes: &[u8]) {
        let stream = match &mut self.wire {
            Wire::Tcp { stream, .. } => stream,
            Wire::WebSocket(socket) => socket.get_mut(),
        };
        let sent = async {
            stream.write_all(bytes).await?;
            stream.flush().await
        };
        let sent = timeout(PATIENCE, sent).await;
        self.check_sent(sent.map(|sent| sent.map_err(|error| error.to_string())));
    }

    /// Sends a message of any kind, over WebSocket.
    pub async fn send_message(&mut self, message: Message) {
        let Wire::WebSocket(socket) = &mut self.wire else {
            panic!("{} has no WebSocket", self.name)
        };
        let sent = timeout(PATIENCE, socket.send(message)).await;
        self.check_sent(sent.map(|sent| sent.map_err(|error| error.to_string())));
    }

    /// Shuts down the sending half, and goes on reading.
    pub async fn finish_sending(&mut self) {
        let Wire::Tcp { stream, .. } = &mut self.wire else {
            panic!("{} has no sending half to shut down", self.name)
        };
        stream.shutdown().await.expect("an open socket");
    }

    /// Sends a hello in JSON, and expects the welcome and the roster of the lobby.
    pub async fn join_lobby(&mut self, hello: impl AsRef<str>) {
        self.send(hello).await;
        self.expect_type("welcome").await;
        self.expect_type("roster").await;
    }

    /// Returns the next frame; fails the test if there is none. A binary message of a WebSocket
    /// begins with `(binary) `.
    pub async fn next(&mut self) -> String {
        match self.next_or_end().await {
            Ok(frame) => frame,
            Err(_) => self.fail("expected a frame, and the connection was closed"),
        }
    }

    /// Returns the next frame, or the close code (if there is one) at the end of the connection.
    pub async fn next_or_end(&mut self) -> Result<String, Option<u16>> {
        loop {
            match self.receive().await {
                Incoming::Frame(frame) => return Ok(frame),
                Incoming::Ping | Incoming::Pong => {}
                Incoming::Closed(code) => return Err(code),
            }
        }
    }

    /// Returns the next frame as JSON.
    pub async fn next_json(&mut self) -> Value {
        let frame = self.next().await;
        match serde_json::from_str(&frame) {
            Ok(value) => value,
            Err(error) => self.fail(format_args!("expected JSON ({error})")),
        }
    }

    /// Expects exactly these frames next.
    pub async fn expect<I>(&mut self, frames: I)
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        for expected in frames {
            let expected = expected.as_ref();
            match self.next_or_end().await {
                Ok(frame) if frame == expected => {}
                Ok(_) => self.fail(format_args!("expected: {expected}")),
                Err(code) => self.fail(format_args!("closed ({code:?}), and expected: {expected}")),
            }
        }
    }

    /// Expects a JSON object of this type next.
    pub async fn expect_type(&mut self, expected: &str) -> Value {
        let object = self.next_json().await;
        if object["type"] != expected {
            self.fail(format_args!("expected an object of type {expected}"));
        }
        object
    }

    /// Expects an `error` of version 2 with this code next.
    pub async fn expect_error(&mut self, code: &str) -> Value {
        let object = self.expect_type("error").await;
        if object["code"] != code {
            self.fail(format_args!("expected an error with the code {code}"));
        }
        object
    }

    /// Expects a prompt: bytes without a line end.
    pub async fn expect_prompt(&mut self, prompt: &str) {
        if let Wire::WebSocket(_) = &self.wire {
            return self.expect([prompt]).await;
        }
        while self.unread().len() < prompt.len() {
            if !self.fill().await {
                self.fail(format_args!("closed, and expected the prompt: {prompt}"));
            }
        }
        let Wire::Tcp { unread, .. } = &mut self.wire else { return };
        let rest = unread.split_off(prompt.len());
        let came = String::from_utf8_lossy(&std::mem::replace(unread, rest)).into_owned();
        let as_expected = came == prompt;
        self.seen.push(came);
        if !as_expected {
            self.fail(format_args!("expected the prompt: {prompt}"));
        }
    }

    /// Expects a ping of the server, over WebSocket. It is answered when this client reads next.
    pub async fn expect_ping(&mut self) {
        if self.receive().await != Incoming::Ping {
            self.fail("expected a ping");
        }
    }

    /// Expects a clean end of the connection without another frame.
    pub async fn expect_closed(&mut self) {
        if self.next_or_end().await.is_ok() {
            self.fail("expected the end of the connection");
        }
    }

    /// Expects the end of the WebSocket, with this code and without another frame.
    pub async fn expect_close_code(&mut self, expected: u16) {
        match self.next_or_end().await {
            Err(Some(code)) if code == expected => {}
            Err(code) => self.fail(format_args!("closed with {code:?}; expected {expected}")),
            Ok(_) => self.fail(format_args!("expected the end with the code {expected}")),
        }
    }

    /// Checks that a JSON client of version 2 has read every frame that it was sent: the next frame
    /// is the pong of a ping that it sends now. Deliveries that the server made before this call
    /// arrive before that pong.
    pub async fn expect_nothing_so_far(&mut self) {
        self.send(r#"{"type":"ping","ref":"barrier"}"#).await;
        self.expect([r#"{"type":"pong","ref":"barrier"}"#]).await;
    }

    /// Returns everything received so far, in order.
    pub fn seen(&self) -> &[String] {
        &self.seen
    }

    async fn receive(&mut self) -> Incoming {
        let incoming = match &mut self.wire {
            Wire::Tcp { .. } => self.receive_line().await,
            Wire::WebSocket(_) => self.receive_message().await,
        };
        self.seen.push(match &incoming {
            Incoming::Frame(frame) => frame.clone(),
            Incoming::Ping => "(ping)".to_owned(),
            Incoming::Pong => "(pong)".to_owned(),
            Incoming::Closed(None) => "(closed)".to_owned(),
            Incoming::Closed(Some(code)) => format!("(closed with {code})"),
        });
        incoming
    }

    async fn receive_line(&mut self) -> Incoming {
        loop {
            if let Some(end) = self.unread().iter().position(|&byte| byte == b'\n') {
                let Wire::Tcp { unread, .. } = &mut self.wire else { continue };
                let mut line: Vec<u8> = unread.drain(..=end).collect();
                line.pop();
                return match String::from_utf8(line) {
                    Ok(line) => Incoming::Frame(line),
                    Err(error) => self.fail(format_args!("a line that is not UTF-8: {error}")),
                };
            }
            if !self.fill().await {
                if !self.unread().is_empty() {
                    let rest = String::from_utf8_lossy(self.unread()).into_owned();
                    self.fail(format_args!("closed within a line: {rest:?}"));
                }
                return Incoming::Closed(None);
            }
        }
    }

    fn unread(&self) -> &[u8] {
        match &self.wire {
            Wire::Tcp { unread, .. } => unread,
            Wire::WebSocket(_) => &[],
        }
    }

    /// Reads more bytes; `false` at the end.
    async fn fill(&mut self) -> bool {
        let Wire::Tcp { stream, unread } = &mut self.wire else { return false };
        match timeout(PATIENCE, stream.read_buf(unread)).await {
            Ok(Ok(count)) => count > 0,
            Ok(Err(error)) => self.fail(format_args!("the connection failed: {error}")),
            Err(_) => self.fail("nothing was received in time"),
        }
    }

    async fn receive_message(&mut self) -> Incoming {
        let Wire::WebSocket(socket) = &mut self.wire else { return Incoming::Closed(None) };
        let came = timeout(PATIENCE, socket.next()).await;
        match came {
            Ok(Some(Ok(Message::Text(text)))) => Incoming::Frame(text.to_string()),
            Ok(Some(Ok(Message::Binary(bytes)))) => {
                Incoming::Frame(format!("(binary) {}", String::from_utf8_lossy(&bytes)))
            }
            Ok(Some(Ok(Message::Ping(_)))) => Incoming::Ping,
            Ok(Some(Ok(Message::Pong(_)))) => Incoming::Pong,
            Ok(Some(Ok(Message::Close(frame)))) => {
                // Reading on answers the close frame; then the server ends the TCP connection.
                if timeout(PATIENCE, socket.next()).await.is_err() {
                    self.fail("the connection below the WebSocket was not closed in time");
                }
                Incoming::Closed(frame.map(|frame| frame.code.into()))
            }
            Ok(Some(Ok(message))) => self.fail(format_args!("did not expect {message:?}")),
            Ok(Some(Err(error))) => self.fail(format_args!("the connection failed: {error}")),
            Ok(None) => self.fail("the connection ended without a close frame"),
            Err(_) => self.fail("nothing was received in time"),
        }
    }

    fn check_sent(&self, sent: Result<Result<(), String>, tokio::time::error::Elapsed>) {
        match sent {
            Ok(Ok(())) => {}
            Ok(Err(error)) => self.fail(format_args!("could not send: {error}")),
            Err(_) => self.fail("could not send in time"),
        }
    }

    fn fail(&self, problem: impl fmt::Display) -> ! {
        // Only the last frames are shown.
        let skipped = self.seen.len().saturating_sub(MOST_SHOWN);
        let seen: String =
            self.seen[skipped..].iter().map(|frame| format!("    {frame}\n")).collect();
        panic!("{}: {problem}\n  received so far ({skipped} before these):\n{seen}", self.name)
    }
}

/// Maximum number of frames that a failed test shows.
const MOST_SHOWN: usize = 100;
