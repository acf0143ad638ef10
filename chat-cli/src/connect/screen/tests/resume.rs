//! Missed messages, and what is read here and on other devices.

use super::person::{LOBBY, Person, USERS, message};
use crate::connect::event::{Conversation, Unread};
use crate::connect::screen::app::{Effect, Input};
use chat_server::engine::Text;
use serde_json::json;
use std::time::Duration;

/// Reconnects alice, whose missed messages follow.
fn resume(alice: &mut Person, session: u64) {
    alice.connect_with(session, true, Duration::from_secs(3), |welcome| {
        welcome.account = Some(Text::clean("alice"));
        welcome.epoch = Some(json!("7"));
        welcome.channels = Some(["lobby", "tea"].map(Text::clean).to_vec());
        welcome.resumed = Some(true);
    });
}

fn psst(id: u64) -> String {
    format!("{{{}}}", message("to", "alice", id, "bob", &format!("psst {id}")))
}

#[test]
fn messages_are_sent_again_after_the_last_page_of_missed_ones() {
    let mut alice = Person::in_lobby(60, 12);
    alice.receive_chat(4, "bob", "four");
    alice.type_line("hello");
    alice.lose();
    resume(&mut alice, 2);
    alice.receive(LOBBY);
    alice.receive(&format!(r#"{{"type":"missed","messages":[{}],"more":true}}"#, psst(5)));
    // A message that is said meanwhile comes before the older ones.
    alice.receive(&format!(r#"{{"type":"chat",{}"#, &psst(8)[1..]));
    alice.answer_history([4], false);
    assert_eq!(alice.last_sent(), r#"{"type":"missed","after":5,"ref":"5"}"#);
    // The server cannot read its store now.
    alice.answer(r#"{"type":"missed","messages":[],"more":true}"#);
    alice.answer(USERS);
    alice.apply(Input::AskAgain);
    assert_eq!(alice.last_sent(), r#"{"type":"missed","after":5,"ref":"7"}"#);
    let is_sent = |alice: &Person| alice.last_sent().contains("hello");
    assert!(!is_sent(&alice));
    let page = [psst(7), psst(8)].join(",");
    alice.answer(&format!(r#"{{"type":"missed","messages":[{page}],"more":false}}"#));
    assert!(is_sent(&alice), "{}", alice.last_sent());
    alice.answer(r#"{"type":"ack","id":9,"at":"2026-01-01T00:09:00.000Z"}"#);
    alice.type_line("/switch bob");
    let order: Vec<String> = (5..=8).filter(|id| *id != 6).map(|id| format!("psst {id}")).collect();
    let screen = alice.screen();
    let shown: Vec<&str> =
        screen.lines().filter_map(|line| line.split("bob: ").nth(1)).map(str::trim).collect();
    let shown: Vec<&str> = shown.iter().map(|line| line.trim_end_matches('"')).collect();
    assert!(
        shown.len() == 3 && shown.iter().zip(&order).all(|(a, b)| a.starts_with(b)),
        "{screen}"
    );
    assert_eq!(alice.app.resume_point().id, 9);
}

#[test]
fn unread_messages_are_counted_once_and_read_on_all_devices() {
    let mut alice = Person::in_lobby(60, 12);
    alice.lose();
    resume(&mut alice, 2);
    alice.receive(
        r#"{"type":"roster","channel":"tea","topic":null,"count":1,"last_read":3,"unread":2,
        "mentions":1,"members":[{"nickname":"alice","role":"owner"}]}"#,
    );
    alice.receive(LOBBY);
    alice.type_line("/switch lobby");
    let said = |id: u64, text: &str| message("channel", "tea", id, "bob", text);
    let page = format!("{{{}}},{{{}}}", said(4, "alice: four"), said(5, "five"));
    alice.receive(&format!(r#"{{"type":"missed","messages":[{page}],"more":false}}"#));
    let unread = |alice: &Person| {
        let tea = alice.app.rooms.iter().find(|room| room.name.as_str() == "tea");
        tea.map(|tea| (tea.unread, tea.mentions))
    };
    assert_eq!(unread(&alice), Some((2, 1)));
    alice.receive(&format!(r#"{{"type":"chat",{}}}"#, said(6, "six")));
    assert_eq!(unread(&alice), Some((3, 1)));
    alice.receive(r#"{"type":"read","channel":"tea","id":4}"#);
    assert_eq!(unread(&alice), Some((2, 0)));

    // The client reports messages as read once it shows them.
    while alice.last_sent().contains("history") || alice.last_sent().contains("users") {
        let before = alice.sent.len();
        if alice.last_sent().contains("history") {
            let channel = if alice.last_sent().contains("tea") { "tea" } else { "lobby" };
            alice.answer(&format!(
                r#"{{"type":"history","channel":"{channel}","messages":[],"more":false}}"#
            ));
        } else {
            alice.answer(r#"{"type":"users","count":0,"users":[]}"#);
        }
        if alice.sent.len() == before {
            break;
        }
    }
    alice.type_line("/switch tea");
    assert_eq!(unread(&alice), Some((0, 0)));
    alice.apply(Input::Report);
    assert!(alice.last_sent().starts_with(r#"{"type":"read","channel":"tea","id":6,"#));
    let sent = alice.sent.len();
    alice.answer(r#"{"type":"ok"}"#);
    alice.apply(Input::Report);
    assert_eq!(alice.sent.len(), sent);
}

#[test]
fn login_connects_once_more_and_what_is_typed_meanwhile_waits() {
    let mut guest = Person::in_lobby(60, 12);
    guest.type_line("/login alice");
    guest.type_line("correct horse battery staple");
    guest.answer(r#"{"type":"logged_in","account":"alice","token":"chat_t"}"#);
    assert!(guest.effects.contains(&Effect::Reenter { account: Text::clean("alice") }));
    let sent = guest.sent.len();
    guest.type_line("hello");
    assert_eq!(guest.sent.len(), sent);

    guest.connect_with(2, true, Duration::ZERO, |welcome| {
        welcome.account = Some(Text::clean("alice"));
        welcome.channels = Some(vec![Text::clean("lobby")]);
        welcome.resumed = Some(false);
        let unread = Unread { messages: Some(2), mentions: 2, ..Unread::default() };
        welcome.conversations = vec![Conversation { nickname: Text::clean("bob"), unread }];
    });
    assert!(guest.last_sent().contains("hello"), "{}", guest.last_sent());
    guest.answer(r#"{"type":"ack","id":9,"at":"2026-01-01T00:09:00.000Z"}"#);
    assert!(guest.last_sent().starts_with(r#"{"type":"history","to":"bob","#));
    let bob = guest.app.rooms.iter().find(|room| room.name.as_str() == "bob");
    assert_eq!(bob.map(|bob| (bob.unread, bob.mentions)), Some((2, 2)));
}

#[test]
fn deleted_messages_are_shown_as_deleted() {
    let mut alice = Person::in_lobby(110, 14);
    (1..=3).for_each(|id| alice.receive_chat(id, "bob", &format!("secret {id}")));
    alice.receive(
        r#"{"type":"deleted","id":2,"nickname":"bob","channel":"lobby","by":"op","at":"",
            "reason":"spam"}"#,
    );
    let screen = alice.screen();
    assert!(!screen.contains("secret 2") && screen.contains("secret 3"), "{screen}");
    assert!(screen.contains("a message of bob in lobby was deleted by op: spam"), "{screen}");
    alice.lose();
    resume(&mut alice, 2);
    alice.receive(LOBBY);
    let changed = message("channel", "lobby", 3, "bob", "[deleted]");
    alice.receive(&format!(
        r#"{{"type":"missed","messages":[],"changed":[{{{changed}}}],"more":false}}"#
    ));
    let screen = alice.screen();
    assert!(!screen.contains("secret 3") && screen.contains("secret 1"), "{screen}");
}
