//! The router, without a network: what each address answers, alone and nested.

use axum::Router;
use axum::body::{Body, to_bytes};
use chat_runtime::core::{Command, Config, MessageKind, ModeChange, Peer, Recipient};
use chat_runtime::{InProcessSession, Running, Server};
use chat_web::{ChatWeb, Login};
use http::{Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;

/// A server with alice and bob in it: the lobby, a public channel, and three that are not.
async fn server() -> (Running, Vec<InProcessSession>) {
    let server = Server::new(Config::default()).start();
    let mut sessions = Vec::new();
    for name in ["bob", "alice"] {
        let session = server.hub().open_in_process(Peer::default()).await.expect("it runs");
        give(&session, Command::Identify { nickname: Some(name.into()), lobby: true, token: None })
            .await;
        sessions.push(session);
    }
    let [bob, alice] = &sessions[..] else { panic!("two sessions") };
    for channel in ["rust", "secret", "invited", "locked"] {
        give(alice, Command::Join { channel: channel.into(), key: None }).await;
    }
    for (channel, change) in [
        ("secret", ModeChange::Secret(true)),
        ("invited", ModeChange::InviteOnly(true)),
        ("locked", ModeChange::Key(Some("sesame".into()))),
    ] {
        give(alice, Command::SetModes { channel: channel.into(), changes: vec![change] }).await;
    }
    give(alice, Command::SetTopic { channel: "rust".into(), topic: Some("crabs".into()) }).await;
    for text in ["one", "two", "three"] {
        let to = Recipient::Channel("lobby".into());
        give(bob, Command::Say { to, kind: MessageKind::Message, text: text.into() }).await;
    }
    (server, sessions)
}

async fn give(session: &InProcessSession, command: Command) {
    session.command(command).await.expect("it runs");
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
async fn the_api_tells_what_is_public() {
    let (server, _sessions) = server().await;
    let router = ChatWeb::new(server.hub().clone()).router();

    let mut status = get_json(&router, "/api/status").await;
    assert!(status["uptime_seconds"].is_u64());
    status["uptime_seconds"] = json!(12);
    let expected = json!({
        "status": "online", "users": 2, "channels": 2, "version": env!("CARGO_PKG_VERSION"), "uptime_seconds": 12,
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
                {"name": "lobby", "topic": null, "members": 2},
                {"name": "rust", "topic": "crabs", "members": 1},
            ],
            "count": 2,
        })
    );
    assert_eq!(get(&router, "/healthz").await.2, "ok");
}

#[tokio::test]
async fn messages_come_in_pages() {
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
}

#[tokio::test]
async fn what_is_wrong_gets_problem_details() {
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
async fn the_page_may_load_nothing_from_elsewhere() {
    let (server, _sessions) = server().await;
    let router = ChatWeb::new(server.hub().clone()).router();
    let (status, headers, body) = get(&router, "/").await;
    assert_eq!(status, StatusCode::OK);
    assert!(body.to_ascii_lowercase().starts_with("<!doctype html>"));
    assert_eq!(headers["content-type"], "text/html");
    let policy = headers["content-security-policy"].to_str().expect("text");
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(headers["referrer-policy"], "no-referrer");

    let request = Request::get("/").header("if-none-match", &headers["etag"]);
    let request = request.body(Body::empty()).expect("a request");
    let response = router.oneshot(request).await.expect("a router does not fail");
    assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn it_works_under_any_prefix() {
    let (server, _sessions) = server().await;
    let chat = || ChatWeb::new(server.hub().clone()).router();
    let nested = Router::new().nest("/tools/chat", chat());
    let service = Router::new().nest_service("/tools/chat", chat());
    for router in [nested, service.clone()] {
        let (status, _, body) = get(&router, "/tools/chat").await;
        assert_eq!(status, StatusCode::OK);
        assert!(body.contains("\"chat/assets/"), "{body}");
        assert_eq!(get_json(&router, "/tools/chat/api/users").await["count"], 2);
        assert_eq!(get(&router, "/tools/chat/ws").await.0, StatusCode::BAD_REQUEST);
        assert_eq!(get(&router, "/elsewhere").await.0, StatusCode::NOT_FOUND);
    }
    let (status, _, body) = get(&service, "/tools/chat/").await;
    assert_eq!(status, StatusCode::OK);
    assert!(body.contains("\"assets/"), "{body}");
}

#[tokio::test]
async fn who_has_to_log_in_is_told_so() {
    let (server, _sessions) = server().await;
    let chat = ChatWeb::new(server.hub().clone());
    let router = chat.login(|_| Login::Refused("log in first".into())).router();
    let (status, _, body) = get(&router, "/ws").await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert!(body.contains("log in first"));
}
