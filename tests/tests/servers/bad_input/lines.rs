//! Lines over TCP that are invalid, too long or incomplete.

use super::{nc, server_with_bystander, unharmed};
use chat_tests::{Setup, TestServer};
use std::time::Duration;

#[tokio::test]
async fn invalid_utf_8_gets_one_error_on_tcp_text() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut nc = nc(&server, &mut bystander).await;
    for line in [&b"\xc3(\n"[..], b"\x80\r\n", b"hi \xed\xa0\x80 there\n", b"/name \xf0\x9f\n"] {
        nc.send_bytes(line).await;
        nc.expect(["Line is not valid UTF-8."]).await;
    }
    unharmed(&mut nc, &mut bystander).await;
}

#[tokio::test]
async fn invalid_utf_8_gets_one_error_on_tcp_json() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut one = server.json("one").await;
    one.send_bytes(b"{\"type\":\"hello\",\"nickname\":\"\xff\"}\n").await;
    one.expect([r#"{"type":"error","message":"line is not valid UTF-8"}"#]).await;
    one.send(r#"{"type":"hello","nickname":"one","version":2,"lobby":false}"#).await;
    one.expect_type("welcome").await;
    one.send_bytes(b"{\"type\":\"ping\",\"ref\":\"\xc0\xaf\"}\n").await;
    let error = r#"{"type":"error","code":"invalid_utf8","message":"line is not valid UTF-8"}"#;
    one.expect([error]).await;
    one.expect_nothing_so_far().await;
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn too_long_line_gets_one_error_and_is_skipped() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut nc = nc(&server, &mut bystander).await;
    for length in [8_193, 8_194, 20_000, 1_000_000] {
        nc.send("x".repeat(length)).await;
        nc.expect(["Line is longer than 8192 bytes."]).await;
        // The next line is a line again.
        nc.send("/me is still here").await;
        bystander.expect_type("chat").await;
    }
    unharmed(&mut nc, &mut bystander).await;
}

#[tokio::test]
async fn too_long_line_is_an_error_before_its_end() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut nc = nc(&server, &mut bystander).await;
    nc.send_bytes(&[b'x'; 9_000]).await;
    nc.expect(["Line is longer than 8192 bytes."]).await;
    nc.send_bytes(&[b'y'; 9_000]).await;
    nc.send_bytes(b"end of it\n").await;
    unharmed(&mut nc, &mut bystander).await;
}

#[tokio::test]
async fn too_long_json_line_gets_one_error() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut two = server.json("two").await;
    two.send(r#"{"type":"hello","nickname":"two","version":2,"lobby":false}"#).await;
    two.expect_type("welcome").await;
    let padding = |length: usize| {
        let ping = r#"{"type":"ping","ref":"p"}"#;
        format!("{ping}{}", " ".repeat(length - ping.len()))
    };
    two.send(padding(8_192)).await;
    two.expect([r#"{"type":"pong","ref":"p"}"#]).await;
    two.send(padding(8_193)).await;
    let error =
        r#"{"type":"error","code":"line_too_long","message":"line is longer than 8192 bytes"}"#;
    two.expect([error]).await;
    two.expect_nothing_so_far().await;
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn longest_message_is_delivered_and_one_byte_more_is_refused() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut nc = nc(&server, &mut bystander).await;
    let longest = "é".repeat(2_048);
    nc.send(&longest).await;
    assert_eq!(bystander.expect_type("chat").await["text"], longest);
    nc.send(format!("{longest}x")).await;
    nc.expect(["Message is longer than 4096 bytes."]).await;

    // A line of the maximum length is not too long as a line, but its message is.
    nc.send("x".repeat(8_192)).await;
    nc.expect(["Message is longer than 4096 bytes."]).await;
    nc.send_bytes(format!("{}\r\n", "x".repeat(8_192)).as_bytes()).await;
    nc.expect(["Message is longer than 4096 bytes."]).await;
    unharmed(&mut nc, &mut bystander).await;
}

#[tokio::test]
async fn too_long_message_has_an_error_code_in_json() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut two = server.ws_json("two").await;
    two.send(r#"{"type":"hello","nickname":"two","version":2,"lobby":false}"#).await;
    two.expect_type("welcome").await;
    let text = "x".repeat(4_097);
    two.send(format!(r#"{{"type":"chat","to":"bystander","text":"{text}","ref":"c"}}"#)).await;
    let error = concat!(
        r#"{"type":"error","ref":"c","code":"message_too_long","#,
        r#""message":"message is longer than 4096 bytes"}"#
    );
    two.expect([error]).await;
    bystander.expect_nothing_so_far().await;
    two.send(format!(r#"{{"type":"chat","to":"bystander","text":"{}"}}"#, &text[1..])).await;
    two.expect_type("ack").await;
    assert_eq!(bystander.expect_type("chat").await["text"], text[1..]);
}

#[tokio::test]
async fn each_single_byte_line_is_answered_or_delivered() {
    let clock = TestServer::clock();
    let server = Setup::default().clock(&clock).start();
    let mut bystander = server.member("bystander").await;
    let mut nc = nc(&server, &mut bystander).await;
    for byte in 0..=u8::MAX {
        // Slowly enough for the rate limit and the limit of faults.
        clock.advance(Duration::from_secs(2));
        nc.send_bytes(&[byte, b'\n']).await;
        match byte {
            b'/' => nc.expect(["Unknown command. Type /help for available commands."]).await,
            // White space is ignored.
            b'\t'..=b'\r' | b' ' => {}
            // Ctrl+C, backspace, Ctrl+U and DEL erase, and nothing is left of the line.
            0x03 | 0x08 | 0x15 | 0x7f => {}
            0..b' ' => nc.expect(["Message cannot be empty."]).await,
            33..=126 => {
                let text = char::from(byte).to_string();
                assert_eq!(bystander.expect_type("chat").await["text"], text);
            }
            128.. => nc.expect(["Line is not valid UTF-8."]).await,
        }
        // A barrier: neither side has received anything else.
        nc.send("/name").await;
        nc.expect(["Usage: /name <your_name>"]).await;
        bystander.expect_nothing_so_far().await;
    }
}

#[tokio::test]
async fn incomplete_line_is_not_processed() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut nc = nc(&server, &mut bystander).await;
    nc.send_bytes(b"half a mess").await;
    drop(nc);
    let left = bystander.next_json().await;
    assert_eq!((&left["type"], &left["nickname"]), (&"user_left".into(), &"user1".into()));
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn incomplete_object_is_not_processed() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut json = server.json("json").await;
    json.send_bytes(br#"{"type":"hello","nickname":"half"}"#).await;
    server.sessions(2).await;
    drop(json);
    server.sessions(1).await;
    bystander.expect_nothing_so_far().await;
}
