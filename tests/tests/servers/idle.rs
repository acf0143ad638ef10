//! Silent clients: they are pinged, and disconnected after their timeout.

use super::bad_input::handshake;
use chat_runtime::Limits;
use chat_runtime::chat_core::Config;
use chat_tests::{Client, PATIENCE, Setup, TestServer};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

#[tokio::test]
async fn silent_web_socket_is_pinged_and_stays_while_it_answers() {
    let limits = patience(Duration::from_millis(20), AN_HOUR);
    let server = Setup::default().limits(limits).start();
    let mut ws = server.ws_json("ws").await;
    ws.join_lobby(r#"{"type":"hello","nickname":"ws","version":2}"#).await;
    // Each silence causes one ping: another follows only because the pong to the one before has
    // arrived.
    for _ in 0..3 {
        ws.expect_ping().await;
    }
    ws.send(r#"{"type":"chat","text":"still here"}"#).await;
    while ws.next_json().await["type"] != "chat" {}
}

#[tokio::test]
async fn web_socket_that_does_not_answer_pings_is_closed() {
    let clock = TestServer::clock();
    let silence = Duration::from_secs(30);
    let server = Setup::default().clock(&clock).limits(patience(silence, 2 * silence)).start();
    let mut bystander = server.ws_json("bystander").await;
    bystander.join_lobby(r#"{"type":"hello","nickname":"bystander","version":2}"#).await;

    let mut stream = TcpStream::connect(server.ws_address()).await.expect("the server listens");
    stream.write_all(handshake().as_bytes()).await.expect("an open socket");
    // {"type":"hello","nickname":"x"}, masked with zeros.
    let hello = br#"{"type":"hello","nickname":"x"}"#;
    let mut frame = vec![0x81, 0x80 | 31, 0, 0, 0, 0];
    frame.extend(hello);
    stream.write_all(&frame).await.expect("an open socket");
    bystander.expect_type("user_joined").await;

    // The bystander answers its ping, the client does not.
    clock.advance(silence);
    bystander.expect_ping().await;
    bystander.expect_nothing_so_far().await;
    clock.advance(silence);
    let left = bystander.expect_type("user_left").await;
    // A ping, then the reason, then the close frame with 4501.
    let mut came = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut came)).await;
    read.expect("the end in time").expect("a proper end");
    let answer_ends = came.windows(4).position(|end| end == b"\r\n\r\n").expect("an answer");
    let frames = &came[answer_ends + 4..];
    let place = |part: &[u8]| frames.windows(part.len()).position(|window| window == part);
    let ping = place(b"\x89\x00").expect("a ping");
    let reason = place(br#"{"type":"error","message":"nothing was sent for too long"}"#);
    let close = place(b"\x88\x06\x11\x95idle").expect("a close frame with 4501");
    assert!(Some(ping) < reason && reason < Some(close), "{frames:?}");
    assert_eq!((&left["nickname"], &left["reason"]), (&"x".into(), &"idle".into()));
}

#[tokio::test]
async fn json_client_on_tcp_is_pinged_in_its_dialect_and_stays_while_it_answers() {
    let clock = TestServer::clock();
    let limits = patience(Duration::from_secs(30), Duration::from_secs(90));
    let server = Setup::default().clock(&clock).limits(limits).start();
    let mut nc = server.bracket("nc").await;
    nc.expect(["* user1 joined the chat"]).await;
    let mut two = server.member("two").await;
    nc.expect(["* two joined the chat"]).await;
    let mut one = server.json("one").await;
    one.join_lobby(r#"{"type":"hello","nickname":"one"}"#).await;
    nc.expect(["* one joined the chat"]).await;
    two.expect_type("user_joined").await;

    for _ in 0..3 {
        clock.advance(Duration::from_secs(30));
        two.expect([r#"{"type":"ping"}"#]).await;
        // A pong is not answered.
        two.send(r#"{"type":"pong","ref":"1"}"#).await;
        two.expect_nothing_so_far().await;
    }
    for _ in 0..2 {
        clock.advance(Duration::from_secs(30));
        two.expect([r#"{"type":"ping"}"#]).await;
    }
    clock.advance(Duration::from_secs(29));
    server.sessions(3).await;
    clock.advance(Duration::from_secs(1));
    two.expect_error("idle").await;
    two.expect_closed().await;
    // Version 1 and text have no ping, so that their sessions stay.
    one.expect([r#"{"type":"user_left","nickname":"two"}"#]).await;
    nc.expect(["* two left the chat"]).await;
    clock.advance(24 * AN_HOUR);
    one.send(r#"{"type":"chat","text":"still here"}"#).await;
    one.expect([r#"{"type":"chat","nickname":"one","text":"still here"}"#]).await;
    nc.expect(["[one]: still here"]).await;
}

#[tokio::test]
async fn session_without_a_nickname_is_closed_in_time() {
    let clock = TestServer::clock();
    let server = Setup::default().clock(&clock).start();
    let mut star = server.star("star").await;
    star.expect_prompt("Enter your name: ").await;
    let mut json = server.json("json").await;
    let mut two = server.json("two").await;
    two.send(r#"{"type":"hello","nickname":"","version":2}"#).await;
    two.expect_error("nickname_invalid").await;
    let mut ws = server.ws_json("ws").await;
    let mut named = server.bracket("named").await;
    named.expect(["* user1 joined the chat"]).await;
    server.sessions(5).await;

    clock.advance(Duration::from_secs(14));
    server.sessions(5).await;
    // JSON clients have a shorter naming timeout than people.
    clock.advance(Duration::from_secs(1));
    json.expect([r#"{"type":"error","message":"no nickname was taken in time"}"#]).await;
    json.expect_closed().await;
    two.expect_error("not_named").await;
    two.expect_closed().await;
    ws.expect([r#"{"type":"error","message":"no nickname was taken in time"}"#]).await;
    ws.expect_close_code(4500).await;
    server.sessions(2).await;

    clock.advance(Duration::from_secs(104));
    // An attempt restarts the timeout.
    star.send("two words").await;
    star.expect(["Nickname cannot contain white space."]).await;
    star.expect_prompt("Enter your name: ").await;
    clock.advance(Duration::from_secs(119));
    server.sessions(2).await;
    clock.advance(Duration::from_secs(1));
    star.expect(["You took too long to set your name. Goodbye!"]).await;
    star.expect_closed().await;
    // A session with a nickname may be silent for ever, unless the server has an idle timeout.
    clock.advance(24 * AN_HOUR);
    named.send("/users").await;
    named.expect(["* online: user1"]).await;
}

#[tokio::test]
async fn idle_session_is_closed_if_configured() {
    let clock = TestServer::clock();
    let config = Config { idle_timeout: Some(Duration::from_secs(300)), ..Config::default() };
    let server = Setup::default().config(config).clock(&clock).start();
    let mut nc = server.bracket("nc").await;
    nc.expect(["* user1 joined the chat"]).await;
    let mut one = server.json("one").await;
    one.join_lobby(r#"{"type":"hello","nickname":"one"}"#).await;
    nc.expect(["* one joined the chat"]).await;
    let mut two = server.member("two").await;
    nc.expect(["* two joined the chat"]).await;
    one.expect([r#"{"type":"user_joined","nickname":"two"}"#]).await;

    clock.advance(Duration::from_secs(299));
    two.send(r#"{"type":"users"}"#).await;
    two.expect_type("users").await;
    // Receiving is no activity, and neither is a ping.
    server.sessions(3).await;

    clock.advance(Duration::from_secs(1));
    nc.expect(["You have been idle for too long. Goodbye!"]).await;
    nc.expect_closed().await;
    expect_left(&mut two, "user1").await;
    one.expect([
        r#"{"type":"user_left","nickname":"user1"}"#,
        r#"{"type":"error","message":"nothing was sent for too long"}"#,
    ])
    .await;
    one.expect_closed().await;
    expect_left(&mut two, "one").await;

    two.expect_nothing_so_far().await;
    clock.advance(Duration::from_secs(299));
    two.expect_error("idle").await;
    two.expect_closed().await;
    server.sessions(0).await;
}

async fn expect_left(two: &mut Client, nickname: &str) {
    two.expect([format!(
        r#"{{"type":"user_left","channel":"lobby","nickname":"{nickname}","reason":"idle"}}"#
    )])
    .await;
}

const AN_HOUR: Duration = Duration::from_secs(3_600);

/// Returns limits with these times after which a silent client is pinged and disconnected.
fn patience(ping_after: Duration, silence: Duration) -> Limits {
    Limits { ping_after, silence, ..Limits::default() }
}
