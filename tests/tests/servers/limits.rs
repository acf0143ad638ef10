//! Each limit is tested from both sides over real sockets: the largest allowed value, and one more.

use chat_runtime::Limits;
use chat_runtime::chat_core::Config;
use chat_tests::{Client, Setup, TestServer, connections, sample};
use serde_json::json;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A client that reconnects uses half of its burst to join all of its channels.
#[tokio::test]
async fn fifty_channels_are_joined_with_one_request_within_the_burst() {
    let clock = TestServer::clock();
    let server = Setup::default().clock(&clock).start();
    let mut one = server.member("one").await;
    let mut channels: Vec<String> = (1..50).map(|number| format!("c{number}")).collect();
    channels.push("lobby".to_owned());
    one.send(json!({ "type": "join", "channels": channels, "ref": "all" }).to_string()).await;
    for channel in &channels {
        let roster = one.expect_type("roster").await;
        assert_eq!((&roster["channel"], roster.get("ref")), (&json!(channel), None));
    }
    let joined = one.expect_type("joined").await;
    let expected = json!({ "type": "joined", "ref": "all", "channels": channels, "refused": [] });
    assert_eq!(joined, expected);
    for _ in 0..10 {
        one.send(r#"{"type":"channels"}"#).await;
        one.expect_type("channels").await;
    }
    one.send(r#"{"type":"channels"}"#).await;
    one.expect_error("rate_limited").await;

    // The fifty-first channel cannot be joined, alone or with others.
    clock.advance(Duration::from_secs(2));
    one.send(r#"{"type":"join","channels":["c1","fifty-first"]}"#).await;
    one.expect_type("roster").await;
    let joined = one.expect_type("joined").await;
    let refused = &joined["refused"][0];
    assert_eq!(refused["channel"], "fifty-first");
    assert_eq!(refused["index"], 1);
    assert_eq!(refused["code"], "too_many_channels_joined");
    channels.push("c51".to_owned());
    one.send(json!({ "type": "join", "channels": channels, "ref": "51" }).to_string()).await;
    assert_eq!(one.expect_error("too_many_targets").await["ref"], "51");
}

#[tokio::test]
async fn connections_per_address_limit_is_reported_in_every_dialect() {
    let limits = Limits {
        connections_per_address: 1,
        connects_per_second: 0,
        loopback_exempt: false,
        ..Limits::default()
    };
    let server = Setup::default().limits(limits).start();
    let mut first = server.json("first").await;
    first.join_lobby(r#"{"type":"hello","nickname":"first","version":2}"#).await;

    let words = "there are 1 connections from your address already; close one of them first";
    let mut nc = server.bracket("nc").await;
    nc.expect([format!("T{}.", &words[1..])]).await;
    nc.expect_closed().await;
    let mut json = server.json("json").await;
    json.expect([format!(r#"{{"type":"error","message":"{words}"}}"#)]).await;
    json.expect_closed().await;
    let answer = upgrade(server.ws_address()).await;
    assert!(answer.starts_with("HTTP/1.1 429 Too Many Requests\r\n"), "{answer}");
    assert!(
        answer.contains("\r\nRetry-After: 1\r\n") && answer.ends_with(&format!("{words}\n")),
        "{answer}"
    );
    first.expect_nothing_so_far().await;

    // There is room again when the first connection has ended.
    first.send(r#"{"type":"quit"}"#).await;
    first.expect_type("goodbye").await;
    first.expect_closed().await;
    connections(server.hub(), 0).await;
    let mut second = server.bracket("second").await;
    second.expect(["* user1 joined the chat"]).await;
    let metrics = server.hub().metrics().await.expect("the server runs");
    let refused = r#"chat_connections_refused_total{reason="too_many_connections"}"#;
    assert_eq!(sample(&metrics, refused), 3);
}

#[tokio::test]
async fn connects_per_second_limit_applies_to_an_address() {
    let limits = Limits { connects_per_second: 2, loopback_exempt: false, ..Limits::default() };
    let server = Setup::default().limits(limits).start();
    let mut refused = 0;
    // Each connection needs half a second of the allowance; these connect faster, since otherwise
    // the test would take a minute.
    let mut clients = Vec::new();
    for number in 0..120 {
        let mut client = server.bracket(&format!("client {number}")).await;
        let line = client.next().await;
        if line == "Too many connections from your address in too short a time; wait a second." {
            client.expect_closed().await;
            refused += 1;
        } else {
            assert!(line.ends_with(" joined the chat"), "{line}");
            clients.push(client);
        }
    }
    assert!(refused > 0, "no connection was refused");
    assert!(clients.len() >= 2, "two may come at once");
}

/// Lengths from two bytes below to two bytes above the limit, with letters of one and of two bytes.
#[tokio::test]
async fn messages_of_every_length_around_the_limit_are_accepted_or_refused() {
    let config = Config { commands_per_second: 0, message_bytes: 100, ..Config::default() };
    let server = Setup::default().config(config).start();
    for mut client in [server.json("tcp").await, server.ws_json("ws").await] {
        client.join_lobby(r#"{"type":"hello","guest":true,"version":2}"#).await;
        for length in 98..=102 {
            for text in ["x".repeat(length), "é".repeat(length / 2) + &"x".repeat(length % 2)] {
                assert_eq!(text.len(), length);
                client.send(format!(r#"{{"type":"chat","text":"{text}"}}"#)).await;
                if length <= 100 {
                    client.expect_type("ack").await;
                    assert_eq!(client.expect_type("chat").await["text"], text);
                } else {
                    client.expect_error("message_too_long").await;
                }
            }
        }
        client.send(r#"{"type":"quit"}"#).await;
        client.expect_type("goodbye").await;
    }
}

#[tokio::test]
async fn lines_of_every_length_around_the_limit_are_read_or_skipped() {
    let server = Setup::default().limits(Limits { frame_bytes: 100, ..Limits::default() }).start();
    for ending in ["\n", "\r\n"] {
        let mut json = server.json("json").await;
        json.join_lobby(r#"{"type":"hello","guest":true,"version":2}"#).await;
        for length in 98..=102 {
            let ping = r#"{"type":"ping"}"#;
            let line = format!("{ping}{}{ending}", " ".repeat(length - ping.len()));
            json.send_bytes(line.as_bytes()).await;
            if length <= 100 {
                json.expect_type("pong").await;
            } else {
                json.expect_error("line_too_long").await;
            }
        }
        json.expect_nothing_so_far().await;
    }
}

#[tokio::test]
async fn names_and_texts_of_every_length_around_their_limits_are_accepted_or_refused() {
    let config = Config {
        commands_per_second: 0,
        nickname_length: 8,
        channel_name_length: 8,
        topic_bytes: 8,
        away_bytes: 8,
        reason_bytes: 8,
        key_bytes: 8,
        ..Config::default()
    };
    let server = Setup::default().config(config).start();
    let mut one = member(&server, "one").await;
    one.send(r#"{"type":"join","channel":"a"}"#).await;
    one.expect_type("roster").await;
    // The request, the type of the answer if it is accepted, the code if it is refused, and whether
    // characters are counted instead of bytes.
    let limited = [
        (r#"{"type":"rename","nickname":"_"}"#, "ok", "nickname_invalid", true),
        (r#"{"type":"join","channel":"_"}"#, "roster", "channel_name_invalid", true),
        (r#"{"type":"topic","channel":"a","topic":"_"}"#, "ok", "topic_too_long", false),
        (r#"{"type":"away","message":"_"}"#, "ok", "away_too_long", false),
        (
            r#"{"type":"kick","channel":"a","nickname":"nobody","reason":"_"}"#,
            "",
            "reason_too_long",
            false,
        ),
        (r#"{"type":"modes","channel":"a","key":"_"}"#, "ok", "key_invalid", false),
    ];
    for (request, taken, refused, characters) in limited {
        for length in 6..=10 {
            let (ascii, wide) =
                ("x".repeat(length), "é".repeat(length / 2) + &"y".repeat(length % 2));
            for text in [ascii, wide] {
                let size = if characters { text.chars().count() } else { text.len() };
                one.send(request.replace('_', &text)).await;
                let answer = one.next_json().await;
                // The length of a text is checked before the named user is looked up.
                if size > 8 {
                    assert_eq!(answer["code"], refused, "{answer}");
                } else if taken.is_empty() {
                    assert_eq!(answer["code"], "no_such_user", "{answer}");
                } else {
                    assert_eq!(answer["type"], taken, "{answer}");
                }
            }
        }
    }
    for length in 6..=10 {
        let mut two = member(&server, "two").await;
        two.send(format!(r#"{{"type":"join","channel":"b{length}"}}"#)).await;
        two.expect_type("roster").await;
        let reason = "é".repeat(length / 2) + &"x".repeat(length % 2);
        two.send(format!(r#"{{"type":"leave","channel":"b{length}","reason":"{reason}"}}"#)).await;
        if length <= 8 {
            two.expect_type("ok").await;
        } else {
            two.expect_error("reason_too_long").await;
        }
        two.send(r#"{"type":"quit"}"#).await;
        two.expect_type("goodbye").await;
        two.expect_closed().await;
    }
}

async fn member(server: &TestServer, name: &str) -> Client {
    let mut client = server.json(name).await;
    client
        .send(format!(r#"{{"type":"hello","nickname":"{name}","version":2,"lobby":false}}"#))
        .await;
    client.expect_type("welcome").await;
    client
}

async fn upgrade(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    let request = b"GET /ws HTTP/1.1\r\nHost: chat.example\r\n\r\n";
    stream.write_all(request).await.expect("an open socket");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an open socket");
    String::from_utf8_lossy(&answer).into_owned()
}
