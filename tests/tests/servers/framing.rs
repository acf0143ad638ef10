//! The exact bytes on the wire: line ends, prompts, blanks at both ends of a line, the frames of
//! WebSocket. Snapshots ignore line ends and outer blanks, and a client that reads lines or
//! messages does not see how they are framed.

use super::auto::server_on_one_port;
use super::http::wire::HANDSHAKE;
use chat_runtime::chat_dialects::TextDialect;
use chat_tests::{PATIENCE, Setup, TestServer, stop};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use transport_ws::WsEndpoint;

#[tokio::test]
async fn bracket_lines_end_with_a_line_feed_and_keep_inner_blanks() {
    let server = TestServer::start();
    let mut alice = Bytes::connect(server.bracket_address()).await;
    alice.send(b"/name alice\r\n").await;
    alice.expect(b"* user1 joined the chat\n* user1 is now known as alice\n").await;
    let mut bob = Bytes::connect(server.bracket_address()).await;
    bob.send(b"\n").await;
    bob.expect(b"* user2 joined the chat\n* alice joined the chat\n").await;
    alice.expect(b"* user2 joined the chat\n").await;

    // Empty and blank lines are ignored. Blanks at the beginning of a message are its indentation,
    // and those at the end are not part of it.
    bob.send(b"\n\r\n \t \n  two  blanks  \r\n").await;
    alice.expect(b"[user2]:   two  blanks\n").await;
    bob.send(b"/me \xc2\xa0waves \n//slash \n").await;
    alice.expect(b"* user2 waves\n[user2]: /slash\n").await;
    bob.send(b"/quit  so  long \n").await;
    bob.expect_last(b"Goodbye!\n").await;
    alice.expect(b"* user2 left the chat\n").await;
    server.begin_to_stop();
    alice.expect_last(b"Server shutting down. Goodbye!\n").await;
    drop(alice);
    server.stopped().await.expect("a clean stop");
}

#[tokio::test]
async fn prompt_has_no_line_end_and_a_list_is_indented() {
    let server = Setup::default().clock(&TestServer::clock()).start();
    let mut alice = Bytes::connect(server.star_address()).await;
    alice.expect(b"Enter your name: ").await;
    alice.send(b"no blanks\n").await;
    alice.expect(b"Nickname cannot contain white space.\nEnter your name: ").await;
    alice.send(b" alice \r\n").await;
    alice.expect(b"00:00:00 ** alice joined **\n").await;
    alice.send(b"/users\n").await;
    alice.expect(b"Connected users:\n  alice\n").await;
    alice.send(b"  hi  there  \n").await;
    alice.expect(b"00:00:00 [alice]   hi  there\n").await;
    alice.send(b"/quit\n").await;
    alice.expect_last(b"Goodbye!\n").await;
    drop(alice);
    server.stop().await;
}

#[tokio::test]
async fn json_object_is_one_line_over_tcp_whatever_its_texts_contain() {
    let clock = TestServer::clock();
    let server = Setup::default().clock(&clock).start();
    let mut old = Bytes::connect(server.json_address()).await;
    old.send(b"  {\"type\":\"hello\",\"nickname\":\" old \"} \r\n").await;
    old.expect(b"{\"type\":\"welcome\",\"nickname\":\"old\"}\n").await;
    old.send(b"{\"type\":\"chat\",\"text\":\"  line\\r\\nfeed\\u2028 \\\\n  \"}\n").await;
    old.expect(b"{\"type\":\"chat\",\"nickname\":\"old\",\"text\":\"line feed \\\\n\"}\n").await;

    let mut new = Bytes::connect(server.json_address()).await;
    new.send(b"{\"type\":\"hello\",\"nickname\":\"new\",\"version\":2,\"ref\":\" 1 \"}\n").await;
    assert!(new.line().await.starts_with(b"{\"type\":\"welcome\",\"ref\":\" 1 \","));
    assert!(new.line().await.ends_with(b"]}\n"), "the roster");
    old.expect(b"{\"type\":\"user_joined\",\"nickname\":\"new\"}\n").await;
    new.send(b"{\"type\":\"ping\",\"ref\":\"\"}\n\n \n{\"type\":\"ping\"}\n").await;
    new.expect(b"{\"type\":\"pong\",\"ref\":\"\"}\n{\"type\":\"pong\"}\n").await;
    new.send(b"{\"type\":\"quit\"}\n").await;
    new.expect_last(b"{\"type\":\"goodbye\"}\n").await;
    old.expect(b"{\"type\":\"user_left\",\"nickname\":\"new\"}\n").await;
    server.begin_to_stop();
    old.expect_last(b"{\"type\":\"error\",\"message\":\"server shutting down\"}\n").await;
    drop(old);
    server.stopped().await.expect("a clean stop");
}

#[tokio::test]
async fn txt_chat_lines_end_with_a_line_feed() {
    let (server, address) = server_on_one_port();
    let mut alice = Bytes::connect(address).await;
    alice.send(b"reg$alice\r\n").await;
    let id = alice.address();
    alice.expect(format!("------Welcome to Txt Chat------\n{id}\n").as_bytes()).await;
    alice.send(format!("send_msg${id}${id}$ a $ b  \n").as_bytes()).await;
    alice.expect(b" a $ b\n").await;
    alice.send(b"nonsense\n").await;
    let error = alice.line().await;
    assert!(error.starts_with(b"$$error: ") && error.ends_with(b"\n"), "{error:?}");
    drop(alice);
    stop(server).await;
}

#[tokio::test]
async fn text_frames_have_no_line_end_and_the_shortest_header() {
    let server = TestServer::start();
    let mut alice = Bytes::web_socket(server.ws_address(), "chat.json").await;
    alice.say(" {\"type\":\"hello\",\"nickname\":\"alice\"}\n").await;
    alice.expect_frame(b"{\"type\":\"welcome\",\"nickname\":\"alice\"}").await;

    // Payloads of 125, 126 and 127 bytes: from 126 on, the header has two more bytes.
    let around = br#"{"type":"chat","nickname":"alice","text":""}"#.len();
    for length in [125, 126, 127, 1_000] {
        let text = "x".repeat(length - around);
        alice.say(&format!(r#"{{"type":"chat","text":"{text}"}}"#)).await;
        let chat = format!(r#"{{"type":"chat","nickname":"alice","text":"{text}"}}"#);
        alice.expect_frame(chat.as_bytes()).await;
    }
    server.begin_to_stop();
    alice.expect_frame(br#"{"type":"error","message":"server shutting down"}"#).await;
    alice.expect(b"\x88").await;
    let length = alice.read(1).await[0];
    assert!(alice.read(usize::from(length)).await.starts_with(b"\x03\xe9"), "1001");
    alice.send(b"\x88\x82\0\0\0\0\x03\xe9").await;
    alice.expect_last(b"").await;
    drop(alice);
    server.stopped().await.expect("a clean stop");
}

#[tokio::test]
async fn prompt_is_a_separate_message_over_web_socket() {
    let endpoint = WsEndpoint::default().text(TextDialect::star());
    let server = Setup::default().clock(&TestServer::clock()).endpoint(endpoint).start();
    let mut alice = Bytes::web_socket(server.ws_address(), "chat.text").await;
    alice.expect_frame(b"Enter your name: ").await;
    alice.say(" alice ").await;
    alice.expect_frame(b"00:00:00 ** alice joined **").await;
    // One message is one text, even with line ends in it. It comes back as one message a line.
    alice.say("  two\r\nlines\n").await;
    alice.expect_frame(b"00:00:00 [alice]   two").await;
    alice.expect_frame(b"00:00:00 [alice] lines").await;
    alice.say("\n").await;
    alice.say("/users").await;
    alice.expect_frame(b"Connected users:").await;
    alice.expect_frame(b"  alice").await;
    alice.say("/quit").await;
    alice.expect_frame(b"Goodbye!").await;
    alice.expect(b"\x88\x02\x03\xe8").await;
    alice.send(b"\x88\x82\0\0\0\0\x03\xe8").await;
    alice.expect_last(b"").await;
    drop(alice);
    server.stop().await;
}

#[tokio::test]
async fn pong_repeats_the_payload_of_a_ping() {
    let server = TestServer::start();
    let mut alice = Bytes::web_socket(server.ws_address(), "chat.json").await;
    // The mask is zero, so the payload is unchanged.
    alice.send(b"\x89\x83\0\0\0\0 a\n").await;
    alice.expect(b"\x8a\x03 a\n").await;
    alice.send(b"\x89\x80\0\0\0\0").await;
    alice.expect(b"\x8a\x00").await;
    drop(alice);
    server.stop().await;
}

/// A connection that compares every byte.
struct Bytes(TcpStream);

impl Bytes {
    async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("the server listens");
        stream.set_nodelay(true).expect("an open socket");
        Self(stream)
    }

    /// Opens a connection, and upgrades it to WebSocket.
    async fn web_socket(address: SocketAddr, protocol: &str) -> Self {
        let mut upgraded = Self::connect(address).await;
        let request = format!(
            "GET /ws HTTP/1.1\r\nHost: {address}\r\n{HANDSHAKE}\
             Sec-WebSocket-Protocol: {protocol}\r\n\r\n"
        );
        upgraded.send(request.as_bytes()).await;
        upgraded.expect(b"HTTP/1.1 101 Switching Protocols\r\n").await;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.extend(upgraded.read(1).await);
        }
        upgraded
    }

    /// Returns the client's address, as the server sees it.
    fn address(&self) -> SocketAddr {
        self.0.local_addr().expect("an open socket")
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.expect("the server reads");
    }

    /// Sends a text message, masked with zeros.
    async fn say(&mut self, text: &str) {
        let length = u16::try_from(text.len()).expect("a short text").to_be_bytes();
        let mut frame = vec![0x81, 0x80 | 126, length[0], length[1], 0, 0, 0, 0];
        frame.extend(text.as_bytes());
        self.send(&frame).await;
    }

    /// Expects these bytes next.
    async fn expect(&mut self, expected: &[u8]) {
        let mut came = Vec::new();
        // Byte by byte, so that a failure shows the bytes received so far.
        while came.len() < expected.len() {
            let mut next = [0];
            let read = timeout(PATIENCE, self.0.read(&mut next)).await;
            let is_more = matches!(read, Ok(Ok(1)));
            came.extend(&next[..usize::from(is_more)]);
            if !is_more || !expected.starts_with(&came) {
                // The rest of the input, for the message.
                let _ = self.0.try_read_buf(&mut came);
                panic!("expected: {}\n    came: {}", expected.escape_ascii(), came.escape_ascii());
            }
        }
    }

    /// Expects these bytes, and then the end of the connection.
    async fn expect_last(&mut self, expected: &[u8]) {
        self.expect(expected).await;
        let mut rest = Vec::new();
        let read = timeout(PATIENCE, self.0.read_to_end(&mut rest)).await;
        read.expect("an end in time").expect("an orderly end");
        assert!(rest.is_empty(), "more bytes before the end: {}", rest.escape_ascii());
    }

    /// Expects a text message in one frame with the shortest possible header (RFC 6455 §5.2).
    async fn expect_frame(&mut self, text: &[u8]) {
        let mut frame = vec![0x81];
        match u16::try_from(text.len()).expect("a short text") {
            short @ 0..=125 => frame.push(short as u8),
            long => {
                frame.push(126);
                frame.extend(long.to_be_bytes());
            }
        }
        frame.extend(text);
        self.expect(&frame).await;
    }

    async fn read(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        let read = timeout(PATIENCE, self.0.read_exact(&mut bytes)).await;
        read.expect("bytes in time").expect("as many bytes");
        bytes
    }

    /// Returns the next line with its end.
    async fn line(&mut self) -> Vec<u8> {
        let mut line = Vec::new();
        while line.last() != Some(&b'\n') {
            line.extend(self.read(1).await);
        }
        line
    }
}
