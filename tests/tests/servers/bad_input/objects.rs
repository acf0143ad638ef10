//! Invalid JSON objects.

use super::server_with_bystander;
use serde_json::json;

#[tokio::test]
async fn invalid_json_is_an_error_and_the_connection_stays_open() {
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
async fn json_without_hello_ends_the_connection() {
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
async fn error_for_a_hello_uses_its_version() {
    let (server, _) = server_with_bystander().await;
    let mut two = server.json("two").await;
    two.send(r#"{"type":"hello","version":2,"nickname":5,"ref":"a"}"#).await;
    let error = two.expect_error("bad_request").await;
    assert_eq!(error["ref"], "a");
    // Version 1 ignores fields that it does not know, whatever their values.
    let mut one = server.json("one").await;
    one.send(r#"{"type":"hello","nickname":"one","guest":"yes","token":7}"#).await;
    one.expect_type("welcome").await;
}

#[tokio::test]
async fn join_names_one_channel_or_several() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut two = server.json("two").await;
    two.send(r#"{"type":"hello","nickname":"two","version":2,"lobby":false}"#).await;
    two.expect_type("welcome").await;
    let keys = r#"join: give each key with its channel: {"channel":…,"key":…}"#;
    let targets = r#"join: expected the names of channels, or {"channel":…,"key":…}"#;
    for (fields, problem) in [
        (r#""channel":"a","channels":["b"]"#, "join: give \"channel\" or \"channels\", not both"),
        (r#""channels":["a"],"key":"k""#, keys),
        (r#""channels":["a",7]"#, targets),
        (r#""channels":[{"key":"k"}]"#, targets),
        (r#""channels":"a""#, "join: invalid type: string \"a\", expected a sequence"),
        (r#""key":"k""#, "join: missing field `channel`"),
    ] {
        two.send(format!(r#"{{"type":"join",{fields},"ref":"r"}}"#)).await;
        let error = two.expect_error("bad_request").await;
        assert_eq!((&error["message"], &error["ref"]), (&problem.into(), &"r".into()), "{fields}");
    }
    two.expect_nothing_so_far().await;
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn unknown_type_is_an_error_and_unknown_fields_are_ignored() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut two = server.ws_json("two").await;
    two.send(r#"{"type":"hello","nickname":"two","version":2,"lobby":false,"color":"red"}"#).await;
    two.expect_type("welcome").await;
    two.send(r#"{"type":"dance","ref":"d"}"#).await;
    let error =
        r#"{"type":"error","ref":"d","code":"bad_request","message":"unknown type 'dance'"}"#;
    two.expect([error]).await;
    // The repeated type is shortened and safe to show.
    let long = format!("\\u001b[31m\\u202e{}", "x".repeat(100));
    two.send(format!(r#"{{"type":"{long}"}}"#)).await;
    let message = format!("unknown type '[31m{}'", "x".repeat(26));
    assert_eq!(two.expect_error("bad_request").await["message"], message);
    two.send(r#"{"type":"ping","ref":"p","color":"red"}"#).await;
    two.expect([r#"{"type":"pong","ref":"p"}"#]).await;
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn ref_has_at_most_64_bytes() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut two = server.json("two").await;
    two.send(r#"{"type":"hello","nickname":"two","version":2,"lobby":false}"#).await;
    two.expect_type("welcome").await;
    let longest = "é".repeat(32);
    two.send(format!(r#"{{"type":"ping","ref":"{longest}"}}"#)).await;
    two.expect([format!(r#"{{"type":"pong","ref":"{longest}"}}"#)]).await;
    for reference in [format!(r#""{longest}x""#), "7".into(), "1.5".into(), "{}".into()] {
        two.send(format!(r#"{{"type":"ping","ref":{reference}}}"#)).await;
        let error = two.expect_error("bad_request").await;
        assert_eq!(error["message"], r#""ref" must be a string of at most 64 bytes"#);
        // A number is repeated, so that the client finds out which request it was.
        let repeated = error.get("ref").map(ToString::to_string);
        assert_eq!(repeated, Some(reference).filter(|reference| reference.parse::<f64>().is_ok()));
    }
    two.send(r#"{"type":"ping","ref":null}"#).await;
    two.expect([r#"{"type":"pong"}"#]).await;
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn lone_surrogate_becomes_a_replacement_character() {
    let (server, mut bystander) = server_with_bystander().await;
    for (round, mut two) in
        [server.json("two").await, server.ws_json("two").await].into_iter().enumerate()
    {
        let hello = json!({ "type": "hello", "nickname": format!("two{round}"), "version": 2 });
        two.join_lobby(hello.to_string()).await;
        bystander.expect_type("user_joined").await;
        for (escaped, told) in [
            (r"\ud83d", "\u{fffd}"),
            (r"a\udc00b", "a\u{fffd}b"),
            (r"\ude00\ud83d", "\u{fffd}\u{fffd}"),
            (r"\ud83d\ude00", "\u{1f600}"),
            (r"\\ud83d", r"\ud83d"),
        ] {
            two.send(format!(r#"{{"type":"chat","text":"{escaped}","ref":"2"}}"#)).await;
            assert_eq!(two.expect_type("ack").await["ref"], "2", "{escaped}");
            assert_eq!(two.expect_type("chat").await["text"], told);
            assert_eq!(bystander.expect_type("chat").await["text"], told);
        }
        two.send(r#"{"type":"ping","\ud83d":["\udfff"],"ref":"\ud83d"}"#).await;
        assert_eq!(two.expect_type("pong").await["ref"], "\u{fffd}");
        two.send(r#"{"type":"quit"}"#).await;
        two.expect_type("goodbye").await;
        bystander.expect_type("user_left").await;
    }
    server.sessions(1).await;
}

#[tokio::test]
async fn error_has_the_ref_of_an_invalid_frame() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut two = server.json("two").await;
    two.send(r#"{"type":"hello","nickname":"two","version":2.0,"lobby":false}"#).await;
    assert_eq!(two.expect_type("welcome").await["version"], 2);
    for frame in [
        &br#"{"ref":"r"}"#[..],
        br#"{"type":5,"ref":"r"}"#,
        br#"{"type":"nonsense","ref":"r"}"#,
        br#"{"type":"hello","version":3,"ref":"r"}"#,
        br#"{"ref":"r","type":"chat","text":"\x"}"#,
        br#"{"type":"chat","limit":1e999,"ref":"r"}"#,
        br#"{"ref":"r","type":"chat""#,
        b"{\"type\":\"chat\",\"text\":\"\xff\",\"ref\":\"r\"}",
    ] {
        two.send_bytes(&[frame, b"\n"].concat()).await;
        let error = two.expect_type("error").await;
        assert_eq!(error["ref"], "r", "{}", String::from_utf8_lossy(frame));
    }
    two.send(r#"{"type":"history","channel":"lobby","limit":50.0,"ref":"r"}"#).await;
    assert_eq!(two.expect_error("not_in_channel").await["ref"], "r");
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn error_names_each_field_of_the_wrong_type() {
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
