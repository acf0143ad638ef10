//! The limit of faulty frames.

use super::{TOO_MANY, nc, unharmed};
use chat_tests::{Setup, TestServer};
use std::time::Duration;

#[tokio::test]
async fn ten_faults_within_ten_seconds_close_the_connection() {
    let clock = TestServer::clock();
    let server = Setup::default().clock(&clock).start();
    let mut bystander = server.member("bystander").await;

    let mut nc = nc(&server, &mut bystander).await;
    for fault in 1..=10 {
        nc.send_bytes(b"\x80\n").await;
        nc.expect(["Line is not valid UTF-8."]).await;
        if fault < 10 {
            clock.advance(Duration::from_secs(1));
        }
    }
    let last = "Too many faulty lines, or too many lines while one waits for its answer. Goodbye!";
    nc.expect([last]).await;
    nc.expect_closed().await;
    bystander
        .expect([concat!(
            r#"{"type":"user_left","channel":"lobby","nickname":"user1","#,
            r#""reason":"too many faults"}"#
        )])
        .await;

    let mut one = server.json("one").await;
    for _ in 0..10 {
        one.send("{").await;
        one.expect_type("error").await;
    }
    one.expect([format!(r#"{{"type":"error","message":"{TOO_MANY}"}}"#)]).await;
    one.expect_closed().await;

    let mut two = server.ws_json("two").await;
    two.send(r#"{"type":"hello","nickname":"two","version":2,"lobby":false}"#).await;
    two.expect_type("welcome").await;
    for _ in 0..10 {
        two.send(r#"{"type":"join","ref":"j"}"#).await;
        two.expect_error("bad_request").await;
    }
    let last = format!(r#"{{"type":"error","code":"too_many_faults","message":"{TOO_MANY}"}}"#);
    two.expect([last]).await;
    two.expect_close_code(4400).await;
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn each_kind_of_fault_counts() {
    let clock = TestServer::clock();
    let server = Setup::default().clock(&clock).start();
    let mut bystander = server.member("bystander").await;
    let mut two = server.json("two").await;
    two.send(r#"{"type":"hello","nickname":"two","version":2,"lobby":false}"#).await;
    two.expect_type("welcome").await;
    for _ in 0..2 {
        two.send_bytes(b"\xff\n").await;
        two.expect_error("invalid_utf8").await;
        two.send("x".repeat(8_193)).await;
        two.expect_error("line_too_long").await;
        let text = "x".repeat(4_097);
        two.send(format!(r#"{{"type":"chat","text":"{text}"}}"#)).await;
        two.expect_error("message_too_long").await;
        let text = [r"x\n"; 64].concat() + "x";
        two.send(format!(r#"{{"type":"chat","text":"{text}"}}"#)).await;
        two.expect_error("too_many_lines").await;
    }
    two.send("{").await;
    two.expect_error("bad_request").await;
    // Commands that are refused for other reasons are no faults.
    for _ in 0..12 {
        two.send(r#"{"type":"join","channel":"a b"}"#).await;
        two.expect_error("channel_name_invalid").await;
        two.send(r#"{"type":"dance"}"#).await;
        two.expect_error("bad_request").await;
    }
    two.expect_nothing_so_far().await;
    two.send("{").await;
    two.expect_error("bad_request").await;
    two.expect_error("too_many_faults").await;
    two.expect_closed().await;
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn nine_faults_within_ten_seconds_are_allowed() {
    let clock = TestServer::clock();
    let server = Setup::default().clock(&clock).start();
    let mut bystander = server.member("bystander").await;
    let mut nc = nc(&server, &mut bystander).await;
    for _ in 0..3 {
        for _ in 0..9 {
            nc.send_bytes(b"\x80\n").await;
            nc.expect(["Line is not valid UTF-8."]).await;
        }
        clock.advance(Duration::from_secs(10));
    }
    unharmed(&mut nc, &mut bystander).await;
}
