//! Authentication: tokens in every place where a client can send them, several sessions of one
//! user, and an authenticator that fails.

use async_trait::async_trait;
use axum::Router;
use chat_jwt::{JwtAuthenticator, JwtKey};
use chat_runtime::chat_core::script::Script;
use chat_runtime::chat_core::{Answer, Config};
use chat_runtime::chat_dialects::{AuthRequest, TextDialect};
use chat_runtime::{Authenticator, ManualClock, Server, Unavailable};
use chat_tests::{ANY_PORT, Client, Setup, TestServer, shards, stop};
use chat_web::{ChatWeb, Login, WebFrontEnd};
use http::header::{AUTHORIZATION, COOKIE};
use http::request::Parts;
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpListener;
use transport_ws::WsEndpoint;

#[tokio::test]
async fn sessions_of_any_transport_with_one_token_are_one_user() {
    let (server, _clock) = server();
    let mut watcher = watcher(&server).await;

    let mut tcp = server.json("tcp").await;
    hello(&mut tcp, &alice(60)).await;
    expect_entry(&mut tcp, "Alice", &["Alice", "user1"]).await;
    watcher.expect(["* Alice joined the chat"]).await;
    let mut ws = server.ws_json("ws").await;
    hello(&mut ws, &alice(60)).await;
    expect_entry(&mut ws, "Alice", &["Alice", "user1"]).await;

    // A message from one session reaches the other; everybody else receives it once.
    ws.send(r#"{"type":"chat","text":"hi","ref":"1"}"#).await;
    ws.expect_type("ack").await;
    assert_eq!(tcp.expect_type("chat").await["text"], "hi");
    watcher.expect(["[Alice]: hi"]).await;

    ws.send(r#"{"type":"quit"}"#).await;
    while ws.next_or_end().await.is_ok() {}
    server.sessions(2).await;
    tcp.expect_nothing_so_far().await;
    tcp.send(r#"{"type":"chat","text":"still here"}"#).await;
    watcher.expect(["[Alice]: still here"]).await;
    // The user of an account stays for a while if the connection is lost.
    tcp.send(r#"{"type":"quit"}"#).await;
    watcher.expect(["* Alice left the chat"]).await;
    server.stop().await;
}

#[tokio::test]
async fn web_socket_request_may_carry_a_token() {
    let (server, _clock) = server();
    let address = server.ws_address();
    let bearer = format!("Bearer {}", alice(60));
    let mut bearer = Client::web_socket_with("bearer", address, (AUTHORIZATION, &bearer)).await;
    bearer.send(r#"{"type":"hello","version":2}"#).await;
    expect_entry(&mut bearer, "Alice", &["Alice"]).await;
    let cookie = format!("theme=dark; chat_token={}", alice(60));
    let mut cookie = Client::web_socket_with("cookie", address, (COOKIE, &cookie)).await;
    // The page asks for a nickname, and gets that of the token.
    cookie.send(r#"{"type":"hello","version":2,"nickname":"somebody"}"#).await;
    expect_entry(&mut cookie, "Alice", &["Alice"]).await;

    // A token in the hello takes precedence over the browser's cookie.
    let with_both = format!("chat_token={}", alice(60));
    let mut both = Client::web_socket_with("both", address, (COOKIE, &with_both)).await;
    hello(&mut both, &token(json!({ "sub": "bo", "name": "Bob", "exp": in_seconds(60) }))).await;
    expect_entry(&mut both, "Bob", &["Alice", "Bob"]).await;

    let other = format!("other={}", alice(60));
    let mut other = Client::web_socket_with("other", address, (COOKIE, &other)).await;
    other.send(r#"{"type":"hello","version":2,"nickname":"carol"}"#).await;
    expect_welcome(&mut other, "carol").await;
    server.stop().await;
}

#[tokio::test]
async fn web_front_end_accepts_tokens() {
    let endpoint = WsEndpoint::default().cookie("chat_token");
    let front_end = WebFrontEnd::bind(ANY_PORT, endpoint).expect("a free port");
    let address = front_end.local_addr();
    let tokens = tokens(&ManualClock::at(Script::START));
    let server = Server::new().shards(shards()).authenticator(tokens).front_end(front_end).start();
    // The server uses the system's clock here, so the token has to be valid for years.
    let cookie = format!("chat_token={}", alice(1 << 40));
    let mut wes = Client::web_socket_with("wes", address, (COOKIE, &cookie)).await;
    wes.send(r#"{"type":"hello","version":2,"nickname":"wes"}"#).await;
    expect_welcome(&mut wes, "Alice").await;
    stop(server).await;
}

#[tokio::test]
async fn nickname_from_the_token_cannot_be_changed() {
    let (server, _clock) = server();
    let mut named = server.json("named").await;
    hello(&mut named, &alice(60)).await;
    expect_entry(&mut named, "Alice", &["Alice"]).await;
    named.send(r#"{"type":"rename","nickname":"root","ref":"1"}"#).await;
    named.expect_error("nickname_given").await;

    // Without a nickname in the token, the client chooses one, and may change it.
    let nameless = token(json!({ "sub": "bo", "exp": in_seconds(60) }));
    let mut free = server.json("free").await;
    let wish = json!({ "type": "hello", "version": 2, "token": nameless, "nickname": "bob" });
    free.send(wish.to_string()).await;
    expect_entry(&mut free, "bob", &["Alice", "bob"]).await;
    free.send(r#"{"type":"rename","nickname":"robert","ref":"1"}"#).await;
    free.expect_type("ok").await;

    server.stop().await;
}

#[tokio::test]
async fn display_name_that_is_no_nickname_does_not_prevent_login() {
    let (server, _clock) = server();
    let mut watcher = watcher(&server).await;
    watcher.send("/name Alice").await;
    watcher.expect(["* user1 is now known as Alice"]).await;
    let too_long = "x".repeat(40);
    for (number, name) in
        ["Jane Doe", "", &too_long, "ALICE", "#jane", "a\u{202e}b"].iter().enumerate()
    {
        let (account, own) = (format!("account{number}"), format!("own{number}"));
        let token = token(json!({ "sub": account, "name": name, "exp": in_seconds(60) }));
        let mut own_choice = server.ws_json("own choice").await;
        let wish = json!({ "type": "hello", "version": 2, "token": token, "nickname": own });
        own_choice.send(wish.to_string()).await;
        expect_welcome(&mut own_choice, &own).await;
        watcher.expect([format!("* {own} joined the chat")]).await;
        own_choice.expect_type("roster").await;
        own_choice.send(r#"{"type":"rename","nickname":"jane","ref":"1"}"#).await;
        own_choice.expect_type("ok").await;
        watcher.expect([format!("* {own} is now known as jane")]).await;
        own_choice.send(r#"{"type":"quit"}"#).await;
        watcher.expect(["* jane left the chat"]).await;
    }
    // The same holds if the client offers no nickname, or one that is in use.
    for (account, nickname, given) in [("bo", None, "user2"), ("co", Some("alice"), "user3")] {
        let token = token(json!({ "sub": account, "name": "Bo Peep", "exp": in_seconds(60) }));
        let mut client = server.json("client").await;
        let wish = json!({ "type": "hello", "version": 2, "token": token, "nickname": nickname });
        client.send(wish.to_string()).await;
        expect_welcome(&mut client, given).await;
        watcher.expect([format!("* {given} joined the chat")]).await;
        client.expect_type("roster").await;
        client.send(r#"{"type":"quit"}"#).await;
        watcher.expect([format!("* {given} left the chat")]).await;
    }
    // The first claim in the list takes precedence.
    let claims =
        json!({ "sub": "jane", "name": "Jane", "preferred_username": "jd", "exp": in_seconds(60) });
    let mut jane = server.json("jane").await;
    hello(&mut jane, &token(claims)).await;
    expect_welcome(&mut jane, "jd").await;
    server.stop().await;
}

#[tokio::test]
async fn token_names_a_text_session_at_once_in_every_style() {
    let refused = "Your nickname is given by your login and cannot be changed.";
    for (style, own) in [
        (TextDialect::bracket(), "* Alice joined the chat"),
        (TextDialect::star(), "** Alice joined **"),
        (TextDialect::plain(), "You are now known as Alice"),
    ] {
        let clock = TestServer::clock();
        let setup = Setup::default().clock(&clock).authenticator(tokens(&clock));
        let server = setup.endpoint(WsEndpoint::default().text(style)).start();
        let mut watcher = watcher(&server).await;
        let bearer = format!("Bearer {}", alice(60));
        let header = (AUTHORIZATION, &*bearer);
        let mut text = Client::text_socket_with("text", server.ws_address(), header).await;
        // The client does not wait for the welcome.
        text.send("hi").await;
        text.send("/name Mallory").await;
        watcher.expect(["* Alice joined the chat", "[Alice]: hi"]).await;
        while !text.next().await.ends_with(own) {}
        while text.next().await != refused {}
        server.stop().await;
    }
}

#[tokio::test]
async fn refused_token_ends_a_text_session() {
    let (server, _clock) = server();
    let header = || (AUTHORIZATION, "Bearer forged");
    let mut text = Client::text_socket_with("text", server.ws_address(), header()).await;
    text.send("hi").await;
    while text.next().await != "Your token is not valid here." {}
    text.expect_close_code(4403).await;
    server.stop().await;
    // Without an authenticator, the token is ignored.
    let server = TestServer::start();
    let mut text = Client::text_socket_with("text", server.ws_address(), header()).await;
    text.send("hi").await;
    while text.next().await != "Please set your name first with: /name <your_name>" {}
    server.stop().await;
}

#[tokio::test]
async fn session_ends_when_its_token_expires() {
    let (server, clock) = server();
    let mut watcher = watcher(&server).await;
    let mut tcp = server.json("tcp").await;
    hello(&mut tcp, &alice(60)).await;
    expect_entry(&mut tcp, "Alice", &["Alice", "user1"]).await;
    watcher.expect(["* Alice joined the chat"]).await;
    let mut ws = server.ws_json("ws").await;
    hello(&mut ws, &alice(120)).await;
    expect_entry(&mut ws, "Alice", &["Alice", "user1"]).await;

    // Up to the last of its 60 seconds, plus the leeway.
    clock.advance(Duration::from_secs(64));
    tcp.expect_nothing_so_far().await;
    clock.advance(Duration::from_secs(1));
    let error = tcp.expect_error("login_expired").await;
    assert_eq!(error["message"], "your login has expired");
    tcp.expect_closed().await;
    ws.expect_nothing_so_far().await;
    clock.advance(Duration::from_secs(60));
    ws.expect_error("login_expired").await;
    ws.expect_close_code(4401).await;
    watcher.expect(["* Alice left the chat"]).await;

    let mut again = server.json("again").await;
    hello(&mut again, &alice(60)).await;
    let error = again.expect_error("authentication_failed").await;
    assert_eq!(error["message"], "your token has expired");
    // Another token may follow on the same connection.
    hello(&mut again, &alice(600)).await;
    expect_welcome(&mut again, "Alice").await;
    server.stop().await;
}

#[tokio::test]
async fn authentication_failure_is_reported_in_every_dialect() {
    let clock = TestServer::clock();
    let server = Setup::default().clock(&clock).authenticator(tokens(&clock).guests(false)).start();
    let wanted = "this server wants a token: send one in the JSON hello, or as Authorization: \
                  Bearer when opening a WebSocket";
    let sentence = format!("T{}.", &wanted[1..]);
    let mut nc = server.bracket("nc").await;
    nc.expect([&sentence]).await;
    nc.expect_closed().await;
    let mut star = server.star("star").await;
    star.expect_prompt("Enter your name: ").await;
    star.send("alice").await;
    star.expect([&sentence]).await;
    star.expect_closed().await;
    let mut plain = server.ws_text("plain").await;
    plain.send("/name alice").await;
    while plain.next().await != sentence {}
    plain.expect_close_code(4403).await;

    let mut one = server.json("one").await;
    one.send(r#"{"type":"hello","nickname":"alice"}"#).await;
    one.expect([format!(r#"{{"type":"error","message":"{wanted}"}}"#)]).await;
    one.expect_closed().await;
    let mut two = server.json("two").await;
    two.send(r#"{"type":"hello","nickname":"alice","version":2}"#).await;
    assert_eq!(two.expect_error("authentication_failed").await["message"], wanted);
    hello(&mut two, "garbage").await;
    let error = two.expect_error("authentication_failed").await;
    assert_eq!(error["message"], "your token is not valid here");

    // Version 1 can send a token as well.
    let mut one = server.json("one").await;
    one.send(json!({ "type": "hello", "token": alice(60) }).to_string()).await;
    one.expect([r#"{"type":"welcome","nickname":"Alice"}"#]).await;
    server.stop().await;
}

#[tokio::test]
async fn guests_are_admitted_where_allowed() {
    let (server, _clock) = server();
    let mut nc = server.bracket("nc").await;
    nc.expect(["* user1 joined the chat"]).await;
    nc.send("/name bob").await;
    nc.expect(["* user1 is now known as bob"]).await;
    let mut star = server.star("star").await;
    star.expect_prompt("Enter your name: ").await;
    star.send("carol").await;
    star.expect(["00:00:00 ** carol joined **"]).await;
    server.stop().await;
}

#[tokio::test]
async fn failing_authenticator_ends_no_session() {
    for trouble in [Trouble::Fails, Trouble::Hangs, Trouble::Panics] {
        let clock = TestServer::clock();
        let server = Setup::default().clock(&clock).authenticator(trouble).start();
        let mut nc = server.bracket("nc").await;
        nc.expect(["* user1 joined the chat"]).await;
        let mut other = server.bracket("other").await;
        other.expect(["* user2 joined the chat", "* user1 joined the chat"]).await;
        nc.expect(["* user2 joined the chat"]).await;

        let mut two = server.json("two").await;
        hello(&mut two, "t0ken").await;
        if trouble != Trouble::Fails {
            // Users who are in the lobby already can chat meanwhile.
            two.send(r#"{"type":"chat","text":"well?","ref":"early"}"#).await;
            two.expect_error("not_identified").await;
            nc.send("hi").await;
            other.expect(["[user1]: hi"]).await;
            clock.advance(Config::default().answer_timeout);
        }
        let error = two.expect_error("try_again").await;
        let told = "it cannot be checked at the moment who you are; try again";
        assert_eq!(error["message"], told, "{trouble:?}");

        // The server still lets others in.
        let mut late = server.json("late").await;
        late.send(r#"{"type":"hello","nickname":"late","version":2}"#).await;
        expect_welcome(&mut late, "late").await;
        server.stop().await;
    }
}

#[tokio::test]
async fn two_windows_of_one_login_are_one_user() {
    let server = Server::new().authenticator(Trouble::Panics).start();
    // The application's login takes precedence: the authenticator is not asked.
    let login = |request: &Parts| match request.headers.get(COOKIE).map(|value| value.as_bytes()) {
        Some(b"session=alice") => {
            Login::As { nickname: "Alice".into(), account: Some("al".into()) }
        }
        _ => Login::Refused("log in first".into()),
    };
    let chat = ChatWeb::new(server.hub().clone()).login(login).router();
    let application = Router::new().nest_service("/chat", chat.clone()).merge(chat);
    let listener = TcpListener::bind(ANY_PORT).await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let serving = tokio::spawn(async move { axum::serve(listener, application).await });

    let hello = r#"{"type":"hello","version":2,"nickname":"somebody"}"#;
    let mut first = Client::web_socket_with("first", address, (COOKIE, "session=alice")).await;
    first.send(hello).await;
    expect_entry(&mut first, "Alice", &["Alice"]).await;
    let mut second = Client::web_socket_with("second", address, (COOKIE, "session=alice")).await;
    second.send(hello).await;
    expect_entry(&mut second, "Alice", &["Alice"]).await;
    first.expect_nothing_so_far().await;
    second.send(r#"{"type":"chat","text":"from here"}"#).await;
    assert_eq!(first.expect_type("chat").await["text"], "from here");
    stop(server).await;
    serving.abort();
}

/// Starts a server that accepts tokens, also in the cookie `chat_token`, and lets guests in.
fn server() -> (TestServer, ManualClock) {
    let clock = TestServer::clock();
    let setup = Setup::default().clock(&clock).authenticator(tokens(&clock));
    let server = setup.endpoint(WsEndpoint::default().cookie("chat_token")).start();
    (server, clock)
}

fn tokens(clock: &ManualClock) -> JwtAuthenticator {
    let key = JwtKey::secret(SECRET).expect("a secret that is long enough");
    JwtAuthenticator::new(key).guests(true).clock(clock.clone())
}

/// Connects a text client, the first in the lobby.
async fn watcher(server: &TestServer) -> Client {
    let mut watcher = server.bracket("watcher").await;
    watcher.expect(["* user1 joined the chat"]).await;
    watcher
}

async fn hello(client: &mut Client, token: &str) {
    client.send(json!({ "type": "hello", "version": 2, "token": token }).to_string()).await;
}

async fn expect_welcome(client: &mut Client, nickname: &str) {
    assert_eq!(client.expect_type("welcome").await["nickname"], nickname);
}

/// Expects the welcome under this nickname, and the roster of the lobby with these members.
async fn expect_entry(client: &mut Client, nickname: &str, nicknames: &[&str]) {
    expect_welcome(client, nickname).await;
    let roster = client.expect_type("roster").await;
    let members = roster["members"].as_array().expect("members").iter();
    assert_eq!(members.map(|member| &member["nickname"]).collect::<Vec<_>>(), nicknames);
}

/// Returns Alice's token, which expires `seconds` after the start time of scripts.
fn alice(seconds: u64) -> String {
    token(json!({ "sub": "al", "name": "Alice", "exp": in_seconds(seconds) }))
}

fn token(claims: Value) -> String {
    encode(&Header::default(), &claims, &EncodingKey::from_secret(SECRET)).expect("a token")
}

fn in_seconds(seconds: u64) -> u64 {
    Script::START.as_millis() / 1_000 + seconds
}

/// An authenticator that goes wrong in one of these ways when there is a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    Fails,
    Hangs,
    Panics,
}

#[async_trait]
impl Authenticator for Trouble {
    async fn authenticate(&self, request: &AuthRequest) -> Result<Answer, Unavailable> {
        if request.token.is_none() {
            return Ok(Answer::Guest);
        }
        match self {
            Self::Fails => Err("the database is on fire".into()),
            Self::Hangs => std::future::pending().await,
            Self::Panics => panic!("this test needs a panic"),
        }
    }
}

const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
