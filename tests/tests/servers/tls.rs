//! TLS below every protocol, over real sockets: TLS clients are served as usual, others never get a
//! session.

use super::http::wire::HANDSHAKE;
use chat_runtime::chat_core::Config;
use chat_runtime::chat_dialects::{JsonDialect, TextDialect, TxtChatDialect};
use chat_runtime::{Limits, Running, Server, bind};
use chat_tests::{ANY_PORT, Authority, Client, PATIENCE, connections, shards, stop};
use chat_web::WebFrontEnd;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use transport_tcp::{AutoDialects, TcpFrontEnd};
use transport_tls::rustls::pki_types::ServerName;
use transport_tls::{Certificates, TlsListener};
use transport_ws::{ALPN, WsEndpoint, WsFrontEnd};

#[tokio::test]
async fn clients_of_all_dialects_meet_over_tls() {
    let server = TlsServer::start("meet", Limits::default());
    let mut text = server.text("text").await;
    text.expect(["* user1 joined the chat"]).await;
    let mut json = server.member("json").await;
    text.expect(["* json joined the chat"]).await;
    let mut auto = Client::over("auto", server.connect(server.auto).await);
    auto.join_lobby(r#"{"type":"hello","nickname":"auto"}"#).await;
    text.expect(["* auto joined the chat"]).await;
    json.expect_type("user_joined").await;
    let mut ws = server.web_socket("ws").await;
    ws.join_lobby(r#"{"type":"hello","nickname":"ws"}"#).await;
    text.expect(["* ws joined the chat"]).await;
    auto.expect_type("user_joined").await;
    json.expect_type("user_joined").await;

    text.send("hello").await;
    for client in [&mut auto, &mut ws] {
        client.expect([r#"{"type":"chat","nickname":"user1","text":"hello"}"#]).await;
    }
    assert_eq!(json.expect_type("chat").await["text"], "hello");

    // Every client is told of the shutdown, and closed cleanly.
    server.running.stop();
    text.expect(["Server shutting down. Goodbye!"]).await;
    text.expect_closed().await;
    json.expect([r#"{"type":"shutting_down"}"#]).await;
    json.expect_closed().await;
    ws.expect_type("error").await;
    ws.expect_close_code(1001).await;
    timeout(PATIENCE, server.running.wait()).await.expect("in time").expect("a clean stop");
}

#[tokio::test]
async fn web_socket_listener_accepts_tls() {
    let authority = Authority::new("Test");
    let (chain, key) = authority.issue().write(&folder("ws_only"));
    let certificates = Certificates::load(chain, key).expect("a good one");
    let front_end = WsFrontEnd::on(listener(&certificates, ALPN), WsEndpoint::default());
    let front_end = front_end.expect("an address");
    let address = front_end.local_addr();
    let _running = Server::new().shards(shards()).front_end(front_end).start();
    let stream = authority.connect(address).await.expect("a handshake");
    let url = format!("wss://localhost:{}/ws", address.port());
    let mut ws = Client::web_socket_over("ws", stream, &url, Some("chat.json")).await;
    ws.send(r#"{"type":"hello","nickname":"ws"}"#).await;
    ws.expect_type("welcome").await;
}

#[tokio::test]
async fn page_and_api_are_served_over_https() {
    let server = TlsServer::start("https", Limits::default());
    let _member = server.member("ann").await;
    let page = server.get("/").await;
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n"), "{page}");
    assert!(page.contains("content-security-policy: default-src 'none';"), "{page}");
    let users = server.get("/api/users").await;
    assert!(users.ends_with(r#"{"count":1,"users":["ann"]}"#), "{users}");

    // A browser offers HTTP/2 as well, and older programs only HTTP/1.0.
    for (offered, chosen) in [
        (&["h2", "http/1.1"][..], "http/1.1"),
        (&["http/1.1", "http/1.0"], "http/1.1"),
        (&["http/1.0"], "http/1.0"),
    ] {
        let host = ServerName::try_from("localhost").expect("a name");
        let stream = TcpStream::connect(server.web).await.expect("the server listens");
        let client = TlsConnector::from(server.authority.client(offered));
        let stream = client.connect(host, stream).await.expect("a handshake");
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(chosen.as_bytes()));
    }
}

#[tokio::test]
async fn same_origin_pages_may_open_a_web_socket_and_others_may_not() {
    let server = TlsServer::start("origin", Limits::default());
    let port = server.web.port();
    for (origin, status) in [
        (format!("https://localhost:{port}"), "101 Switching Protocols"),
        ("https://evil.example".to_owned(), "403 Forbidden"),
        (format!("https://localhost:{}", port ^ 1), "403 Forbidden"),
        ("https://localhost".to_owned(), "403 Forbidden"),
    ] {
        let mut stream = server.connect(server.web).await;
        let head = format!(
            "GET /ws HTTP/1.1\r\nHost: localhost:{port}\r\n{HANDSHAKE}Origin: {origin}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.expect("an open connection");
        let expected = format!("HTTP/1.1 {status}\r\n");
        let mut answer = vec![0; expected.len()];
        let read = timeout(PATIENCE, stream.read_exact(&mut answer)).await;
        read.expect("an answer in time").expect("an answer");
        assert_eq!(String::from_utf8_lossy(&answer), expected, "{origin}");
    }
}

#[tokio::test]
async fn reloaded_certificate_is_used_for_new_connections() {
    let server = TlsServer::start("reload", Limits::default());
    let mut old = server.text("old").await;
    old.expect(["* user1 joined the chat"]).await;

    let other = Authority::new("Other");
    other.issue().write(&folder("reload"));
    server.certificates.reload().expect("a good one");

    let error = server.authority.connect(server.text).await.expect_err("not its certificate");
    assert!(error.to_string().contains("certificate"), "{error}");
    let mut new = Client::over("new", other.connect(server.text).await.expect("a handshake"));
    new.expect(["* user2 joined the chat", "* user1 joined the chat"]).await;
    old.expect(["* user2 joined the chat"]).await;
    old.send("still here").await;
    new.expect(["[user1]: still here"]).await;
}

#[tokio::test]
async fn connection_without_tls_is_closed_and_not_announced() {
    let server = TlsServer::start("plain", Limits::default());
    let mut witness = server.member("witness").await;
    // Plain protocols; a record with an invalid handshake; a record that is far too long; no bytes
    // at all.
    let garbage: [&[u8]; 5] = [
        b"/name mallory\nhello?\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\x16\x03\x01\x00\x08\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x16\x03\x01\xff\xff\x01\x00\x00\x00",
        b"",
    ];
    for address in [server.text, server.json, server.auto, server.web] {
        for bytes in garbage {
            let mut stream = TcpStream::connect(address).await.expect("the server listens");
            stream.write_all(bytes).await.expect("an open socket");
            if bytes.is_empty() {
                stream.shutdown().await.expect("an open socket");
            }
            let mut answer = Vec::new();
            let ended = timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
            // At most an alert, and then the end: clean, or a reset because of unread bytes.
            let _ = ended.expect("the end in time");
            assert!(answer.is_empty() || answer.starts_with(b"\x15\x03"), "{answer:?}");
        }
    }
    // The witness has the only session so far.
    witness.expect_nothing_so_far().await;
    let again = server.member("again").await;
    assert!(again.seen()[0].contains(r#""session":2,"#), "{:?}", again.seen());
}

#[tokio::test]
async fn unfinished_handshake_is_closed_after_the_timeout() {
    let limits = Limits { handshake: Duration::from_millis(200), ..Limits::default() };
    let server = TlsServer::start("silent", limits);
    for address in [server.text, server.web] {
        for bytes in [&b""[..], b"\x16\x03\x01\x02\x00\x01"] {
            let mut stream = TcpStream::connect(address).await.expect("the server listens");
            stream.write_all(bytes).await.expect("an open socket");
            let mut answer = Vec::new();
            let read = timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
            assert_eq!(read.expect("the end in time").expect("a proper end"), 0, "{answer:?}");
        }
    }
    connections(server.running.hub(), 0).await;
}

#[tokio::test]
async fn unfinished_handshake_does_not_delay_the_stop() {
    let server = TlsServer::start("stop", Limits::default());
    let mut half = TcpStream::connect(server.text).await.expect("the server listens");
    half.write_all(b"\x16\x03\x01\x02\x00\x01").await.expect("an open socket");
    // Earlier connections than this one have been accepted by now.
    let mut text = server.text("text").await;
    text.expect(["* user1 joined the chat"]).await;
    stop(server.running).await;
    drop(half);
}

#[tokio::test]
async fn refused_connection_is_closed_without_a_handshake() {
    let server = TlsServer::start("full", Limits { connections: 1, ..Limits::default() });
    let mut first = server.text("first").await;
    first.expect(["* user1 joined the chat"]).await;
    let mut second = TcpStream::connect(server.text).await.expect("the server listens");
    let mut answer = Vec::new();
    let read = timeout(PATIENCE, second.read_to_end(&mut answer)).await.expect("the end in time");
    assert_eq!(read.expect("a proper end"), 0, "{answer:?}");
    assert!(server.authority.connect(server.text).await.is_err());
}

#[tokio::test]
async fn late_reader_gets_everything() {
    let config = Config { commands_per_second: 0, ..Config::default() };
    let server = TlsServer::start("late", Limits::from(config));
    let mut reader = server.member("reader").await;
    let mut speaker = server.member("speaker").await;
    reader.expect_type("user_joined").await;
    // More than the sockets' buffers hold, and less than the queue of a session.
    for number in 0..700 {
        let text = format!("{number} {}", "x".repeat(1_300));
        speaker.send(format!(r#"{{"type":"chat","text":"{text}"}}"#)).await;
        speaker.expect_type("ack").await;
        speaker.expect_type("chat").await;
    }
    for number in 0..700 {
        let object = reader.expect_type("chat").await;
        let text = object["text"].as_str().expect("a text");
        assert!(text.starts_with(&format!("{number} ")), "{number}: {text}");
    }
    reader.expect_nothing_so_far().await;
}

#[tokio::test]
async fn half_closed_client_still_gets_the_answers() {
    let server = TlsServer::start("half", Limits::default());
    let mut text = server.text("text").await;
    text.send("/users").await;
    text.send("/quit").await;
    text.finish_sending().await;
    text.expect(["* user1 joined the chat", "* online: user1", "Goodbye!"]).await;
    text.expect_closed().await;
}

/// A server that accepts only TLS, with a certificate for `localhost`.
struct TlsServer {
    running: Running,
    authority: Authority,
    certificates: Certificates,
    text: SocketAddr,
    json: SocketAddr,
    auto: SocketAddr,
    web: SocketAddr,
}

impl TlsServer {
    /// Starts the server; `test` names the folder for its certificate.
    fn start(test: &str, limits: Limits) -> Self {
        let authority = Authority::new("Test");
        let (chain, key) = authority.issue().write(&folder(test));
        let certificates = Certificates::load(chain, key).expect("a good one");
        let lines = || listener(&certificates, &[]);
        let text = TcpFrontEnd::on(lines(), TextDialect::bracket()).expect("an address");
        let json = TcpFrontEnd::on(lines(), JsonDialect::default()).expect("an address");
        let (people, others) = (TextDialect::bracket(), TxtChatDialect::new(1));
        let dialects = AutoDialects::new(people, JsonDialect::default(), others);
        let auto = TcpFrontEnd::on_auto(lines(), dialects).expect("an address");
        let web = WebFrontEnd::on(listener(&certificates, ALPN), WsEndpoint::default());
        let web = web.expect("an address");
        let (text_at, json_at) = (text.local_addr(), json.local_addr());
        let (auto_at, web_at) = (auto.local_addr(), web.local_addr());
        let server = Server::new().limits(limits).shards(shards()).front_end(text).front_end(json);
        Self {
            running: server.front_end(auto).front_end(web).start(),
            authority,
            certificates,
            text: text_at,
            json: json_at,
            auto: auto_at,
            web: web_at,
        }
    }

    async fn connect(&self, address: SocketAddr) -> tokio_rustls::client::TlsStream<TcpStream> {
        self.authority.connect(address).await.expect("a handshake")
    }

    async fn text(&self, name: &str) -> Client {
        Client::over(name, self.connect(self.text).await)
    }

    /// Connects a JSON client of version 2 that has this nickname and is in the lobby.
    async fn member(&self, name: &str) -> Client {
        let mut client = Client::over(name, self.connect(self.json).await);
        client.join_lobby(format!(r#"{{"type":"hello","nickname":"{name}","version":2}}"#)).await;
        client
    }

    async fn web_socket(&self, name: &str) -> Client {
        let url = format!("wss://localhost:{}/ws", self.web.port());
        let stream = self.connect(self.web).await;
        Client::web_socket_over(name, stream, &url, Some("chat.json")).await
    }

    /// Sends a request and reads the answer to its end, which must be a clean one.
    async fn get(&self, path: &str) -> String {
        let mut stream = self.connect(self.web).await;
        let port = self.web.port();
        let head =
            format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.expect("an open connection");
        let mut answer = String::new();
        let read = timeout(PATIENCE, stream.read_to_string(&mut answer)).await;
        read.expect("the end in time").expect("a proper end");
        answer
    }
}

fn listener(certificates: &Certificates, protocols: &[&str]) -> TlsListener<TcpListener> {
    TlsListener::new(bind(ANY_PORT).expect("a free port"), certificates.server_config(protocols))
}

/// Returns a separate folder for each test.
fn folder(test: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("tls").join(test)
}
