//! The program behind proxies. The proxies' bytes are those that HAProxy 2.6 and nginx 1.22 send.

use super::process::{Program, expect_refusal, log_has};
use crate::folder::{folder, path};
use chat_tests::{Authority, Client};
use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};

/// Writes a configuration that trusts proxies on this machine and allows one connection for each
/// client.
fn config(test: &str, more: &str) -> PathBuf {
    let file = folder(test).join("chat.toml");
    let source = format!(
        "{more}\n[proxy]\ntrusted = [\"127.0.0.1\"]\n[limits]\nconnections_per_address = 1\n"
    );
    fs::write(&file, source).expect("a file");
    file
}

/// Opens a connection, and sends these bytes first.
async fn connect(address: SocketAddr, header: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    stream.write_all(header).await.expect("it is read");
    stream
}

fn version_1(client: &str) -> Vec<u8> {
    format!("PROXY TCP4 {client} 192.0.2.7 54104 7000\r\n").into_bytes()
}

fn version_2([a, b, c, d]: [u8; 4]) -> Vec<u8> {
    let start = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c";
    [&start[..], &[a, b, c, d], &[192, 0, 2, 7, 0xd3, 0x58, 0x1b, 0x58]].concat()
}

/// HAProxy's health check with `send-proxy-v2`.
const LOCAL: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x20\x00\x00\x00";

/// Waits until the server closes the connection; returns what it sent before.
async fn rest(mut stream: TcpStream) -> String {
    let mut rest = Vec::new();
    // A connection that is refused may be reset.
    let _ = stream.read_to_end(&mut rest).await;
    String::from_utf8_lossy(&rest).into_owned()
}

async fn http(address: SocketAddr, request: &str) -> String {
    request_on(&mut connect(address, b"").await, request).await
}

/// Sends a request over a connection, and returns the first bytes of the response.
async fn request_on(stream: &mut TcpStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.expect("a connection");
    let mut response = [0; 4_096];
    let length = stream.read(&mut response).await.expect("a response");
    String::from_utf8_lossy(&response[..length]).into_owned()
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
}

#[tokio::test]
async fn limits_apply_to_clients_named_by_proxy_headers() {
    let file = config("proxy_header", "");
    let urls = ["tcp://127.0.0.1:0?proxy=true", "ws://127.0.0.1:0"];
    let (mut program, _log) = Program::serve_logged(&urls, &["--config", path(&file)]).await;
    let [lines, web] = program.addresses("tcp ws");

    let mut first = Client::of_stream("first", connect(lines, &version_1("203.0.113.5")).await);
    first.expect(["* user1 joined the chat"]).await;
    let again = rest(connect(lines, &version_2([203, 0, 113, 5])).await).await;
    assert!(again.contains("1 connections from your address"), "{again}");
    let mut second =
        Client::of_stream("second", connect(lines, &version_2([203, 0, 113, 6])).await);
    second.expect(["* user2 joined the chat", "* user1 joined the chat"]).await;
    first.expect(["* user2 joined the chat"]).await;
    // With an unknown client, the proxy counts as the client, and is exempt.
    for name in ["user3", "user4"] {
        let stream = connect(lines, b"PROXY UNKNOWN\r\nhello\n").await;
        first.expect([format!("* {name} joined the chat"), format!("[{name}]: hello")]).await;
        drop(stream);
        first.expect([format!("* {name} left the chat")]).await;
    }
    assert_eq!(refused_connections(web).await["too_many_connections"], "1");
    program.signal("TERM").await;
    program.end().await;
}

#[tokio::test]
async fn health_checks_of_a_proxy_are_not_announced() {
    let file = config("health_checks", "");
    let urls = ["tcp+text://127.0.0.1:0?proxy=true", "ws://127.0.0.1:0?proxy=true"];
    let (mut program, _log) = Program::serve_logged(&urls, &["--config", path(&file)]).await;
    let [lines, web] = program.addresses("tcp+text ws");
    let mut watcher = Client::of_stream("watcher", connect(lines, &version_1("203.0.113.5")).await);
    watcher.expect(["* user1 joined the chat"]).await;

    for number in 0..4 {
        let mut stream = TcpStream::connect(lines).await.expect("the server listens");
        let own = stream.local_addr().expect("an address");
        let header = match number {
            // Version 1 has no LOCAL command: the header names the proxy's own connection.
            0 => format!(
                "PROXY TCP4 {} {} {} {}\r\n",
                own.ip(),
                lines.ip(),
                own.port(),
                lines.port()
            )
            .into_bytes(),
            1 => LOCAL.to_vec(),
            // A check that only tests whether the port is open.
            2 => Vec::new(),
            _ => [LOCAL, b"hello\n"].concat(),
        };
        stream.write_all(&header).await.expect("it is read");
        if number == 2 {
            stream.set_zero_linger().expect("an open socket");
            drop(stream);
        } else {
            assert_eq!(rest(stream).await, "", "check {number}");
        }
    }
    // An HTTP health check requests a page, and gets it.
    let healthy = http(web, &[&String::from_utf8_lossy(LOCAL), &*get("/healthz")].concat()).await;
    assert!(healthy.starts_with("HTTP/1.1 200 OK"), "{healthy}");

    // A client on the proxy's own machine is not a health check: its port differs.
    let mut local = Client::of_stream("local", connect(lines, &version_1("127.0.0.1")).await);
    watcher.expect(["* user2 joined the chat"]).await;
    local.send("hello").await;
    watcher.expect(["[user2]: hello"]).await;
    program.signal("TERM").await;
    program.end().await;
}

#[tokio::test]
async fn connection_without_the_expected_header_is_refused_and_counted() {
    let file = config("no_header", "");
    let urls = ["tcp+text://127.0.0.1:0?proxy=true", "ws://127.0.0.1:0"];
    let (mut program, mut log) = Program::serve_logged(&urls, &["--config", path(&file)]).await;
    let [lines, web] = program.addresses("tcp+text ws");
    let mut watcher = Client::of_stream("watcher", connect(lines, &version_1("203.0.113.5")).await);
    watcher.expect(["* user1 joined the chat"]).await;
    for no_header in
        [&b"hello, everybody\n"[..], b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00"]
    {
        assert_eq!(rest(connect(lines, no_header).await).await, "");
    }
    assert_eq!(rest(connect(lines, b"PROXY TCP4 nonsense\r\n").await).await, "");
    log_has(&mut log, "is refused: it does not begin with a PROXY header").await;

    let counts = refused_connections(web).await;
    assert_eq!(counts["proxy_header_missing"], "3");
    assert_eq!(counts["proxy_header_invalid"], "1");
    watcher.send("/users").await;
    watcher.expect(["* online: user1"]).await;
    program.signal("TERM").await;
    program.end().await;
}

#[tokio::test]
async fn every_refusal_reason_is_in_the_metrics_from_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("lines.sock");
    // A client of the Unix socket is not a trusted proxy.
    let urls = [
        "tcp+text://127.0.0.1:0?proxy=true",
        &*format!("unix+text://{}?proxy=true", path(&socket)),
        "ws://127.0.0.1:0",
    ];
    let (missing, invalid) = ("proxy_header_missing", "proxy_header_invalid");
    let refusals = [missing, invalid, "proxy_not_trusted"];
    reasons_begin_at_zero("reasons", "", &urls, &refusals, async |lines| {
        assert_eq!(rest(connect(lines, b"hello, everybody\n").await).await, "");
        assert_eq!(rest(connect(lines, b"PROXY TCP4 nonsense\r\n").await).await, "");
        let mut stream = UnixStream::connect(&socket).await.expect("the server listens");
        let _ = stream.read(&mut [0]).await;
    })
    .await;
    // The timeout is so short that the header is too late.
    let handshake = "handshake = \"100ms\"";
    let (urls, refusals) = ([urls[0], urls[2]], ["proxy_header_too_slow"]);
    reasons_begin_at_zero("slow_reasons", handshake, &urls, &refusals, async |lines| {
        assert_eq!(rest(connect(lines, b"PROXY ").await).await, "");
    })
    .await;
}

/// Runs a program with a listener for lines and one for metrics, where `refused` causes one refusal
/// for each of these reasons. A reason that appears only with its first refusal hides it from
/// queries for its increase.
async fn reasons_begin_at_zero(
    test: &str,
    limit: &str,
    urls: &[&str],
    refusals: &[&str],
    refused: impl AsyncFnOnce(SocketAddr),
) {
    let file = config(test, "");
    let source = fs::read_to_string(&file).expect("it has been written");
    fs::write(&file, format!("{source}{limit}\n")).expect("a file");
    let (mut program, _log) = Program::serve_logged(urls, &["--config", path(&file)]).await;
    let address = |url: &String| {
        let (_, address) = url.split_once("://").expect("a URL");
        let (address, _) = address.split_once('?').unwrap_or((address, ""));
        address.parse::<SocketAddr>().expect("an address")
    };
    let lines = address(program.urls().first().expect("a listener"));
    let web = address(program.urls().last().expect("a listener"));
    let before = refused_connections(web).await;
    assert!(before.values().all(|count| count == "0"), "{before:?}");
    refused(lines).await;
    let mut expected = before;
    for reason in refusals {
        let count = expected.get_mut(*reason);
        "1".clone_into(count.unwrap_or_else(|| panic!("{reason} is not there from the start")));
    }
    assert_eq!(refused_connections(web).await, expected);
    program.signal("TERM").await;
    program.end().await;
}

/// Returns the number of refused connections by reason.
async fn refused_connections(web: SocketAddr) -> BTreeMap<String, String> {
    let metrics = rest(connect(web, get("/metrics").as_bytes()).await).await;
    let counts = metrics.lines().filter_map(|line| {
        let line = line.strip_prefix("chat_connections_refused_total{reason=\"")?;
        line.split_once("\"} ").map(|(reason, count)| (reason.to_owned(), count.to_owned()))
    });
    counts.collect()
}

#[tokio::test]
async fn only_trusted_proxies_may_connect_where_a_header_is_expected() {
    let file = folder("no_proxy").join("chat.toml");
    fs::write(&file, "[proxy]\ntrusted = [\"192.0.2.7\"]\n").expect("a file");
    let urls = ["tcp+text://127.0.0.1:0?proxy=true"];
    let (mut program, mut log) = Program::serve_logged(&urls, &["--config", path(&file)]).await;
    let [lines] = program.addresses("tcp+text");
    assert_eq!(rest(connect(lines, &version_1("203.0.113.5")).await).await, "");
    log_has(&mut log, "only trusted proxies may connect here").await;
    program.signal("TERM").await;
    program.end().await;
    expect_refusal(&["--listen", urls[0]], "?proxy=true needs proxies").await;
}

#[tokio::test]
async fn proxy_header_comes_before_tls() {
    let authority = Authority::new("Test");
    let (cert, key) = authority.issue().write(&folder("proxy_tls"));
    let tls = format!("[tls]\ncert = {:?}\nkey = {:?}\n", path(&cert), path(&key));
    let file = config("proxy_tls", &tls);
    let urls = ["tcps+text://127.0.0.1:0?proxy=true"];
    let (mut program, _log) = Program::serve_logged(&urls, &["--config", path(&file)]).await;
    let [lines] = program.addresses("tcps+text");
    let stream = connect(lines, &version_2([203, 0, 113, 5])).await;
    let stream = authority.connect_on(stream).await.expect("a handshake");
    let mut first = Client::over("first", stream);
    first.expect(["* user1 joined the chat"]).await;
    let again = connect(lines, &version_2([203, 0, 113, 5])).await;
    authority.connect_on(again).await.expect_err("one connection for each address");
    program.signal("TERM").await;
    program.end().await;
}

/// Returns the request for a WebSocket that nginx sends with the configuration in `packaging/`.
fn upgrade(client: &str, origin: &str) -> String {
    format!(
        "GET /ws HTTP/1.1\r\nUpgrade: websocket\r\nConnection: upgrade\r\nHost: 127.0.0.1:8080\r\n\
         X-Forwarded-Host: chat.example.org\r\nX-Forwarded-For: {client}\r\nOrigin: {origin}\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
}

#[tokio::test]
async fn limits_and_origins_use_the_forwarded_request() {
    let file = config("forwarded", "");
    let urls = ["ws://127.0.0.1:0"];
    let (mut program, _log) = Program::serve_logged(&urls, &["--config", path(&file)]).await;
    let [web] = program.addresses("ws");
    let own = "https://chat.example.org";
    let first = upgrade("203.0.113.5", own);
    let mut one = connect(web, first.as_bytes()).await;
    let mut head = [0; 12];
    one.read_exact(&mut head).await.expect("a response");
    assert_eq!(&head, b"HTTP/1.1 101");
    // The last address in the header is the one that the proxy has added.
    for (client, origin, status) in [
        ("203.0.113.5", own, "429"),
        ("198.51.100.1, 203.0.113.5", own, "429"),
        ("203.0.113.6", "https://evil.example", "403"),
        ("203.0.113.6", own, "101"),
        ("127.0.0.1", own, "101"),
    ] {
        let response = http(web, &upgrade(client, origin)).await;
        assert!(response.starts_with(&format!("HTTP/1.1 {status}")), "{client}: {response}");
    }
    // A proxy sends the requests of several clients over one connection. Each client is counted
    // separately, and a client whose request was refused is not counted.
    let mut shared = connect(web, b"").await;
    for (client, origin, status) in [
        ("203.0.113.8", "https://evil.example", "403"),
        ("203.0.113.5", own, "429"),
        ("203.0.113.9", "https://evil.example", "403"),
        ("203.0.113.8", own, "101"),
    ] {
        let response = request_on(&mut shared, &upgrade(client, origin)).await;
        assert!(response.starts_with(&format!("HTTP/1.1 {status}")), "{client}: {response}");
    }
    assert!(http(web, &upgrade("203.0.113.8", own)).await.starts_with("HTTP/1.1 429"));
    drop((one, shared));
    program.signal("TERM").await;
    program.end().await;
}

#[tokio::test]
async fn client_that_is_no_proxy_cannot_choose_its_address_or_host() {
    let urls = ["ws://127.0.0.1:0"];
    let mut program = Program::serve(&urls).await;
    let [web] = program.addresses("ws");
    let response = http(web, &upgrade("203.0.113.5", "https://chat.example.org")).await;
    assert!(response.starts_with("HTTP/1.1 403"), "{response}");
    program.signal("TERM").await;
    program.end().await;
}
