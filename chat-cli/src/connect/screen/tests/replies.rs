//! Replies, and changes of messages.

use super::person::{Person, message};

#[test]
fn reply_is_to_the_last_message_of_the_user_in_this_room() {
    let mut alice = Person::in_lobby(100, 12);
    alice.receive_chat(4, "bob", "four");
    alice.receive_chat(5, "bob", "five");
    alice.receive_chat(6, "carol", "six");
    alice.type_line("/reply BOB yes");
    assert!(alice.last_sent().contains(r#""text":"yes","nonce""#), "{}", alice.last_sent());
    assert!(alice.last_sent().contains(r#""reply_to":5"#), "{}", alice.last_sent());
    alice.type_line("/reply dan hello");
    assert!(alice.screen().contains("error: there is no message of dan here"));
}

#[test]
fn reply_is_shown_with_both_names() {
    let mut alice = Person::in_lobby(60, 12);
    let said = message("channel", "lobby", 5, "bob", "fine");
    let reply = r#""reply_to":{"id":4,"at":"2026-01-01T00:04:00.000Z","nickname":"carol"}"#;
    alice.receive(&format!(r#"{{"type":"chat",{said},{reply}}}"#));
    assert!(alice.screen().contains("bob → carol: fine"), "{}", alice.screen());
    let said = message("channel", "lobby", 6, "bob", "thanks");
    let reply = r#""reply_to":{"id":4,"at":"2026-01-01T00:04:00.000Z"}"#;
    alice.receive(&format!(r#"{{"type":"chat",{said},{reply}}}"#));
    assert!(alice.screen().contains("bob → server: thanks"), "{}", alice.screen());
}

#[test]
fn last_message_of_the_user_is_edited_and_deleted() {
    let mut alice = Person::in_lobby(100, 12);
    alice.receive_chat(4, "alice", "helo");
    alice.receive_chat(5, "bob", "hi");
    alice.type_line("/edit hello");
    assert!(alice.last_sent().contains(r#"{"type":"edit","id":4,"text":"hello""#));
    alice.answer(r#"{"type":"ok"}"#);
    assert!(alice.screen().contains("alice: hello"), "{}", alice.screen());
    alice.type_line("/delete oops");
    assert!(alice.last_sent().contains(r#"{"type":"delete","id":4,"reason":"oops""#));
    alice.answer(r#"{"type":"ok"}"#);
    assert!(alice.screen().contains("alice: [deleted]"), "{}", alice.screen());
}

#[test]
fn user_without_a_message_edits_none() {
    let mut alice = Person::in_lobby(100, 12);
    alice.receive_chat(4, "bob", "hi");
    alice.type_line("/edit nothing");
    assert!(alice.screen().contains("error: there is no message of yours here"));
}
