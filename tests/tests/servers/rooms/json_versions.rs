//! The two versions of the JSON dialect.

use super::{Room, server_at_14_03_22};
use chat_tests::{Setup, TestServer};
use std::time::Duration;

#[tokio::test]
async fn version_1_receives_only_its_own_types() {
    let (server, clock) = server_at_14_03_22();
    let mut room = Room::gather(&server).await;

    // Every request of others in the lobby and elsewhere, one after the other.
    let requests = [
        r#"{"type":"topic","channel":"lobby","topic":"tea"}"#,
        r#"{"type":"away","message":"lunch"}"#,
        r#"{"type":"away"}"#,
        r#"{"type":"join","channel":"rust"}"#,
        r#"{"type":"modes","channel":"rust","moderated":true}"#,
        r#"{"type":"chat","channel":"rust","text":"only here"}"#,
        r#"{"type":"invite","channel":"rust","nickname":"one"}"#,
        r#"{"type":"ban","channel":"rust","nickname":"one"}"#,
        r#"{"type":"mute","channel":"rust","nickname":"one"}"#,
        r#"{"type":"chat","text":"a notice","kind":"notice"}"#,
        r#"{"type":"leave","channel":"rust"}"#,
        r#"{"type":"history","channel":"lobby"}"#,
        r#"{"type":"users"}"#,
        r#"{"type":"channels"}"#,
    ];
    for request in requests {
        room.two.send(request).await;
    }
    // The last message is a barrier: any other frame would arrive before it.
    room.two.send(r#"{"type":"chat","text":"the end"}"#).await;
    room.one
        .expect([
            r#"{"type":"chat","nickname":"two","text":"a notice"}"#,
            r#"{"type":"chat","nickname":"two","text":"the end"}"#,
        ])
        .await;

    // A private message has no type of its own in version 1, and arrives as a chat object.
    room.nc.send("/msg one psst").await;
    room.nc.send("after that").await;
    room.one
        .expect([
            r#"{"type":"chat","nickname":"user1","text":"(private) psst"}"#,
            r#"{"type":"chat","nickname":"user1","text":"after that"}"#,
        ])
        .await;

    // Requests of version 2 are unknown to version 1, and do not end its connection.
    clock.advance(Duration::from_secs(60));
    for kind in ["join", "ping", "users", "quit"] {
        room.one.send(format!(r#"{{"type":"{kind}","channel":"rust","ref":"x"}}"#)).await;
        let error = format!(r#"{{"type":"error","message":"unknown type '{kind}'"}}"#);
        room.one.expect([error]).await;
    }
    room.one.send(r#"{"type":"chat","text":"still here","channel":"rust","ref":"x"}"#).await;
    room.one.expect([r#"{"type":"chat","nickname":"one","text":"still here"}"#]).await;
}

/// A client that reconnects sees by `boot` whether it is the same server, and by `epoch` whether
/// message ids continue.
#[tokio::test]
async fn boot_is_equal_for_all_sessions_and_changes_after_a_restart() {
    let clock = TestServer::clock();
    let mut boots = Vec::new();
    for _ in 0..2 {
        let server = Setup::default().clock(&clock).start();
        for name in ["one", "two"] {
            let mut client = server.json(name).await;
            client.send(format!(r#"{{"type":"hello","nickname":"{name}","version":2}}"#)).await;
            let welcome = client.expect_type("welcome").await;
            boots.push(welcome["boot"].as_str().expect("a string").to_owned());
            // Without a store, ids begin again after each restart.
            assert_eq!(welcome["epoch"], welcome["boot"]);
            clock.advance(Duration::from_secs(1));
        }
        server.stop().await;
    }
    let [one, two, three, four] = &boots[..] else { panic!("four sessions") };
    assert_eq!((one, three), (two, four));
    assert_ne!(one, three);
}

#[tokio::test]
async fn version_1_is_told_of_all_joins_and_leaves_of_the_lobby() {
    let (server, _) = server_at_14_03_22();
    let mut one = server.json("one").await;
    one.send(r#"{"type":"hello","nickname":"one"}"#).await;
    // No other user is in the lobby, so there is no roster.
    one.expect([r#"{"type":"welcome","nickname":"one"}"#]).await;

    let mut two = server.ws_json("two").await;
    two.send(r#"{"type":"hello","nickname":"two","version":2,"lobby":false}"#).await;
    two.expect_type("welcome").await;
    two.send(r#"{"type":"join","channel":"rust"}"#).await;
    two.expect_type("roster").await;
    two.send(r#"{"type":"join","channel":"lobby"}"#).await;
    two.expect_type("roster").await;
    one.expect([r#"{"type":"user_joined","nickname":"two"}"#]).await;
    two.send(r#"{"type":"leave","channel":"lobby","reason":"too loud"}"#).await;
    two.expect([r#"{"type":"ok"}"#]).await;
    one.expect([r#"{"type":"user_left","nickname":"two"}"#]).await;

    // Users outside the lobby are not announced, and their messages are not delivered.
    two.send(r#"{"type":"chat","channel":"rust","text":"hello?"}"#).await;
    two.expect_type("ack").await;
    two.expect_type("chat").await;
    two.send(r#"{"type":"rename","nickname":"deux"}"#).await;
    two.expect([r#"{"type":"ok"}"#]).await;
    two.send(r#"{"type":"quit"}"#).await;
    two.expect([r#"{"type":"goodbye"}"#]).await;
    one.send(r#"{"type":"chat","text":"alone"}"#).await;
    one.expect([r#"{"type":"chat","nickname":"one","text":"alone"}"#]).await;
}
