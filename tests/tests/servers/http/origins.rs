//! Pages of other origins: which may open a WebSocket and read the API, and how others are refused.

use super::wire::{HANDSHAKE, WebServer};
use chat_runtime::Server;
use chat_tests::sample;
use transport_ws::WsEndpoint;

#[tokio::test]
async fn page_of_an_allowed_origin_may_read_the_api() {
    let server = start();
    for path in ["/api/users", "/api/channels/lobby/messages", "/api/channels/nowhere/messages"] {
        let allowed = server.ask("GET", path, "Origin: https://app.example\r\n").await;
        let origin = allowed.header("access-control-allow-origin");
        assert_eq!(origin.as_deref(), Some("https://app.example"), "{path}");
        let credentials = allowed.header("access-control-allow-credentials");
        assert_eq!(credentials.as_deref(), Some("true"), "{path}");
        for headers in [
            "",
            "Origin: https://evil.example\r\n",
            "Origin: http://app.example\r\n",
            "Origin: https://app.example.evil.example\r\n",
            "Origin: null\r\n",
        ] {
            let other = server.ask("GET", path, headers).await;
            assert_eq!(other.header("access-control-allow-origin"), None, "{path} {headers}");
            assert_eq!(other.header("access-control-allow-credentials"), None, "{headers}");
            let vary =
                other.header("vary").expect("caches must distinguish origins").to_lowercase();
            assert!(vary.contains("origin"), "{vary}");
        }
    }
    for path in ["/", "/healthz", "/metrics"] {
        let other = server.ask("GET", path, "Origin: https://app.example\r\n").await;
        assert_eq!(other.header("access-control-allow-origin"), None, "{path}");
    }
    server.stop().await;
}

#[tokio::test]
async fn cors_preflight_for_authorization_is_allowed() {
    let server = start();
    let preflight = |origin: &str| {
        format!(
            "Origin: {origin}\r\nAccess-Control-Request-Method: GET\r\n\
             Access-Control-Request-Headers: authorization\r\n"
        )
    };
    let allowed = server.ask("OPTIONS", "/api/users", &preflight("https://app.example")).await;
    assert_eq!(allowed.status, 200);
    let origin = allowed.header("access-control-allow-origin");
    assert_eq!(origin.as_deref(), Some("https://app.example"));
    let headers = allowed.header("access-control-allow-headers").expect("headers");
    assert_eq!(headers.to_lowercase(), "authorization");
    let methods = allowed.header("access-control-allow-methods").expect("methods");
    assert_eq!(methods, "GET,HEAD");
    let other = server.ask("OPTIONS", "/api/users", &preflight("https://evil.example")).await;
    assert_eq!(other.header("access-control-allow-origin"), None);
    server.stop().await;
}

#[tokio::test]
async fn refused_web_socket_gets_a_reason_and_is_counted() {
    let server = start();
    let count = async |reason: &str| {
        let metrics = server.ask("GET", "/metrics", "").await.body;
        sample(&metrics, &format!("chat_connections_refused_total{{reason=\"{reason}\"}}"))
    };
    assert_eq!((count("foreign_origin").await, count("bad_handshake").await), (0, 0));
    let foreign = format!("{HANDSHAKE}Origin: https://evil.example\r\n");
    let answer = server.ask("GET", "/ws", &foreign).await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.header("content-type").as_deref(), Some("application/problem+json"));
    for word in ["https://evil.example", &server.address.to_string(), "?origin=", "Host header"] {
        assert!(answer.body.contains(word), "{word} is not in {}", answer.body);
    }
    assert_eq!(count("foreign_origin").await, 1);
    server.ask("GET", "/ws", "").await;
    assert_eq!(count("bad_handshake").await, 1);
    let allowed = format!("{HANDSHAKE}Origin: https://app.example\r\n");
    assert_eq!(server.ask("GET", "/ws", &allowed).await.status, 101);
    server.stop().await;
}

fn start() -> WebServer {
    let endpoint =
        WsEndpoint::default().allow_origin("https://app.example".parse().expect("an origin"));
    WebServer::start(Server::new(), endpoint, |web| web)
}
