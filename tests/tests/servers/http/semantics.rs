//! Requests according to RFC 9110, RFC 9112 and RFC 6455, as exact bytes.

use super::wire::{HANDSHAKE, WebServer, answer};
use chat_runtime::{Limits, Server};
use chat_tests::PATIENCE;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use transport_ws::WsEndpoint;

#[tokio::test]
async fn request_needs_exactly_one_valid_host() {
    let server = start(Limits::default());
    for target in ["/healthz", "/ws", "/"] {
        let upgrade = if target == "/ws" { HANDSHAKE } else { "" };
        for (hosts, is_good) in [
            ("Host: chat.example\r\n", true),
            ("Host: chat.example:8080\r\n", true),
            ("host:   [::1]:8080  \r\n", true),
            ("Host:\r\n", true),
            ("", false),
            ("Host: chat.example\r\nHost: chat.example\r\n", false),
            ("Host: a.example\r\nHost: b.example\r\n", false),
            ("Host: a.example, b.example\r\n", false),
            ("Host: user@a.example\r\n", false),
            ("Host: a.example/x\r\n", false),
        ] {
            let got = server.send(&format!("GET {target} HTTP/1.1\r\n{hosts}{upgrade}\r\n")).await;
            let good = if target == "/ws" { 101 } else { 200 };
            assert_eq!(got.status, if is_good { good } else { 400 }, "{target} {hosts:?}");
        }
    }
    assert_eq!(server.send("GET /healthz HTTP/1.0\r\n\r\n").await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn handshake_headers_may_be_lists_and_repeated() {
    let server = start(Limits::default());
    let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let plain = format!("Sec-WebSocket-Version: 13\r\n{key}");
    for (connection, status) in [
        ("Connection: Upgrade\r\nUpgrade: websocket\r\n", 101),
        ("Connection: keep-alive, upgrade\r\nUpgrade: WebSocket\r\n", 101),
        ("Connection: close, Upgrade\r\nUpgrade: websocket\r\n", 101),
        ("Connection: keep-alive\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n", 101),
        ("Connection: keep-alive,Upgrade\r\nUpgrade: h2c, websocket\r\n", 101),
        ("Connection:\tUpgrade\r\nUpgrade: h2c\r\nUpgrade: websocket\r\n", 101),
        ("Connection: not-upgrade\r\nUpgrade: websocket\r\n", 400),
        ("Connection: Upgrade\r\nUpgrade: websockets\r\n", 400),
        ("Connection: Upgrade\r\n", 400),
        ("Upgrade: websocket\r\n", 400),
    ] {
        let got = server.ask("GET", "/ws", &format!("{connection}{plain}")).await;
        assert_eq!(got.status, status, "{connection}");
    }
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    for version in ["8", "14", "13, 8", "", "13\r\nSec-WebSocket-Version: 13"] {
        let headers = format!("{upgrade}{key}Sec-WebSocket-Version: {version}\r\n");
        let got = server.ask("GET", "/ws", &headers).await;
        assert_eq!(got.status, 426, "{version}");
        assert_eq!(got.header("sec-websocket-version").as_deref(), Some("13"), "{version}");
        assert_eq!(got.header("upgrade").as_deref(), Some("websocket"), "{version}");
        assert_eq!(got.header("connection").as_deref(), Some("Upgrade"), "{version}");
    }
    for key in ["", "short", "dGhlIHNhbXBsZSBub25jZQ=!", "dGhlIHNhbXBsZSBub25jZSBtb3Jl"] {
        let version = "Sec-WebSocket-Version: 13\r\n";
        let headers = format!("{upgrade}{version}Sec-WebSocket-Key: {key}\r\n");
        assert_eq!(server.ask("GET", "/ws", &headers).await.status, 400, "{key}");
    }
    let old = format!("GET /ws HTTP/1.0\r\nHost: chat\r\n{HANDSHAKE}\r\n");
    assert_eq!(server.send(&old).await.status, 400, "HTTP/1.0 has no upgrades");
    server.stop().await;
}

#[tokio::test]
async fn every_route_lists_its_methods() {
    let server = start(Limits::default());
    let paths = ["/", "/healthz", "/api/users", "/api/channels/lobby/messages", "/metrics", "/ws"];
    for path in paths {
        let options = server.ask("OPTIONS", path, "").await;
        assert_eq!((options.status, options.body.as_str()), (200, ""), "{path}");
        assert_eq!(options.header("allow").as_deref(), Some("GET,HEAD,OPTIONS"), "{path}");
        for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW"] {
            let refused = server.ask(method, path, "Content-Length: 0\r\n").await;
            assert_eq!(refused.status, 405, "{method} {path}");
            assert_eq!(refused.header("allow").as_deref(), Some("GET,HEAD,OPTIONS"), "{path}");
        }
        if path != "/ws" {
            let (get, head) =
                (server.ask("GET", path, "").await, server.ask("HEAD", path, "").await);
            assert_eq!((get.status, head.status), (200, 200), "{path}");
            if path != "/metrics" {
                assert_eq!(get.header("content-length"), head.header("content-length"), "{path}");
            }
        }
    }
    assert_eq!(server.ask("OPTIONS", "*", "").await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn conditional_request_is_answered_according_to_its_tags() {
    let server = start(Limits::default());
    let tag = server.ask("GET", "/", "").await.header("etag").expect("a tag");
    for (condition, status) in [
        (format!("If-None-Match: {tag}\r\n"), 304),
        (format!("If-None-Match: W/{tag}\r\n"), 304),
        (format!("If-None-Match: \"a,b\", {tag}\r\n"), 304),
        (format!("If-None-Match: \"a\"\r\nIf-None-Match: {tag}\r\n"), 304),
        ("If-None-Match: *\r\n".to_owned(), 304),
        ("If-None-Match: \"a\", W/\"b\"\r\n".to_owned(), 200),
        (format!("If-None-Match: {}\r\n", tag.trim_matches('"')), 200),
        (format!("If-Match: {tag}\r\n"), 200),
        (format!("If-Match: \"a\", {tag}\r\n"), 200),
        ("If-Match: *\r\n".to_owned(), 200),
        (format!("If-Match: W/{tag}\r\n"), 412),
        ("If-Match: \"a\"\r\n".to_owned(), 412),
        (format!("If-Match: {tag}\r\nIf-None-Match: {tag}\r\n"), 304),
        // It is ignored: there is no Last-Modified to compare it with.
        ("If-Modified-Since: Fri, 27 Nov 2026 00:00:00 GMT\r\n".to_owned(), 200),
    ] {
        for method in ["GET", "HEAD"] {
            let got = server.ask(method, "/", &condition).await;
            assert_eq!(got.status, status, "{method} {condition}");
            assert_eq!(got.header("etag").as_deref(), Some(tag.as_str()), "{condition}");
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn connection_waits_longer_between_requests_than_for_the_first() {
    let limits = Limits {
        handshake: Duration::from_millis(200),
        keep_alive: Duration::from_secs(600),
        ..Limits::default()
    };
    let server = start(limits);
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", server.address);
    let (mut kept, mut silent) = (server.connect().await, server.connect().await);
    kept.write_all(request.as_bytes()).await.expect("an open socket");
    assert_eq!(answer(&mut kept, false).await.status, 200);

    // A silent connection has been closed, and this one still answers.
    ended(&mut silent).await;
    kept.write_all(request.as_bytes()).await.expect("an open socket");
    assert_eq!(answer(&mut kept, false).await.status, 200);

    // The head of a later request has as little time as that of the first.
    kept.write_all(&request.as_bytes()[..20]).await.expect("an open socket");
    ended(&mut kept).await;
    server.stop().await;
}

#[tokio::test]
async fn idle_connection_is_closed_after_keep_alive() {
    let server = start(Limits { keep_alive: Duration::from_millis(200), ..Limits::default() });
    let mut idle = server.connect().await;
    // The connection may carry several requests.
    for _ in 0..3 {
        let request = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", server.address);
        idle.write_all(request.as_bytes()).await.expect("an open socket");
        assert_eq!(answer(&mut idle, false).await.status, 200);
    }
    ended(&mut idle).await;
    server.stop().await;
}

#[tokio::test]
async fn upgraded_connection_has_no_http_timeout() {
    let limits = Limits {
        handshake: Duration::from_millis(200),
        keep_alive: Duration::from_millis(200),
        ..Limits::default()
    };
    let server = start(limits);
    let mut socket = server.connect().await;
    let request = format!("GET /ws HTTP/1.1\r\nHost: {}\r\n{HANDSHAKE}\r\n", server.address);
    socket.write_all(request.as_bytes()).await.expect("an open socket");
    assert_eq!(answer(&mut socket, false).await.status, 101);
    let mut silent = server.connect().await;
    ended(&mut silent).await;
    // A ping, masked with zeros, is still answered: among the welcome, there is a pong.
    socket.write_all(b"\x89\x82\0\0\0\0hi").await.expect("an open socket");
    let mut came = Vec::new();
    let pong = async {
        while !came.windows(4).any(|frame| frame == b"\x8a\x02hi") {
            assert_ne!(socket.read_buf(&mut came).await.expect("an open socket"), 0);
        }
    };
    timeout(PATIENCE, pong).await.expect("a pong in time");
    drop(socket);
    server.stop().await;
}

#[tokio::test]
async fn connections_between_requests_end_when_the_server_stops() {
    let server = start(Limits { keep_alive: Duration::from_secs(600), ..Limits::default() });
    let mut idle = server.connect().await;
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", server.address);
    idle.write_all(request.as_bytes()).await.expect("an open socket");
    assert_eq!(answer(&mut idle, false).await.status, 200);
    // The server does not wait for another request.
    server.stop().await;
    ended(&mut idle).await;
}

async fn ended(stream: &mut tokio::net::TcpStream) {
    let end = timeout(PATIENCE, stream.read(&mut [0; 64])).await.expect("the end in time");
    assert!(matches!(end, Ok(0) | Err(_)), "{end:?}");
}

fn start(limits: Limits) -> WebServer {
    WebServer::start(Server::new().limits(limits), WsEndpoint::default(), |web| web)
}
