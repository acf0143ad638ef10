//! A chat with a login shows no content to clients without a valid token.

use super::wire::{Answer, WebServer};
use chat_jwt::{JwtAuthenticator, JwtKey};
use chat_runtime::Server;
use chat_runtime::chat_core::Timestamp;
use chat_runtime::{Clock, SystemClock};
use chat_tests::Client;
use chat_web::WebFrontEnd;
use http::header::COOKIE;
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::json;
use std::time::Duration;
use transport_ws::WsEndpoint;

#[tokio::test]
async fn api_needs_a_token_where_the_chat_does() {
    let server = server(false, |front_end| front_end);
    let bearer = |token: &str| format!("Authorization: Bearer {token}\r\n");
    let cookie = |cookies: &str| format!("Cookie: {cookies}\r\n");
    let (good, old) = (token(60), token(-60));
    for path in ["/api/channels/lobby/messages", "/api/users", "/api/channels", "/api/status"] {
        for headers in [
            String::new(),
            bearer(&old),
            bearer("nonsense"),
            format!("Authorization: Basic {good}\r\n"),
            cookie("chat_token="),
            cookie(&format!("chat_token={old}")),
            cookie(&format!("other={good}")),
        ] {
            for method in ["GET", "HEAD"] {
                let answer = server.ask(method, path, &headers).await;
                assert_eq!(answer.status, 401, "{path} {headers}");
                let challenge = answer.header("www-authenticate").expect("a challenge");
                assert!(challenge.starts_with("Bearer realm=\"chat\""), "{challenge}");
                let is_wrong = headers.starts_with("Authorization");
                assert_eq!(challenge.ends_with("error=\"invalid_token\""), is_wrong, "{headers}");
            }
        }
        for headers in [
            bearer(&good),
            cookie(&format!("chat_token={good}")),
            cookie(&format!("city=Köln; chat_token=; chat_token=\"{good}\"")),
            cookie(&format!("chat_token={old}; chat_token={good}")),
            cookie(&format!("chat_token={old}")) + &cookie(&format!("chat_token={good}")),
        ] {
            assert_eq!(server.ask("GET", path, &headers).await.status, 200, "{path} {headers}");
        }
    }
    // The message for HTTP does not mention the hello.
    let told = server.ask("GET", "/api/users", "").await.body;
    let wanted = "this server wants a token: send one as Authorization: Bearer\"}";
    assert!(told.ends_with(&format!("\"detail\":\"{wanted}")), "{told}");
    let page = server.ask("GET", "/", "").await;
    let asset = page.body.split('"').find(|text| text.starts_with("assets/")).expect("an asset");
    for path in ["/", &format!("/{asset}"), "/healthz"] {
        assert_eq!(server.ask("GET", path, "").await.status, 200, "{path}");
    }
    server.stop().await;
}

#[tokio::test]
async fn guests_may_read_the_api_where_allowed() {
    let server = server(true, |front_end| front_end);
    assert_eq!(server.ask("GET", "/api/channels/lobby/messages", "").await.status, 200);
    // A client with an invalid token is refused instead of being treated as a guest.
    let wrong = server.ask("GET", "/api/users", "Authorization: Bearer x\r\n").await;
    assert_eq!(wrong.status, 401);
    assert_eq!(
        server.ask("GET", "/metrics", "").await.status,
        401,
        "guests have no access to metrics"
    );
    server.stop().await;
}

#[tokio::test]
async fn metrics_need_a_token_in_a_chat_with_a_login() {
    let metrics = async |server: &WebServer, headers: &str| -> Answer {
        server.ask("GET", "/metrics", headers).await
    };
    let bearer = format!("Authorization: Bearer {}\r\n", token(60));

    let by_default = server(false, |front_end| front_end);
    let refused = metrics(&by_default, "").await;
    assert_eq!(refused.status, 401);
    assert!(refused.body.contains("?metrics=true"), "{}", refused.body);
    assert_eq!(metrics(&by_default, &bearer).await.status, 200);
    by_default.stop().await;

    let shown = server(false, |front_end| front_end.metrics(true));
    assert_eq!(metrics(&shown, "").await.status, 200);
    assert_eq!(shown.ask("GET", "/api/users", "").await.status, 401, "only the metrics are open");
    shown.stop().await;

    let hidden = server(false, |front_end| front_end.metrics(false));
    assert_eq!(metrics(&hidden, &bearer).await.status, 404);
    hidden.stop().await;

    let open = WebServer::start(Server::new(), WsEndpoint::default(), |web| web);
    assert_eq!(metrics(&open, "").await.status, 200, "open without a login");
    open.stop().await;
}

#[tokio::test]
async fn open_api_needs_no_token() {
    let server = server(false, |front_end| front_end.open_api(true));
    assert_eq!(server.ask("GET", "/api/users", "").await.status, 200);
    assert_eq!(server.ask("GET", "/metrics", "").await.status, 401);
    server.stop().await;
}

#[tokio::test]
async fn web_socket_uses_the_valid_cookie() {
    let server = server(false, |front_end| front_end);
    let (old, good) = (token(-60), token(60));
    for cookies in [
        format!("chat_token={good}"),
        format!("chat_token=; chat_token={good}"),
        format!("city=K\u{f6}ln; chat_token={good}"),
        format!("chat_token={old}; chat_token={good}"),
        format!("chat_token={good}; chat_token={old}"),
    ] {
        let mut alice = Client::web_socket_with("alice", server.address, (COOKIE, &cookies)).await;
        alice.send(r#"{"type":"hello","version":2}"#).await;
        assert_eq!(alice.expect_type("welcome").await["nickname"], "Alice", "{cookies}");
        alice.expect_type("roster").await;
        alice.send(r#"{"type":"quit"}"#).await;
        alice.expect_type("goodbye").await;
        alice.expect_closed().await;
    }
    server.stop().await;
}

/// Starts a server that accepts tokens, also in the cookie `chat_token`.
fn server(guests: bool, set_up: impl FnOnce(WebFrontEnd) -> WebFrontEnd) -> WebServer {
    let key = JwtKey::secret(SECRET).expect("a secret that is long enough");
    let server = Server::new().authenticator(JwtAuthenticator::new(key).guests(guests));
    WebServer::start(server, WsEndpoint::default().cookie("chat_token"), set_up)
}

/// Returns Alice's token, which expires `seconds` from now.
fn token(seconds: i64) -> String {
    let now = SystemClock::new().now().since(Timestamp::default());
    let age = Duration::from_secs(seconds.unsigned_abs());
    let expires = if seconds < 0 { now - age } else { now + age };
    let claims = json!({ "sub": "al", "name": "Alice", "exp": expires.as_secs() });
    encode(&Header::default(), &claims, &EncodingKey::from_secret(SECRET)).expect("a token")
}

const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
