//! Tests of the router without a network, alone and nested.

use axum::Router;
use axum::body::{Body, to_bytes};
use chat_runtime::chat_core::{Answer, Command, Config, ModeChange, Peer, Text};
use chat_runtime::chat_dialects::HostRequest;
use chat_runtime::chat_store::MemoryStore;
use chat_runtime::{
    Clock, HistorySource, InProcessSession, Running, Server, SystemClock, Unavailable, async_trait,
};
use chat_web::{ChatWeb, Login};
use http::response::Parts;
use http::{HeaderValue, Request, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Read;
use tower::ServiceExt;

/// Starts a server with the users alice and bob, the lobby, two public channels, and three channels
/// that are not public.
async fn server() -> (Running, Vec<InProcessSession>) {
    let server = Server::new().start();
    let mut sessions = Vec::new();
    for name in ["bob", "alice"] {
        let session = server.hub().open_in_process(Peer::default()).await.expect("the server runs");
        send(&session, Command::identify(name)).await;
        sessions.push(session);
    }
    let [bob, alice] = &sessions[..] else { panic!("two sessions") };
    for channel in ["rust", "##rust", "secret", "invited", "locked"] {
        send(alice, Command::join(channel)).await;
    }
    for (channel, change) in [
        ("secret", ModeChange::Secret(true)),
        ("invited", ModeChange::InviteOnly(true)),
        ("locked", ModeChange::Key(Some("sesame".into()))),
    ] {
        send(alice, Command::SetModes { channel: channel.into(), changes: vec![change] }).await;
    }
    send(alice, Command::SetTopic { channel: "rust".into(), topic: Some("crabs".into()) }).await;
    for text in ["one", "two", "three"] {
        send(bob, Command::say("lobby", text)).await;
    }
    send(alice, Command::say("##rust", "two signs")).await;
    (server, sessions)
}

async fn send(session: &InProcessSession, command: Command) {
    session.command(command).await.expect("the server runs");
}

async fn get(router: &Router, path: &str) -> (StatusCode, http::HeaderMap, String) {
    let request = Request::get(path).body(Body::empty()).expect("a request");
    let response = router.clone().oneshot(request).await.expect("a router does not fail");
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a body");
    (parts.status, parts.headers, String::from_utf8_lossy(&body).into_owned())
}

async fn get_json(router: &Router, path: &str) -> Value {
    let (status, _, body) = get(router, path).await;
    assert_eq!(status, StatusCode::OK, "{path}: {body}");
    serde_json::from_str(&body).expect("JSON")
}

#[tokio::test]
async fn api_shows_public_channels_only() {
    let (server, _sessions) = server().await;
    let router = ChatWeb::new(server.hub().clone()).router();

    let mut status = get_json(&router, "/api/status").await;
    assert!(status["uptime_seconds"].is_u64());
    status["uptime_seconds"] = json!(12);
    let expected = json!({
        "status": "online", "users": 2, "channels": 3, "version": env!("CARGO_PKG_VERSION"),
        "uptime_seconds": 12,
    });
    assert_eq!(status, expected);
    assert_eq!(
        get_json(&router, "/api/users").await,
        json!({"users": ["alice", "bob"], "count": 2})
    );
    assert_eq!(
        get_json(&router, "/api/channels").await,
        json!({
            "channels": [
                {"name": "##rust", "topic": null, "members": 1},
                {"name": "lobby", "topic": null, "members": 2},
                {"name": "rust", "topic": "crabs", "members": 1},
            ],
            "count": 3,
        })
    );
    assert_eq!(get(&router, "/healthz").await.2, "ok");
}

#[tokio::test]
async fn api_says_whether_there_are_accounts() {
    for registration in [false, true] {
        let config = Config { accounts: true, registration, ..Config::default() };
        let server = Server::new().config(config).start();
        let router = ChatWeb::new(server.hub().clone()).router();
        let status = get_json(&router, "/api/status").await;
        assert_eq!(status["accounts"], json!({ "register": registration }));
    }
}

#[tokio::test]
async fn api_returns_messages_in_pages() {
    let (server, _sessions) = server().await;
    let router = ChatWeb::new(server.hub().clone()).router();
    let texts = |page: &Value| -> Vec<String> {
        let messages = page["messages"].as_array().expect("messages").iter();
        messages.map(|message| message["text"].as_str().expect("a text").to_owned()).collect()
    };

    let all = get_json(&router, "/api/channels/lobby/messages").await;
    assert_eq!(texts(&all), ["one", "two", "three"]);
    assert_eq!((&all["channel"], &all["more"]), (&json!("lobby"), &json!(false)));
    let newest = get_json(&router, "/api/channels/%23Lobby/messages?limit=1").await;
    assert_eq!((texts(&newest), &newest["more"]), (vec!["three".to_owned()], &json!(true)));
    let id = newest["messages"][0]["id"].as_u64().expect("an id");
    let path = format!("/api/channels/lobby/messages?before={id}");
    assert_eq!(texts(&get_json(&router, &path).await), ["one", "two"]);
    let path = format!("/api/channels/lobby/messages?around={id}&limit=2");
    assert_eq!(texts(&get_json(&router, &path).await), ["two", "three"]);
    let at = "/api/channels/lobby/messages?at=1970-01-01T00:00:00Z&limit=2";
    assert_eq!(texts(&get_json(&router, at).await), ["one", "two"]);
    let signs = get_json(&router, "/api/channels/%23%23rust/messages").await;
    assert_eq!((texts(&signs), &signs["channel"]), (vec!["two signs".into()], &json!("##rust")));
    for one in ["rust", "%23rust"] {
        let page = get_json(&router, &format!("/api/channels/{one}/messages")).await;
        assert_eq!((texts(&page), &page["channel"]), (Vec::new(), &json!("rust")));
    }
}

/// A source of older messages that goes wrong.
struct Broken(Option<Text>);

#[async_trait]
impl HistorySource for Broken {
    async fn read(&self, _: &HostRequest) -> Result<Answer, Unavailable> {
        match &self.0 {
            Some(reason) => Ok(Answer::Refused(reason.clone())),
            None => Err("the disk is full".into()),
        }
    }
}

#[tokio::test]
async fn api_reads_on_in_the_store_where_memory_ends() {
    let config = || Config { history_per_channel: 2, ..Config::default() };
    let store = MemoryStore::new(&config(), SystemClock::new().now());
    let server = Server::new().config(config()).store(store.open()).start();
    for text in ["one", "two", "three", "four", "five"] {
        server.hub().say("lobby", text).await.expect("the server runs");
    }
    let router = ChatWeb::new(server.hub().clone()).router();
    let path = |query: &str| format!("/api/channels/lobby/messages?{query}");
    for (query, expected, more) in [
        ("limit=2", &["four", "five"][..], true),
        ("limit=4", &["two", "three", "four", "five"], true),
        ("limit=9", &["one", "two", "three", "four", "five"], false),
        ("before=3", &["one", "two"], false),
        ("before=4&limit=1", &["three"], true),
        ("after=1&limit=2", &["two", "three"], true),
        ("after=3", &["four", "five"], false),
        ("around=2&limit=2", &["one", "two"], true),
        ("at=1970-01-01T00:00:00Z&limit=1", &["one"], true),
    ] {
        let page = get_json(&router, &path(query)).await;
        let messages = page["messages"].as_array().expect("messages").iter();
        let texts: Vec<&str> = messages.filter_map(|message| message["text"].as_str()).collect();
        assert_eq!((&texts[..], &page["more"]), (expected, &json!(more)), "{query}");
    }

    for (source, code) in [(Broken(None), 503), (Broken(Some(Text::clean("no"))), 403)] {
        let server = Server::new().config(config()).history_source(source).start();
        let router = ChatWeb::new(server.hub().clone()).router();
        let (status, headers, body) = get(&router, &path("limit=9")).await;
        assert_eq!(status.as_u16(), code, "{body}");
        assert_eq!(headers.contains_key("retry-after"), code == 503);
        assert_eq!(get(&router, "/api/channels/rust/messages").await.0, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn errors_have_problem_details() {
    let (server, _sessions) = server().await;
    let router = ChatWeb::new(server.hub().clone()).router();
    for (path, status) in [
        ("/api/channels/secret/messages", 404),
        ("/api/channels/invited/messages", 404),
        ("/api/channels/locked/messages", 404),
        ("/api/channels/nowhere/messages", 404),
        ("/api/channels/a%20b/messages", 404),
        ("/api/channels/lobby/messages?limit=many", 400),
        ("/api/channels/%ff/messages", 400),
        ("/api/channels/lobby/messages?before=1&after=1", 400),
        ("/api/channels/lobby/messages?at=noon", 400),
        ("/api/channels/lobby/messages?at=2026-01-01T00:00:00Z&around=1", 400),
        ("/api/nothing", 404),
        ("/assets/nothing.js", 404),
        ("/assets/%ff", 400),
        ("/nothing", 404),
        ("/ws", 400),
    ] {
        let (code, headers, body) = get(&router, path).await;
        assert_eq!(code.as_u16(), status, "{path}");
        assert_eq!(headers["content-type"], "application/problem+json", "{path}");
        let problem: Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(problem["status"], status, "{path}");
        assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{path}");
    }
    let post = Request::post("/api/users").body(Body::empty()).expect("a request");
    let response = router.oneshot(post).await.expect("a router does not fail");
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
}

#[tokio::test]
async fn page_may_load_only_its_own_files() {
    let (server, _sessions) = server().await;
    let router = ChatWeb::new(server.hub().clone()).router();
    let (status, headers, body) = get(&router, "/").await;
    assert_eq!(status, StatusCode::OK);
    assert!(body.to_ascii_lowercase().starts_with("<!doctype html>"));
    assert_eq!(headers["content-type"], "text/html; charset=utf-8");
    assert_eq!(headers["cache-control"], "no-cache");
    let policy = headers["content-security-policy"].to_str().expect("text");
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(headers["referrer-policy"], "no-referrer");

    let request = Request::get("/").header("if-none-match", &headers["etag"]);
    let request = request.body(Body::empty()).expect("a request");
    let response = router.oneshot(request).await.expect("a router does not fail");
    assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
}

/// Sends a request with `Accept-Encoding`, and decodes the response.
async fn fetch(router: &Router, method: &str, path: &str, accepted: &str) -> (Parts, Vec<u8>) {
    let request = Request::builder().method(method).uri(path).header("accept-encoding", accepted);
    let request = request.body(Body::empty()).expect("a request");
    let response = router.clone().oneshot(request).await.expect("a router does not fail");
    let (parts, body) = response.into_parts();
    let sent = to_bytes(body, usize::MAX).await.expect("a body");
    let mut content = Vec::new();
    match parts.headers.get("content-encoding").map(HeaderValue::as_bytes) {
        Some(b"br") => brotli::Decompressor::new(&sent[..], 4_096).read_to_end(&mut content),
        Some(b"gzip") => flate2::read::GzDecoder::new(&sent[..]).read_to_end(&mut content),
        other => {
            assert_eq!(other, None);
            (&sent[..]).read_to_end(&mut content)
        }
    }
    .expect("content in the encoding of the header");
    (parts, content)
}

/// Returns the links of a page to its files.
fn links(html: &[u8]) -> Vec<String> {
    let html = String::from_utf8_lossy(html);
    let links = html.split('"').filter(|link| link.contains("assets/"));
    links.map(str::to_owned).collect()
}

#[tokio::test]
async fn page_has_the_same_content_in_every_encoding() {
    let (server, _sessions) = server().await;
    let router = ChatWeb::new(server.hub().clone()).router();
    let (_, page) = fetch(&router, "GET", "/", "identity").await;
    let links = links(&page);
    let names: Vec<&str> = links.iter().filter_map(|link| link.rsplit('.').next()).collect();
    assert_eq!(names, ["webmanifest", "png", "css", "js"], "{links:?}");

    // Browsers accept Brotli only in secure contexts, so the gzip encoding has to be small as well.
    let mut gzipped = 0;
    let paths = links.iter().map(|link| format!("/{link}")).chain(["/".to_owned()]);
    for path in paths {
        let mut tags = BTreeSet::new();
        let (plain, content) = fetch(&router, "GET", &path, "identity").await;
        for (accepted, encoding) in [("gzip, br", "br"), ("gzip", "gzip"), ("*;q=0.1", "br")] {
            let (parts, same) = fetch(&router, "GET", &path, accepted).await;
            assert_eq!(parts.status, StatusCode::OK, "{path} {accepted}");
            assert_eq!(parts.headers["content-encoding"], encoding, "{path} {accepted}");
            assert_eq!(parts.headers["content-type"], plain.headers["content-type"]);
            assert!(same == content, "{path} {accepted}");
            // Only devices that install the page load its manifest and icons.
            let is_for_all = ![".webmanifest", ".png"].iter().any(|end| path.ends_with(end));
            if encoding == "gzip" && is_for_all {
                gzipped += length(&parts);
            }
            tags.insert(parts.headers["etag"].clone());
            let (head, nothing) = fetch(&router, "HEAD", &path, "identity").await;
            assert_eq!((head.status, nothing), (StatusCode::OK, Vec::new()), "{path}");
            assert_eq!(head.headers["content-length"], content.len().to_string(), "{path}");
            for parts in [&parts, &head, &plain] {
                assert_eq!(parts.headers["vary"], "accept-encoding", "{path}");
                let kept = parts.headers["cache-control"] == "public, max-age=31536000, immutable";
                assert_eq!(kept, path != "/", "{path}");
            }
        }
        tags.insert(plain.headers["etag"].clone());
        assert_eq!(tags.len(), 3, "each encoding of {path} has a tag of its own");
        assert!(!plain.headers.contains_key("content-encoding"), "{path}");
        let (refused, _) = fetch(&router, "GET", &path, "zstd, identity;q=0").await;
        assert_eq!(refused.status, StatusCode::NOT_ACCEPTABLE, "{path}");
        assert_eq!(refused.headers["content-type"], "application/problem+json", "{path}");
        assert_eq!(refused.headers["vary"], "accept-encoding", "{path}");
    }
    assert!((10_000..60_000).contains(&gzipped), "{gzipped} bytes");
}

#[tokio::test]
async fn manifest_links_to_the_page_and_to_icons_of_the_stated_sizes() {
    let (server, _sessions) = server().await;
    let router = ChatWeb::new(server.hub().clone()).router();
    let (parts, page) = fetch(&router, "GET", "/", "identity").await;
    let policy = parts.headers["content-security-policy"].to_str().expect("ASCII");
    assert!(policy.contains("manifest-src 'self'"), "{policy}");
    let links = links(&page);
    let link = links.iter().find(|link| link.ends_with(".webmanifest")).expect("a manifest");
    let (parts, manifest) = fetch(&router, "GET", &format!("/{link}"), "identity").await;
    assert_eq!(parts.headers["content-type"], "application/manifest+json");
    let manifest: Value = serde_json::from_slice(&manifest).expect("JSON");
    // The addresses are relative to the manifest, so that the page can be at any address.
    assert_eq!((&manifest["start_url"], &manifest["scope"]), (&"../".into(), &"../".into()));
    let icons = manifest["icons"].as_array().expect("a list");
    assert_eq!(icons.len(), 3);
    for icon in icons {
        let path = format!("/assets/{}", icon["src"].as_str().expect("a link"));
        let (parts, image) = fetch(&router, "GET", &path, "identity").await;
        assert_eq!(parts.headers["content-type"], "image/png", "{path}");
        // The first chunk of a PNG image, behind 16 bytes, begins with its width and height.
        let side =
            |at: usize| image[at..at + 4].iter().fold(0, |all, &byte| all << 8 | u32::from(byte));
        assert_eq!(icon["sizes"], format!("{}x{}", side(16), side(20)), "{path}");
    }
}

fn length(parts: &Parts) -> usize {
    let length = parts.headers["content-length"].to_str().expect("digits");
    length.parse().expect("a number")
}

#[tokio::test]
async fn cached_page_is_not_sent_again_in_the_same_encoding() {
    let (server, _sessions) = server().await;
    let router = ChatWeb::new(server.hub().clone()).router();
    for accepted in ["identity", "gzip", "br"] {
        let (parts, _) = fetch(&router, "GET", "/", accepted).await;
        for (again, status) in [(accepted, 304), ("gzip;q=0, br;q=0, identity;q=0", 406)] {
            let request = Request::get("/").header("if-none-match", &parts.headers["etag"]);
            let request = request.header("accept-encoding", again).body(Body::empty());
            let request = request.expect("a request");
            let response = router.clone().oneshot(request).await.expect("a router does not fail");
            assert_eq!(response.status(), status, "{accepted}, then {again}");
            assert_eq!(response.headers()["vary"], "accept-encoding");
        }
    }
}

#[tokio::test]
async fn router_works_under_any_prefix() {
    let (server, _sessions) = server().await;
    let chat = || ChatWeb::new(server.hub().clone()).router();
    let nested = Router::new().nest("/tools/chat", chat());
    let service = Router::new().nest_service("/tools/chat", chat());
    for router in [nested, service.clone()] {
        let (status, _, body) = get(&router, "/tools/chat").await;
        assert_eq!(status, StatusCode::OK);
        let links = links(body.as_bytes());
        assert!(!links.is_empty() && links.iter().all(|link| link.starts_with("chat/assets/")));
        for link in links {
            let (parts, _) = fetch(&router, "GET", &format!("/tools/{link}"), "br").await;
            assert_eq!(parts.status, StatusCode::OK, "{link}");
        }
        assert_eq!(get_json(&router, "/tools/chat/api/users").await["count"], 2);
        assert_eq!(get(&router, "/tools/chat/ws").await.0, StatusCode::BAD_REQUEST);
        assert_eq!(get(&router, "/elsewhere").await.0, StatusCode::NOT_FOUND);
    }
    for method in ["GET", "HEAD"] {
        let (parts, _) = fetch(&service, method, "/tools/chat/", "identity").await;
        assert_eq!(parts.status, StatusCode::OK, "{method}");
    }
    let (_, _, body) = get(&service, "/tools/chat/").await;
    assert!(body.contains("\"assets/"), "{body}");
}

#[tokio::test]
async fn client_that_has_to_log_in_gets_the_reason() {
    let (server, _sessions) = server().await;
    let chat = ChatWeb::new(server.hub().clone());
    let router = chat.login(|_| Login::Refused("log in first".into())).router();
    let (status, _, body) = get(&router, "/ws").await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert!(body.contains("log in first"));
}
