//! A foreign page makes its visitor's browser send requests to the ports for lines.

use crate::driver::{Driver, Screen};
use axum::Router;
use axum::response::Html;
use axum::routing::get;
use chat_runtime::Server;
use chat_runtime::chat_dialects::{JsonDialect, TextDialect, TxtChatDialect};
use chat_tests::{ANY_PORT, Client, sample, stop};
use serde_json::json;
use tokio::net::TcpListener;
use transport_tcp::{AutoDialects, TcpFrontEnd};

/// Sends each port a request whose body is a line of each dialect, then the same over TLS and as a
/// WebSocket. Counts the finished requests.
const ATTACK: &str = r#"
const lines = [
  "/name visitor", "hello", "reg$visitor", '{"type":"hello","nickname":"visitor"}',
  '{"type":"chat","text":"hello"}', "",
];
window.ended = 0;
const end = () => { window.ended += 1; };
for (const port of PORTS) {
  for (const scheme of ["http", "https"]) {
    const options = { method: "POST", mode: "no-cors", body: lines.join("\n") };
    fetch(`${scheme}://127.0.0.1:${port}/`, options).then(end, end);
  }
  new WebSocket(`ws://127.0.0.1:${port}/`).addEventListener("close", end);
}
"#;

#[tokio::test(flavor = "multi_thread")]
async fn foreign_page_cannot_use_a_port_for_lines() {
    let (text, txtchat) = (TextDialect::bracket(), TxtChatDialect::new(7));
    let dialects = AutoDialects::new(text.clone(), JsonDialect::default(), txtchat);
    let ports = [
        TcpFrontEnd::bind_auto(ANY_PORT, dialects),
        TcpFrontEnd::bind(ANY_PORT, text),
        TcpFrontEnd::bind(ANY_PORT, TextDialect::star()),
        TcpFrontEnd::bind(ANY_PORT, JsonDialect::default()),
        TcpFrontEnd::bind(ANY_PORT, txtchat),
    ]
    .map(|port| port.expect("a free port"));
    let addresses = ports.each_ref().map(TcpFrontEnd::local_addr);
    let server = ports.into_iter().fold(Server::new(), Server::front_end).start();
    let mut bystander = Client::tcp("bystander", addresses[3]).await;
    bystander.join_lobby(r#"{"type":"hello","nickname":"bystander","version":2}"#).await;

    let page = TcpListener::bind(ANY_PORT).await.expect("a free port");
    let url = format!("http://{}/", page.local_addr().expect("an address"));
    let router = Router::new().route("/", get(async || Html("<title>Foreign</title>")));
    let foreign = tokio::spawn(async move { axum::serve(page, router).await });

    let driver = Driver::start().await;
    let visitor = driver.open("visitor", &url, Screen::Desktop).await;
    let numbers = addresses.map(|address| address.port());
    visitor.script(&ATTACK.replace("PORTS", &json!(numbers).to_string())).await;
    visitor.until_script("return window.ended", json!(3 * numbers.len())).await;

    bystander.expect_nothing_so_far().await;
    let metrics = server.hub().metrics().await.expect("the server runs");
    for (reason, least) in [("http_request", 2 * numbers.len()), ("tls_handshake", numbers.len())] {
        let counter = format!("chat_connections_refused_total{{reason=\"{reason}\"}}");
        let count = sample(&metrics, &counter);
        assert!(count >= least as u64, "{count} times {reason}: some requests reached no port");
    }
    visitor.close().await;
    foreign.abort();
    stop(server).await;
}
