//! JSON requests that take a nickname.

use super::{TOO_MANY, server_with_bystander};

#[tokio::test]
async fn request_before_hello_closes_a_json_connection_over_tcp() {
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
    }
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn requests_before_hello_are_answered_over_web_socket() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut ws = server.ws_json("ws").await;
    for (frame, reference) in [
        (r#"{"type":"chat","text":"hi","ref":"1"}"#, r#","ref":"1""#),
        (r#"{"type":"quit","ref":2}"#, r#","ref":2"#),
        (r#"{"ref":"3"}"#, r#","ref":"3""#),
    ] {
        ws.send(frame).await;
        let message = "\"message\":\"expected hello message first\"";
        let error =
            format!("{{\"type\":\"error\"{reference},\"code\":\"not_identified\",{message}}}");
        ws.expect([error]).await;
    }
    for frame in [r#"{"type":"chat","text":"hi"}"#, "[]", r#"{"type":"nonsense","version":2}"#] {
        ws.send(frame).await;
        ws.expect([r#"{"type":"error","message":"expected hello message first"}"#]).await;
    }
    ws.send(r#"{"type":"hello","nickname":"ws","version":2,"ref":"h"}"#).await;
    assert_eq!(ws.expect_type("welcome").await["ref"], "h");
    ws.expect_type("roster").await;
    bystander.expect_type("user_joined").await;
    // The refused request can be sent again.
    ws.send(r#"{"type":"chat","text":"hi","ref":"1"}"#).await;
    assert_eq!(ws.expect_type("ack").await["ref"], "1");
    assert_eq!(bystander.expect_type("chat").await["text"], "hi");

    let mut never = server.ws_json("never").await;
    for _ in 0..10 {
        never.send(r#"{"type":"chat","text":"hi"}"#).await;
        never.expect([r#"{"type":"error","message":"expected hello message first"}"#]).await;
    }
    never.expect([format!(r#"{{"type":"error","message":"{TOO_MANY}"}}"#)]).await;
    never.expect_close_code(4400).await;
    bystander.expect_nothing_so_far().await;
}

/// The bytes that reconnecting-websocket 4.4 and partysocket 1.3 send when a page sends before the
/// connection is open: the queue, then what the page's `open` handler sends, in one packet.
#[tokio::test]
async fn queued_frames_of_reconnecting_libraries_are_answered() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut ws = server.ws_json("ws").await;
    let frames = [
        r#"{"type":"chat","text":"queued","ref":"1"}"#,
        r#"{"type":"hello","nickname":"ws","version":2,"ref":"2"}"#,
        r#"{"type":"chat","text":"later","ref":"3"}"#,
    ];
    // Masked with zeros, so that the bytes are readable.
    let masked =
        |frame: &&str| [&[0x81, 0x80 | frame.len() as u8, 0, 0, 0, 0], frame.as_bytes()].concat();
    ws.send_bytes(&frames.iter().flat_map(masked).collect::<Vec<u8>>()).await;
    let error = ws.expect_error("not_identified").await;
    assert_eq!(error["ref"], "1");
    assert_eq!(ws.expect_type("welcome").await["ref"], "2");
    ws.expect_type("roster").await;
    assert_eq!(ws.expect_type("ack").await["ref"], "3");
    bystander.expect_type("user_joined").await;
    assert_eq!(bystander.expect_type("chat").await["text"], "later");
    server.stop().await;
}

#[tokio::test]
async fn bad_name_closes_a_connection_of_version_1() {
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
                false => one.expect_close_code(4403).await,
            }
        }
    }
    server.sessions(1).await;
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn bad_name_leaves_a_connection_of_version_2_open() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut tcp = server.json("tcp").await;
    let mut ws = server.ws_json("ws").await;
    for two in [&mut tcp, &mut ws] {
        for (fields, message) in BAD_NAMES {
            two.send(format!(r#"{{"type":"hello","version":2,"ref":"n"{fields}}}"#)).await;
            let error = two.expect_type("error").await;
            assert_eq!((&error["message"], &error["ref"]), (&(*message).into(), &"n".into()));
            let code = match message {
                _ if message.contains("in use") => "nickname_in_use",
                _ if message.contains("reserved") => "nickname_reserved",
                _ => "nickname_invalid",
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
async fn unknown_version_is_refused_and_another_may_be_tried() {
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
async fn second_hello_is_an_error_and_changes_nothing() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut one = server.json("one").await;
    one.join_lobby(r#"{"type":"hello","nickname":"one"}"#).await;
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
async fn commands_before_a_nickname_are_refused_in_every_dialect() {
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
    (
        r#","nickname":"a@example.org""#,
        "nickname cannot contain '@'; use letters, digits, '-', '_' and '.'",
    ),
    (r#","nickname":"-a-""#, "nickname cannot begin with '-'; begin with a letter, a digit or '_'"),
    (r#","nickname":"ChanServ""#, "nickname 'ChanServ' is reserved for services; choose another"),
    (r#","nickname":"bell\u0007""#, "nickname cannot contain the character U+0007"),
    (r#","nickname":"123456789012345678901234567890123""#, "nickname is longer than 32 characters"),
];
