//! The contents of `/metrics`, and secrets that they must not contain.

use chat_runtime::chat_core::Config;
use chat_runtime::chat_core::script::Script;
use chat_runtime::chat_dialects::JsonDialect;
use chat_runtime::{Limits, Running, Server};
use chat_store_sqlite::SqliteOptions;
use chat_tests::{ANY_PORT, Client, PATIENCE, sample, shards, stop};
use chat_web::WebFrontEnd;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use transport_tcp::TcpFrontEnd;
use transport_ws::WsEndpoint;

#[tokio::test]
async fn connections_sessions_and_traffic_are_counted() {
    let server = Watched::start(Config { commands_per_second: 0, ..Config::default() });
    assert_eq!(server.value("chat_users").await, 0.0);
    assert_eq!(server.value("chat_channels").await, 1.0);

    let mut tcp = server.member("tina").await;
    let mut web = Client::web_socket("wes", server.web, Some("chat.json")).await;
    web.join_lobby(r#"{"type":"hello","nickname":"wes","version":2}"#).await;
    tcp.expect_type("user_joined").await;
    assert_eq!(server.value("chat_users").await, 2.0);
    assert_eq!(server.value(r#"chat_sessions{transport="tcp",dialect="json"}"#).await, 1.0);
    assert_eq!(server.value(r#"chat_sessions{transport="ws",dialect="json"}"#).await, 1.0);
    // Including the connection that asks for the metrics.
    assert_eq!(server.value("chat_connections").await, 3.0);

    let before = server.values().await;
    tcp.send(r#"{"type":"chat","text":"hello"}"#).await;
    tcp.expect_type("ack").await;
    tcp.expect_type("chat").await;
    web.expect_type("chat").await;
    tcp.send(r#"{"type":"join","channel":"no such name"}"#).await;
    tcp.expect_error("channel_name_invalid").await;
    tcp.send("{".repeat(9_000)).await;
    tcp.expect_error("line_too_long").await;
    let after = server.values().await;
    let grew = |name: &str| after[name] - before.get(name).copied().unwrap_or_default();
    assert_eq!(grew("chat_frames_received_total"), 2.0);
    assert_eq!(grew("chat_faults_total"), 1.0);
    assert_eq!(grew("chat_messages_total"), 1.0);
    // The reply and the echo count as one delivery, because they are sent together.
    assert_eq!(grew("chat_deliveries_total"), 4.0);
    let refused = r#"chat_commands_refused_total{reason="channel_name_invalid"}"#;
    assert_eq!(grew(refused), 1.0);
    assert!(grew("chat_input_seconds_count") >= 3.0);
    assert_eq!(after["chat_lagged_total"], 0.0);
    assert_eq!(after["chat_queue_bytes"], 0.0);

    tcp.send(r#"{"type":"quit"}"#).await;
    tcp.expect_type("goodbye").await;
    tcp.expect_closed().await;
    web.expect_type("user_left").await;
    assert_eq!(server.value(r#"chat_sessions_closed_total{reason="quit"}"#).await, 1.0);
    stop(server.running).await;
}

#[tokio::test]
async fn refused_connections_are_counted() {
    let limits = Limits { connections: 1, ..Limits::default() };
    let server = Watched::start(limits);
    let mut tcp = server.member("tina").await;
    let mut second = Client::tcp("second", server.json).await;
    let full =
        r#"{"type":"error","message":"the server is full: it has 1 connections; try again later"}"#;
    second.expect([full]).await;
    second.expect_closed().await;
    let refused = request(server.web, "/metrics").await;
    assert!(refused.starts_with("HTTP/1.1 503 Service Unavailable\r\n"), "{refused}");

    tcp.send(r#"{"type":"quit"}"#).await;
    tcp.expect_type("goodbye").await;
    tcp.expect_closed().await;
    // There is room once the server has finished with the connection, which is a moment later.
    let metrics = async {
        loop {
            let metrics = request(server.web, "/metrics").await;
            if metrics.starts_with("HTTP/1.1 200 OK\r\n") {
                return metrics;
            }
        }
    };
    let metrics = timeout(PATIENCE, metrics).await.expect("a free place in time");
    assert!(metrics.contains("content-type: application/openmetrics-text; version=1.0.0"));
    let counted = sample(&metrics, r#"chat_connections_refused_total{reason="server_full"}"#);
    assert!(counted >= 2, "{counted} were turned away");
}

#[tokio::test]
async fn metrics_contain_no_text_of_users() {
    let server = Watched::start(Config::default());
    let mut tcp = server.member("nick_of_tina").await;
    for request in [
        r#"{"type":"chat","text":"words_of_tina"}"#,
        r#"{"type":"join","channel":"room_of_tina"}"#,
        r#"{"type":"modes","channel":"room_of_tina","key":"key_of_tina"}"#,
        r#"{"type":"join","channel":"refused room_of_tina","key":"key_of_tina"}"#,
        r#"{"type":"hello_of_tina"}"#,
        r#"{"type":"quit","reason":"reason_of_tina"}"#,
    ] {
        tcp.send(request).await;
    }
    while tcp.next_or_end().await.is_ok() {}
    let metrics = request(server.web, "/metrics").await;
    assert!(metrics.contains("chat_frames_received_total 7\n"), "{metrics}");
    assert!(!metrics.contains("of_tina"), "{metrics}");
}

/// A counter that appears only with its first event hides that event from queries for its increase.
#[tokio::test]
async fn every_documented_reason_starts_at_zero() {
    let server = Watched::start(Config::default());
    let values = server.values().await;
    let shown = |metric: &str| -> Vec<&str> {
        let start = format!("{metric}{{reason=\"");
        let reasons = values.keys().filter_map(|key| key.strip_prefix(&start)?.strip_suffix("\"}"));
        reasons.collect()
    };
    let guide = include_str!("../../../docs/operating.md");
    for metric in [
        "chat_connections_refused_total",
        "chat_sessions_closed_total",
        "chat_authentications_total",
    ] {
        let start = format!("| `{metric}{{reason}}` |");
        let row = guide.lines().find_map(|line| line.strip_prefix(&start)).expect("a row");
        let mut told: Vec<&str> = row.split('`').skip(1).step_by(2).collect();
        told.sort_unstable();
        assert_eq!(shown(metric), told, "{metric} in the metrics, and in docs/operating.md");
    }
    let commands = shown("chat_commands_refused_total");
    assert_eq!(commands.len(), chat_core::Refusal::CODES.len());
    let reasons = values.iter().filter(|(name, _)| name.contains("{reason="));
    for (name, value) in reasons {
        assert_eq!(*value, 0.0, "{name}");
    }
}

#[tokio::test]
async fn scraper_gets_the_format_that_it_accepts() {
    let server = Watched::start(Config::default());
    for (accept, kind) in [
        ("", "application/openmetrics-text; version=1.0.0; charset=utf-8"),
        (
            "Accept: \
             application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3\r\n",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
        ),
        ("Accept: text/plain;version=0.0.4\r\n", "text/plain; version=0.0.4; charset=utf-8"),
    ] {
        let answer = request_with(server.web, "/metrics", accept).await;
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
        assert!(head.contains(&format!("content-type: {kind}\r\n")), "{accept} {head}");
        assert!(head.contains("vary: accept"), "{head}");
        let is_older = kind.starts_with("text/plain");
        assert_eq!(body.contains("# TYPE chat_messages_total counter\n"), is_older);
        assert_eq!(body.contains("# TYPE chat_messages counter\n"), !is_older);
        assert_eq!(body.ends_with("# EOF\n"), !is_older);
        assert!(body.contains("\nchat_messages_total 0\n"), "{body}");
    }
}

struct Watched {
    running: Running,
    json: SocketAddr,
    web: SocketAddr,
}

impl Watched {
    fn start(limits: impl Into<Limits>) -> Self {
        Self::serve(Server::new().limits(limits))
    }

    fn serve(server: Server) -> Self {
        let web = WebFrontEnd::bind(ANY_PORT, WsEndpoint::default()).expect("a free port");
        let json = TcpFrontEnd::bind(ANY_PORT, JsonDialect::default()).expect("a free port");
        let (web_address, json_address) = (web.local_addr(), json.local_addr());
        let running = server.shards(shards()).front_end(web).front_end(json).start();
        Self { running, json: json_address, web: web_address }
    }

    async fn member(&self, name: &str) -> Client {
        let mut client = Client::tcp(name, self.json).await;
        client.join_lobby(format!(r#"{{"type":"hello","nickname":"{name}","version":2}}"#)).await;
        client
    }

    async fn value(&self, name: &str) -> f64 {
        let values = self.values().await;
        *values.get(name).unwrap_or_else(|| panic!("no {name} in {values:#?}"))
    }

    /// Returns every sample by its name with its labels, as Prometheus would read them.
    async fn values(&self) -> BTreeMap<String, f64> {
        let answer = request(self.web, "/metrics").await;
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
        assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
        let body = body.strip_suffix("# EOF\n").expect("the end that OpenMetrics wants");
        let samples = body.lines().filter(|line| !line.starts_with('#'));
        samples
            .map(|line| {
                let (name, value) = line.rsplit_once(' ').expect("a sample");
                (name.to_owned(), value.parse().expect("a number"))
            })
            .collect()
    }
}

async fn request(address: SocketAddr, path: &str) -> String {
    request_with(address, path, "").await
}

async fn request_with(address: SocketAddr, path: &str, headers: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    let head =
        format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).await.expect("an open socket");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an open socket");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn commits_of_the_store_are_measured() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("chat.db");
    let opened = SqliteOptions::default().open(path, Script::START).expect("it opens");
    let server = Watched::serve(Server::new().store(opened));
    let mut tina = server.member("tina").await;
    let before = server.values().await;
    tina.send(r#"{"type":"chat","text":"hello"}"#).await;
    tina.expect_type("ack").await;
    let after = server.values().await;
    let grew = |name: &str| after[name] - before[name];
    assert_eq!(grew("chat_store_commit_seconds_count"), 1.0);
    assert_eq!(grew("chat_store_commit_records_sum"), 1.0);
    assert_eq!(after["chat_store_waiting_rounds"], 0.0);
    assert_eq!(after["chat_store_retries_total"], 0.0);
    assert!(after["chat_store_log_bytes"] > 0.0);
    assert!(after["chat_store_free_bytes"] > 0.0);
    stop(server.running).await;
}
