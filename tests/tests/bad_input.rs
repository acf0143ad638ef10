//! Whatever a client sends: it gets one clear answer in its own form, the others in the room notice nothing, and the server
//! goes on.

use chat_runtime::core::Config;
use chat_tests::{Client, PATIENCE, Setup, TestServer};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use transport_ws::WsEndpoint;

// Over TCP: lines.

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
async fn a_line_that_is_too_long_gets_one_error_and_the_rest_is_skipped() {
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
async fn a_line_that_is_too_long_is_an_error_before_it_has_ended() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut nc = nc(&server, &mut bystander).await;
    nc.send_bytes(&[b'x'; 9_000]).await;
    nc.expect(["Line is longer than 8192 bytes."]).await;
    nc.send_bytes(&[b'y'; 9_000]).await;
    nc.send_bytes(b"end of it\n").await;
    unharmed(&mut nc, &mut bystander).await;
}

#[tokio::test]
async fn a_json_line_that_is_too_long_gets_one_error() {
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
async fn the_longest_message_is_delivered_and_one_byte_more_is_refused() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut nc = nc(&server, &mut bystander).await;
    let longest = "é".repeat(2_048);
    nc.send(&longest).await;
    assert_eq!(bystander.expect_type("chat").await["text"], longest);
    nc.send(format!("{longest}x")).await;
    nc.expect(["Message is longer than 4096 bytes."]).await;

    // The longest line there may be holds no message: it is refused as one, and is not too long a line.
    nc.send("x".repeat(8_192)).await;
    nc.expect(["Message is longer than 4096 bytes."]).await;
    nc.send_bytes(format!("{}\r\n", "x".repeat(8_192)).as_bytes()).await;
    nc.expect(["Message is longer than 4096 bytes."]).await;
    unharmed(&mut nc, &mut bystander).await;
}

#[tokio::test]
async fn a_message_that_is_too_long_has_a_code_in_json() {
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
async fn each_byte_alone_on_a_line_is_answered_or_said() {
    let clock = TestServer::clock();
    let server = Setup::default().clock(&clock).start();
    let mut bystander = server.member("bystander").await;
    let mut nc = nc(&server, &mut bystander).await;
    for byte in 0..=u8::MAX {
        // Not fast enough to be too much.
        clock.advance(Duration::from_secs(2));
        nc.send_bytes(&[byte, b'\n']).await;
        match byte {
            b'/' => nc.expect(["Unknown command. Type /help for available commands."]).await,
            // White space is ignored.
            b'\t'..=b'\r' | b' ' => {}
            0..b' ' | 127 => nc.expect(["Message cannot be empty."]).await,
            33..127 => {
                let text = char::from(byte).to_string();
                assert_eq!(bystander.expect_type("chat").await["text"], text);
            }
            128.. => nc.expect(["Line is not valid UTF-8."]).await,
        }
        // The barrier: nothing else has come of it, on either side.
        nc.send("/history none").await;
        nc.expect(["Usage: /history [n]"]).await;
        bystander.expect_nothing_so_far().await;
    }
}

#[tokio::test]
async fn telnet_negotiation_is_skipped() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut nc = nc(&server, &mut bystander).await;
    // WILL TERMINAL TYPE, DO SUPPRESS GO AHEAD, a terminal type, a window of 80 × 10 (a line end among its bytes).
    nc.send_bytes(b"\xff\xfb\x18\xff\xfd\x03\xff\xfa\x18\x00xterm\xff\xf0").await;
    nc.send_bytes(b"\xff\xfa\x1f\x00\x50\x00\x0a\xff\xf0hello\xff\xf1 there\r\n").await;
    assert_eq!(bystander.expect_type("chat").await["text"], "hello there");
    unharmed(&mut nc, &mut bystander).await;
}

#[tokio::test]
async fn half_a_line_is_not_acted_upon() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut nc = nc(&server, &mut bystander).await;
    nc.send_bytes(b"half a mess").await;
    drop(nc);
    let left = bystander.next_json().await;
    assert_eq!((&left["type"], &left["nickname"]), (&"user_left".into(), &"user1".into()));
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn half_an_object_is_not_acted_upon() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut json = server.json("json").await;
    json.send_bytes(br#"{"type":"hello","nickname":"half"}"#).await;
    server.sessions(2).await;
    drop(json);
    server.sessions(1).await;
    bystander.expect_nothing_so_far().await;
}

// JSON: what is wrong with an object.

#[tokio::test]
async fn what_is_not_json_is_said_and_the_connection_stays_open() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut one = server.json("one").await;
    one.send("hello?").await;
    let error = one.expect_type("error").await;
    assert_eq!(error["message"], "not valid JSON: expected value at line 1 column 1");
    one.send("  \t ").await;
    one.send("").await;
    one.send("[".repeat(8_000)).await;
    one.expect_type("error").await;
    one.send(r#"{"type":"hello","nickname":"one","version":2,"lobby":false}"#).await;
    one.expect_type("welcome").await;

    for frame in ["{", "null", r#"["hello"]"#, r#"{"type":null}"#, r#"{"type":"join"}"#] {
        one.send(frame).await;
        assert_eq!(one.expect_error("bad_request").await.get("ref"), None);
    }
    one.expect_nothing_so_far().await;
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn what_is_json_and_no_hello_ends_the_connection() {
    let (server, mut bystander) = server_with_bystander().await;
    for frame in ["42", r#"["hello"]"#, "{}", r#"{"nickname":"one"}"#, r#"{"type":7}"#] {
        let mut one = server.json("one").await;
        one.send(frame).await;
        let expected = r#"{"type":"error","message":"expected hello message first"}"#;
        one.expect([expected]).await;
        one.expect_closed().await;
    }
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn a_hello_that_is_wrong_is_answered_as_it_was_asked() {
    let (server, _) = server_with_bystander().await;
    let mut two = server.json("two").await;
    two.send(r#"{"type":"hello","version":2,"nickname":5,"ref":"a"}"#).await;
    let error = two.expect_error("bad_request").await;
    assert_eq!(error["ref"], "a");
    // What version 1 does not know cannot be wrong in it.
    let mut one = server.json("one").await;
    one.send(r#"{"type":"hello","nickname":"one","guest":"yes","token":7}"#).await;
    one.expect_type("welcome").await;
}

#[tokio::test]
async fn an_unknown_type_is_said_and_unknown_fields_are_ignored() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut two = server.ws_json("two").await;
    two.send(r#"{"type":"hello","nickname":"two","version":2,"lobby":false,"color":"red"}"#).await;
    two.expect_type("welcome").await;
    two.send(r#"{"type":"dance","ref":"d"}"#).await;
    let error =
        r#"{"type":"error","ref":"d","code":"bad_request","message":"unknown type 'dance'"}"#;
    two.expect([error]).await;
    // What is repeated is short, and safe to show.
    let long = format!("\\u001b[31m\\u202e{}", "x".repeat(100));
    two.send(format!(r#"{{"type":"{long}"}}"#)).await;
    let message = format!("unknown type '[31m{}'", "x".repeat(26));
    assert_eq!(two.expect_error("bad_request").await["message"], message);
    two.send(r#"{"type":"ping","ref":"p","color":"red"}"#).await;
    two.expect([r#"{"type":"pong","ref":"p"}"#]).await;
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn a_ref_has_at_most_64_bytes() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut two = server.json("two").await;
    two.send(r#"{"type":"hello","nickname":"two","version":2,"lobby":false}"#).await;
    two.expect_type("welcome").await;
    let longest = "é".repeat(32);
    two.send(format!(r#"{{"type":"ping","ref":"{longest}"}}"#)).await;
    two.expect([format!(r#"{{"type":"pong","ref":"{longest}"}}"#)]).await;
    for reference in [format!(r#""{longest}x""#), "7".into(), "true".into(), "{}".into()] {
        two.send(format!(r#"{{"type":"ping","ref":{reference}}}"#)).await;
        let error = two.expect_error("bad_request").await;
        assert_eq!(error["message"], r#""ref" must be a string of at most 64 bytes"#);
        assert_eq!(error.get("ref"), None);
    }
    two.send(r#"{"type":"ping","ref":null}"#).await;
    two.expect([r#"{"type":"pong"}"#]).await;
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn each_field_of_the_wrong_kind_is_named() {
    let (server, mut bystander) = server_with_bystander().await;
    let mistakes = [
        (r#"{"type":"join","ref":"r"}"#, "channel"),
        (r#"{"type":"chat","channel":"lobby","ref":"r"}"#, "text"),
        (r#"{"type":"chat","text":"x","channel":"a","to":"b","ref":"r"}"#, "not both"),
        (r#"{"type":"chat","text":"x","kind":"shout","ref":"r"}"#, "kind"),
        (r#"{"type":"history","channel":"lobby","limit":-1,"ref":"r"}"#, "-1"),
        (r#"{"type":"history","channel":"lobby","before":1,"after":1,"ref":"r"}"#, "not both"),
        (r#"{"type":"role","channel":"lobby","nickname":"x","role":"king","ref":"r"}"#, "role"),
        (r#"{"type":"rename","nickname":["x"],"ref":"r"}"#, "rename"),
        (r#"{"type":"modes","channel":"lobby","limit":"x","ref":"r"}"#, "modes"),
    ];
    let mut two = server.json("two").await;
    two.send(r#"{"type":"hello","nickname":"two","version":2,"lobby":false}"#).await;
    two.expect_type("welcome").await;
    for (request, named) in mistakes {
        two.send(request).await;
        let error = two.expect_error("bad_request").await;
        assert_eq!(error["ref"], "r", "{request}");
        let message = error["message"].as_str().unwrap_or_default();
        assert!(message.contains(named), "{request} is answered with {message}");
    }
    bystander.expect_nothing_so_far().await;
}

// JSON: taking a name.

#[tokio::test]
async fn anything_but_hello_first_closes_a_json_connection() {
    let (server, mut bystander) = server_with_bystander().await;
    for frame in [
        r#"{"type":"chat","text":"hi"}"#,
        r#"{"type":"ping","ref":"p"}"#,
        r#"{"type":"quit"}"#,
        r#"{"type":"nonsense","version":2}"#,
    ] {
        let mut tcp = server.json("tcp").await;
        tcp.send(frame).await;
        tcp.expect([r#"{"type":"error","message":"expected hello message first"}"#]).await;
        tcp.expect_closed().await;
        let mut ws = server.ws_json("ws").await;
        ws.send(frame).await;
        ws.expect([r#"{"type":"error","message":"expected hello message first"}"#]).await;
        ws.expect_close_code(1000).await;
    }
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn a_bad_name_closes_a_connection_of_version_1() {
    let (server, mut bystander) = server_with_bystander().await;
    for (fields, message) in BAD_NAMES {
        for over_tcp in [true, false] {
            let mut one = match over_tcp {
                true => server.json("one").await,
                false => server.ws_json("one").await,
            };
            one.send(format!(r#"{{"type":"hello"{fields}}}"#)).await;
            one.expect([format!(r#"{{"type":"error","message":"{message}"}}"#)]).await;
            match over_tcp {
                true => one.expect_closed().await,
                false => one.expect_close_code(1000).await,
            }
        }
    }
    server.sessions(1).await;
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn a_bad_name_leaves_a_connection_of_version_2_open() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut tcp = server.json("tcp").await;
    let mut ws = server.ws_json("ws").await;
    for two in [&mut tcp, &mut ws] {
        for (fields, message) in BAD_NAMES {
            two.send(format!(r#"{{"type":"hello","version":2,"ref":"n"{fields}}}"#)).await;
            let error = two.expect_type("error").await;
            assert_eq!((&error["message"], &error["ref"]), (&(*message).into(), &"n".into()));
            let code = match message.contains("in use") {
                true => "nickname_in_use",
                false => "nickname_invalid",
            };
            assert_eq!(error["code"], code, "{message}");
        }
    }
    let hello = r#"{"type":"hello","version":2,"nickname":"tcp","lobby":false}"#;
    tcp.send(hello).await;
    tcp.expect_type("welcome").await;
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn an_unknown_version_is_refused_and_another_may_be_tried() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut json = server.json("json").await;
    for version in ["0", "3"] {
        json.send(format!(r#"{{"type":"hello","nickname":"json","version":{version}}}"#)).await;
        let message = format!("hello: version must be 1 or 2, not {version}");
        json.expect([format!(r#"{{"type":"error","message":"{message}"}}"#)]).await;
    }
    json.send(r#"{"type":"hello","nickname":"json","version":"2"}"#).await;
    json.expect_type("error").await;
    json.send(r#"{"type":"hello","nickname":"json","version":2,"lobby":false}"#).await;
    json.expect_type("welcome").await;
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn a_second_hello_is_an_error_and_changes_nothing() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut one = server.json("one").await;
    one.send(r#"{"type":"hello","nickname":"one"}"#).await;
    one.expect_type("welcome").await;
    one.expect_type("roster").await;
    bystander.expect_type("user_joined").await;
    one.send(r#"{"type":"hello","nickname":"uno"}"#).await;
    one.expect([r#"{"type":"error","message":"already connected"}"#]).await;
    one.send(r#"{"type":"hello","nickname":"uno","version":2}"#).await;
    one.expect([r#"{"type":"error","message":"already connected"}"#]).await;

    let mut two = server.ws_json("two").await;
    two.send(r#"{"type":"hello","nickname":"two","version":2,"lobby":false}"#).await;
    two.expect_type("welcome").await;
    two.send(r#"{"type":"hello","nickname":"deux","ref":"h"}"#).await;
    let error =
        r#"{"type":"error","ref":"h","code":"already_identified","message":"already connected"}"#;
    two.expect([error]).await;
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn commands_before_a_name_are_refused_in_every_dialect() {
    let (server, mut bystander) = server_with_bystander().await;
    let name_first = "Please set your name first with: /name <your_name>";
    let commands =
        ["/users", "/join rust", "/topic", "/msg bystander hi", "/me waves", "/channels"];

    let mut plain = server.ws_text("plain").await;
    plain.send("/name").await;
    while plain.next().await != "Usage: /name <your_name>" {}
    for command in commands {
        plain.send(command).await;
        plain.expect([name_first]).await;
    }
    plain.send("hello?").await;
    plain.expect([name_first]).await;

    let mut star = server.star("star").await;
    star.expect_prompt("Enter your name: ").await;
    for command in commands {
        star.send(command).await;
        star.expect([name_first]).await;
        star.expect_prompt("Enter your name: ").await;
    }
    star.send("two words").await;
    star.expect(["Nickname cannot contain white space."]).await;
    star.expect_prompt("Enter your name: ").await;

    let mut two = server.json("two").await;
    two.send(r#"{"type":"hello","version":2,"nickname":""}"#).await;
    two.expect_error("nickname_invalid").await;
    for request in [
        r#"{"type":"users"}"#,
        r#"{"type":"join","channel":"rust"}"#,
        r#"{"type":"chat","to":"bystander","text":"hi"}"#,
        r#"{"type":"rename","nickname":"two"}"#,
    ] {
        two.send(request).await;
        two.expect_error("not_identified").await;
    }
    bystander.expect_nothing_so_far().await;
}

// Too much of it.

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
    nc.expect(["Too many faulty lines. Goodbye!"]).await;
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
    one.expect([r#"{"type":"error","message":"too many faulty frames"}"#]).await;
    one.expect_closed().await;

    let mut two = server.ws_json("two").await;
    two.send(r#"{"type":"hello","nickname":"two","version":2,"lobby":false}"#).await;
    two.expect_type("welcome").await;
    for _ in 0..10 {
        two.send(r#"{"type":"join","ref":"j"}"#).await;
        two.expect_error("bad_request").await;
    }
    let last = r#"{"type":"error","code":"too_many_faults","message":"too many faulty frames"}"#;
    two.expect([last]).await;
    two.expect_close_code(1008).await;
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
    for _ in 0..3 {
        two.send_bytes(b"\xff\n").await;
        two.expect_error("invalid_utf8").await;
        two.send("x".repeat(8_193)).await;
        two.expect_error("line_too_long").await;
        let text = "x".repeat(4_097);
        two.send(format!(r#"{{"type":"chat","text":"{text}"}}"#)).await;
        two.expect_error("message_too_long").await;
    }
    // What is refused for another reason is no fault.
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
async fn nine_faults_are_forgiven_in_time() {
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

// WebSocket: what ends the connection.

#[tokio::test]
async fn a_message_over_the_limit_is_closed_with_1009() {
    let (server, mut bystander) = server_with_bystander().await;
    for length in [8_193, 20_000, 65_536] {
        let mut ws = server.ws_json(&format!("ws with {length} bytes")).await;
        ws.send_message(Message::text("x".repeat(length))).await;
        ws.expect_close_code(1009).await;
    }
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn a_message_far_over_the_limit_ends_the_connection() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut stream = TcpStream::connect(server.ws_address()).await.expect("the server listens");
    stream.write_all(HANDSHAKE).await.expect("an open socket");
    server.sessions(2).await;
    // A text frame of 100 MB, of which the server reads no more than it says it takes.
    stream.write_all(b"\x81\xff\x00\x00\x00\x00\x06\x00\x00\x00\0\0\0\0").await.expect("sent");
    let flood = async { while stream.write_all(&[b'x'; 65_536]).await.is_ok() {} };
    timeout(PATIENCE, flood).await.expect("the server stops reading");
    // It is closed with 1009, which a client that goes on sending may lose in the reset that unread bytes cause.
    server.sessions(1).await;
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn a_message_at_the_limit_is_taken() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut ws = server.ws_json("ws").await;
    ws.send(r#"{"type":"hello","nickname":"two","version":2,"lobby":false}"#).await;
    ws.expect_type("welcome").await;
    let ping = r#"{"type":"ping"}"#;
    ws.send(format!("{ping}{}", " ".repeat(8_192 - ping.len()))).await;
    ws.expect([r#"{"type":"pong"}"#]).await;
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn a_binary_frame_is_closed_with_1003() {
    let (server, mut bystander) = server_with_bystander().await;
    for protocol in [None, Some("chat.json")] {
        let mut ws = Client::web_socket("ws", server.ws_address(), protocol).await;
        ws.send_message(Message::binary(&b"{\"type\":\"ping\"}"[..])).await;
        // After a greeting, if there is one.
        let code = loop {
            if let Err(code) = ws.next_or_end().await {
                break code;
            }
        };
        assert_eq!(code, Some(1003));
    }
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn invalid_utf_8_is_closed_with_1007() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut ws = server.ws_json("ws").await;
    // A whole text frame of two bytes, masked with zeros.
    ws.send_bytes(b"\x81\x82\x00\x00\x00\x00\xc3(").await;
    ws.expect_close_code(1007).await;
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn what_is_no_frame_is_closed_with_1002() {
    let (server, mut bystander) = server_with_bystander().await;
    let bad: [&[u8]; 4] = [
        b"\x81\x02hi",               // not masked
        b"\x83\x80\x00\x00\x00\x00", // an opcode that is reserved
        b"\xf1\x80\x00\x00\x00\x00", // bits that are reserved
        b"\x80\x80\x00\x00\x00\x00", // a continuation of nothing
    ];
    for bytes in bad {
        let mut ws = server.ws_json("ws").await;
        ws.send_bytes(bytes).await;
        ws.expect_close_code(1002).await;
    }
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn somebody_in_the_room_who_breaks_the_rules_has_left_it() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut ws = server.ws_json("ws").await;
    ws.send(r#"{"type":"hello","nickname":"ws","version":2}"#).await;
    ws.expect_type("welcome").await;
    ws.expect_type("roster").await;
    ws.send_message(Message::binary(&b"x"[..])).await;
    ws.expect_close_code(1003).await;
    let channel = r#""channel":"lobby","nickname":"ws""#;
    bystander
        .expect([
            format!(r#"{{"type":"user_joined",{channel}}}"#),
            format!(r#"{{"type":"user_left",{channel}}}"#),
        ])
        .await;
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn a_message_in_pieces_is_one_message() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut ws = server.ws_json("ws").await;
    ws.send(r#"{"type":"hello","nickname":"ws","version":2,"lobby":false}"#).await;
    ws.expect_type("welcome").await;
    // {"type":"ping"} in two frames, with a ping of the protocol's own between them.
    ws.send_bytes(b"\x01\x88\x00\x00\x00\x00{\"type\":").await;
    ws.send_bytes(b"\x89\x80\x00\x00\x00\x00").await;
    ws.send_bytes(b"\x80\x87\x00\x00\x00\x00\"ping\"}").await;
    ws.expect([r#"{"type":"pong"}"#]).await;
    bystander.expect_nothing_so_far().await;
}

// WebSocket: handshakes.

#[tokio::test]
async fn what_is_no_handshake_is_answered_as_http() {
    let (server, mut bystander) = server_with_bystander().await;
    let handshake = |version: &str, more: &str| {
        format!(
            "GET /ws HTTP/1.1\r\nHost: chat.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: {version}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             {more}\r\n"
        )
    };
    let requests = [
        (handshake("13", ""), 101),
        (handshake("13", "Sec-WebSocket-Protocol: chat.json\r\n"), 101),
        (handshake("13", "Sec-WebSocket-Protocol: x, chat.text\r\n"), 101),
        (handshake("13", "Sec-WebSocket-Protocol: irc\r\n"), 400),
        (handshake("13", "Sec-WebSocket-Protocol: chat.JSON\r\n"), 400),
        (handshake("8", ""), 400),
        (handshake("13", "Origin: https://elsewhere.example\r\n"), 403),
        (handshake("13", "Origin: null\r\n"), 403),
        (handshake("13", "Origin: http://chat.example\r\n"), 101),
        (handshake("13", "Origin: https://page.example\r\n"), 101),
        ("GET /ws HTTP/1.1\r\nHost: chat.example\r\n\r\n".to_owned(), 400),
        ("POST /ws HTTP/1.1\r\nHost: chat.example\r\nContent-Length: 0\r\n\r\n".to_owned(), 400),
        ("GET /elsewhere HTTP/1.1\r\nHost: chat.example\r\n\r\n".to_owned(), 404),
        ("this is not HTTP\r\n\r\n".to_owned(), 400),
        ("\u{0}\u{1}\u{2}\u{3}\r\n\r\n".to_owned(), 400),
    ];
    for (request, status) in requests {
        let answer = http_answer(&server, request.as_bytes()).await;
        let expected = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(&expected), "{request} is answered with {answer}");
    }
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn the_first_protocol_that_is_known_is_chosen() {
    let (server, _bystander) = server_with_bystander().await;
    for (offered, chosen) in [
        ("chat.text", Some("chat.text")),
        ("chat.json", Some("chat.json")),
        ("irc, chat.text, chat.json", Some("chat.text")),
        ("chat.json,chat.text", Some("chat.json")),
    ] {
        let request = format!(
            "GET /ws HTTP/1.1\r\nHost: chat.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Protocol: {offered}\r\n\r\n"
        );
        let answer = http_answer(&server, request.as_bytes()).await.to_lowercase();
        let header = answer.lines().find_map(|line| line.strip_prefix("sec-websocket-protocol: "));
        assert_eq!(header, chosen, "{offered}");
    }
}

#[tokio::test]
async fn an_unfinished_handshake_bothers_nobody() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut half = TcpStream::connect(server.ws_address()).await.expect("the server listens");
    half.write_all(b"GET /ws HTTP/1.1\r\nHost: chat").await.expect("an open socket");
    let mut ws = server.ws_json("ws").await;
    ws.send(r#"{"type":"hello","nickname":"ws","lobby":false,"version":2}"#).await;
    ws.expect_type("welcome").await;
    drop(half);
    ws.expect_nothing_so_far().await;
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn what_comes_together_with_the_handshake_is_not_lost() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut stream = TcpStream::connect(server.ws_address()).await.expect("the server listens");
    let mut early = HANDSHAKE.to_vec();
    let hello = br#"{"type":"hello","nickname":"early"}"#;
    early.extend([0x81, 0x80 | u8::try_from(hello.len()).expect("a short hello"), 0, 0, 0, 0]);
    early.extend(hello);
    stream.write_all(&early).await.expect("an open socket");
    assert_eq!(bystander.expect_type("user_joined").await["nickname"], "early");
}

// What could harm those who read it.

#[tokio::test]
async fn nothing_that_drives_a_terminal_gets_through() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut nc = nc(&server, &mut bystander).await;
    let mut plain = server.ws_text("plain").await;
    plain.send("/name plain").await;
    while plain.next().await != "You are now known as plain" {}
    bystander.expect_type("user_joined").await;
    nc.expect(["* plain joined the chat"]).await;
    let mut two = server.ws_json("two").await;
    two.send(r#"{"type":"hello","nickname":"two","version":2}"#).await;
    two.expect_type("welcome").await;
    two.expect_type("roster").await;
    for client in [&mut nc, &mut plain] {
        client.next().await;
    }
    bystander.expect_type("user_joined").await;

    let evil = r"a\u001b[2J\u0007\u0000\r\n[bob]: forged\u009b31m\u2028\u202e\u2066b";
    let clean = "a[2J [bob]: forged31mb";
    two.send(format!(r#"{{"type":"chat","text":"{evil}"}}"#)).await;
    nc.expect([format!("[two]: {clean}")]).await;
    plain.expect([format!("two: {clean}")]).await;
    assert_eq!(bystander.expect_type("chat").await["text"], clean);

    two.send(format!(r#"{{"type":"chat","kind":"action","text":"{evil}"}}"#)).await;
    nc.expect([format!("* two {clean}")]).await;
    plain.expect([format!("* two {clean}")]).await;
    assert_eq!(bystander.expect_type("chat").await["text"], clean);

    two.send(format!(r#"{{"type":"topic","channel":"lobby","topic":"{evil}"}}"#)).await;
    nc.expect([format!("* two set the topic: {clean}")]).await;
    plain.expect([format!("two set the topic: {clean}")]).await;
    assert_eq!(bystander.expect_type("topic").await["topic"], clean);

    two.send(format!(r#"{{"type":"away","message":"{evil}"}}"#)).await;
    assert_eq!(bystander.expect_type("away").await["message"], clean);
    two.send(r#"{"type":"ping","ref":"done"}"#).await;
    while two.next().await != r#"{"type":"pong","ref":"done"}"# {}

    // Names are refused, not cleaned: who asked sees the name that they asked for or none.
    for name in
        [r"a\u001bb", r"a\u0000b", r"a\nb", r"a\u202eb", r"a\u2066b", r"a\u200bb", r"a\u0085b"]
    {
        two.send(format!(r#"{{"type":"rename","nickname":"{name}"}}"#)).await;
        two.expect_error("nickname_invalid").await;
        two.send(format!(r#"{{"type":"join","channel":"{name}"}}"#)).await;
        two.expect_error("channel_name_invalid").await;
    }
    two.send(format!(r#"{{"type":"quit","reason":"{evil}"}}"#)).await;
    assert_eq!(bystander.expect_type("user_left").await["reason"], clean);

    for client in [&nc, &plain, &two, &bystander] {
        for frame in client.seen() {
            let harmful = |c: char| {
                c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            };
            assert!(!frame.contains(harmful), "{frame:?}");
        }
    }
}

#[tokio::test]
async fn escapes_typed_on_a_line_are_cleaned_too() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut nc = nc(&server, &mut bystander).await;
    nc.send("\u{1b}[31mred\u{7}\rover\u{202e}").await;
    assert_eq!(bystander.expect_type("chat").await["text"], "[31mred over");
    nc.send("/name \u{1b}[31mred").await;
    nc.expect(["Nickname cannot contain the character U+001B."]).await;
    nc.send("/topic \u{1b}]0;title\u{7}").await;
    nc.expect(["* user1 set the topic: ]0;title"]).await;
    assert_eq!(bystander.expect_type("topic").await["topic"], "]0;title");
    nc.send("/join a\u{1b}b").await;
    nc.expect(["Channel name cannot contain the character U+001B."]).await;
    unharmed(&mut nc, &mut bystander).await;
}

/// A client's half of a handshake for JSON.
const HANDSHAKE: &[u8] = b"GET /ws HTTP/1.1\r\nHost: chat.example\r\nConnection: Upgrade\r\n\
    Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: chat.json\r\n\r\n";

/// The fields of a hello, and why the name is refused. `bystander` is taken.
const BAD_NAMES: &[(&str, &str)] = &[
    ("", "nickname cannot be empty"),
    (r#","nickname":"""#, "nickname cannot be empty"),
    (r#","nickname":"  ""#, "nickname cannot be empty"),
    (r#","nickname":"bystander""#, "nickname 'bystander' is already in use"),
    (r#","nickname":"ByStander""#, "nickname 'ByStander' is already in use"),
    // Cyrillic а.
    (r#","nickname":"bystаnder""#, "nickname 'bystаnder' is already in use"),
    (r#","nickname":"ｂｙｓｔａｎｄｅｒ""#, "nickname 'ｂｙｓｔａｎｄｅｒ' is already in use"),
    (r#","nickname":"two words""#, "nickname cannot contain white space"),
    (r#","nickname":"bell\u0007""#, "nickname cannot contain the character U+0007"),
    (r#","nickname":"123456789012345678901234567890123""#, "nickname is longer than 32 characters"),
];

/// A server without a rate limit, and somebody in its lobby who is to notice nothing.
async fn server_with_bystander() -> (TestServer, Client) {
    let config = Config { commands_per_second: 0, ..Config::default() };
    let endpoint = WsEndpoint::default().allow_origin("https://page.example");
    let server = Setup::default().config(config).endpoint(endpoint).start();
    let bystander = server.member("bystander").await;
    (server, bystander)
}

/// Somebody with `nc`, in the lobby.
async fn nc(server: &TestServer, bystander: &mut Client) -> Client {
    let mut nc = server.bracket("nc").await;
    nc.expect(["* user1 joined the chat", "* bystander joined the chat"]).await;
    bystander.expect_type("user_joined").await;
    nc
}

/// Makes sure that somebody with `nc` is still there and is heard, and that nothing else has happened.
async fn unharmed(nc: &mut Client, bystander: &mut Client) {
    nc.send("still here").await;
    assert_eq!(bystander.next_json().await["text"], "still here");
    nc.send("/users").await;
    nc.expect(["* online: bystander, user1"]).await;
}

/// The beginning of what an HTTP request is answered with.
async fn http_answer(server: &TestServer, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.ws_address()).await.expect("the server listens");
    stream.write_all(request).await.expect("an open socket");
    let mut answer = Vec::new();
    let whole = async {
        while !answer.windows(4).any(|end| end == b"\r\n\r\n") {
            let count = stream.read_buf(&mut answer).await.expect("an answer");
            assert!(count > 0, "closed after {:?}", String::from_utf8_lossy(&answer));
        }
    };
    timeout(PATIENCE, whole).await.expect("an answer in time");
    String::from_utf8_lossy(&answer).into_owned()
}
