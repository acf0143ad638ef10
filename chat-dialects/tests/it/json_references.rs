//! Every request of JSON version 2, valid or not, gets exactly one reply with its `ref`.

use chat_core::{Config, Engine, Peer, SessionId, Timestamp};
use chat_dialects::{Dialect, JsonDialect, Recorder, Switchboard};
use serde_json::{Value, json};
use std::sync::Arc;

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);
const ALICE: SessionId = SessionId(1);

/// A request of each type, with all of its fields.
fn requests() -> Vec<Value> {
    let channel = "lobby";
    let mut requests = vec![
        json!({ "type": "hello", "version": 2, "nickname": "alice", "lobby": true, "guest": false,
            "token": "t0ken" }),
        json!({ "type": "join", "channel": "tea", "key": "k" }),
        json!({ "type": "leave", "channel": channel, "reason": "so" }),
        json!({ "type": "chat", "channel": channel, "text": "hi", "kind": "action" }),
        json!({ "type": "chat", "to": "bob", "text": "hi" }),
        json!({ "type": "rename", "nickname": "alicia" }),
        json!({ "type": "users", "channel": channel }),
        json!({ "type": "channels" }),
        json!({ "type": "topic", "channel": channel, "topic": "tea" }),
        json!({ "type": "modes", "channel": channel, "secret": true, "limit": 7, "key": "k" }),
        json!({ "type": "history", "channel": channel, "before": 7, "limit": 50 }),
        json!({ "type": "history", "channel": channel, "after": 7 }),
        json!({ "type": "role", "channel": channel, "nickname": "bob", "role": "operator" }),
        json!({ "type": "role", "channel": channel, "nickname": "bob", "grant": "voiced" }),
        json!({ "type": "away", "message": "lunch" }),
        json!({ "type": "ping" }),
        json!({ "type": "quit", "reason": "so" }),
        json!({ "type": "nonsense" }),
    ];
    let about_members = ["kick", "ban", "unban", "mute", "unmute", "exempt", "unexempt", "invite"];
    requests.extend(about_members.map(
        |kind| json!({ "type": kind, "channel": channel, "nickname": "bob", "reason": "so" }),
    ));
    for request in &mut requests {
        request["ref"] = "r".into();
    }
    requests
}

/// Returns a request, and its variants in which one field is missing or has a wrong value.
fn variants(request: &Value) -> Vec<Value> {
    let wrong = [json!(null), json!(true), json!(1), json!(-1.5), json!("#"), json!([]), json!({})];
    let mut variants = vec![request.clone()];
    let fields = request.as_object().expect("an object").keys().filter(|&field| field != "ref");
    for field in fields {
        let mut without = request.clone();
        without.as_object_mut().expect("an object").remove(field);
        variants.push(without);
        for value in &wrong {
            let mut changed = request.clone();
            changed[field.as_str()] = value.clone();
            variants.push(changed);
        }
    }
    variants
}

/// Returns the replies to a frame of a client that has sent `before`.
fn replies(before: &[&str], frame: &str) -> Vec<Value> {
    let mut switchboard = Switchboard::new(Engine::new(Config::default(), NOW));
    let port = Recorder::default();
    let dialect = Arc::new(JsonDialect::default().with_early_requests());
    switchboard.open(NOW, ALICE, Peer::default(), dialect, port.clone());
    for frame in before {
        switchboard.receive_frame(NOW, ALICE, frame.as_bytes());
    }
    port.take();
    switchboard.receive_frame(NOW, ALICE, frame.as_bytes());
    let frames = port.take();
    frames.iter().map(|object| serde_json::from_str(object).expect("JSON")).collect()
}

#[track_caller]
fn assert_answered(before: &[&str], frame: &str, reference: &Value) {
    let replies = replies(before, frame);
    let matching = replies.iter().filter(|reply| reply.get("ref") == Some(reference)).count();
    let others = replies.iter().filter(|reply| reply.get("ref").is_some()).count() - matching;
    assert_eq!((matching, others), (1, 0), "{frame} is answered with {replies:?}");
}

const HELLO: &str = r#"{"type":"hello","version":2,"nickname":"alice"}"#;

#[test]
fn every_request_gets_one_reply_with_its_ref() {
    for request in requests() {
        for variant in variants(&request) {
            assert_answered(&[HELLO], &variant.to_string(), &"r".into());
            // Version 1 has no `ref`, neither in a `hello` nor in replies.
            let version = variant.get("version").and_then(Value::as_f64);
            if variant["type"] != "hello"
                || variant.get("version").is_some() && version != Some(1.0)
            {
                assert_answered(&[], &variant.to_string(), &"r".into());
            }
        }
    }
}

#[test]
fn error_repeats_a_ref_that_is_a_number() {
    for mut request in requests() {
        for number in [json!(1), json!(-7), json!(1.5)] {
            request["ref"] = number.clone();
            assert_answered(&[HELLO], &request.to_string(), &number);
        }
    }
}

#[test]
fn error_of_truncated_frame_has_the_ref_before_the_cut() {
    for request in requests() {
        let mut rest = request.clone();
        rest.as_object_mut().expect("an object").remove("ref");
        let rest = rest.to_string();
        for end in (2..rest.len()).filter(|&end| rest.is_char_boundary(end)) {
            let frame = format!(r#"{{"ref":"r",{}"#, &rest[1..end]);
            assert_answered(&[HELLO], &frame, &"r".into());
            assert_answered(&[], &frame, &"r".into());
        }
    }
}
