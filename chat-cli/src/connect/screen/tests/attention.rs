//! Tests of alerts, of ignored users, and of pasted and typed lines.

use super::person::{LOBBY, Person, USERS, message};
use crate::connect::screen::app::{Effect, Input};
use insta::assert_snapshot;
use ratatui::crossterm::event::{KeyCode, KeyModifiers};

const RUST: &str = r#"{"type":"roster","channel":"rust","topic":null,"count":2,
    "members":[{"nickname":"alice","role":"member"},{"nickname":"eve","role":"owner"}]}"#;

/// Returns alice in the lobby, which is shown, and in #rust.
fn in_two_channels(width: u16) -> Person {
    let mut alice = Person::in_lobby(width, 8);
    alice.type_line("/join rust");
    alice.answer(RUST);
    alice.answer(r#"{"type":"history","channel":"rust","messages":[],"more":false}"#);
    alice.answer(r#"{"type":"users","channel":"rust","users":[{"nickname":"alice","away":null}]}"#);
    alice.type_line("/switch lobby");
    alice
}

fn say_in_rust(alice: &mut Person, id: u64, nickname: &str, text: &str) {
    alice.receive(&format!(
        r#"{{"type":"chat",{}}}"#,
        message("channel", "rust", id, nickname, text)
    ));
}

#[test]
fn mention_is_shown_differently_from_unread_messages() {
    let mut alice = in_two_channels(60);
    say_in_rust(&mut alice, 1, "bob", "alices are not Alice");
    say_in_rust(&mut alice, 2, "bob", "nobody is meant");
    assert_eq!(alice.effects, [Effect::Bell]);
    assert_snapshot!(alice.screen(), @r"
     #lobby: All things
     chat           │   -- you joined lobby
    >#lobby         │
     #rust        !2│
                    │
                    │
     alice at 127.0.0.1:7000: connected
    [#lobby]
    ");
    assert_eq!(alice.app.title(), "(1) chat: alice at 127.0.0.1:7000");
    alice.press(KeyCode::Char('a'), KeyModifiers::ALT);
    assert!(alice.screen().contains(">#rust"));
    assert_eq!(alice.app.title(), "chat: alice at 127.0.0.1:7000");
    alice.press(KeyCode::Up, KeyModifiers::ALT);
    say_in_rust(&mut alice, 3, "bob", "alicesomething");
    assert!(alice.screen().contains(" #rust         1│"), "{}", alice.screen());
    // The user's own message is no mention.
    say_in_rust(&mut alice, 4, "alice", "alice");
    assert_eq!(alice.effects, [Effect::Bell]);
}

#[test]
fn action_on_the_user_in_another_channel_is_shown_in_the_current_one() {
    for event in [
        r#"{"type":"kicked","channel":"rust","nickname":"alice","by":"eve","reason":"no"}"#,
        r#"{"type":"muted","channel":"rust","nickname":"alice","by":"eve"}"#,
        r#"{"type":"unmuted","channel":"rust","nickname":"alice","by":"eve"}"#,
        r#"{"type":"role","channel":"rust","nickname":"alice","role":"operator","by":"eve"}"#,
    ] {
        let mut alice = in_two_channels(50);
        alice.receive(event);
        let screen = alice.screen();
        assert!(
            screen.contains("alice") && screen.contains("in rust")
                || screen.contains("rust by eve"),
            "{screen}"
        );
        assert!(screen.contains(" #rust !\n"), "{screen}");
        assert_eq!(alice.effects, [Effect::Bell]);
        alice.press(KeyCode::Char('a'), KeyModifiers::ALT);
        assert!(alice.screen().contains("[#rust]"));
        // An action on another user is shown only in its channel.
        let mut alice = in_two_channels(50);
        alice.receive(&event.replace("\"alice\"", "\"carol\""));
        let screen = alice.screen();
        assert!(!screen.contains("carol") && alice.effects.is_empty(), "{screen}");
    }
}

#[test]
fn messages_of_an_ignored_user_are_hidden_and_do_not_ring() {
    let mut alice = in_two_channels(60);
    alice.receive_chat(1, "Bob", "before");
    alice.type_line("/ignore bob");
    let screen = alice.screen();
    assert!(!screen.contains("before") && !screen.contains("January"), "{screen}");
    say_in_rust(&mut alice, 2, "Bob", "alice, look");
    alice.receive(&format!(r#"{{"type":"chat",{}}}"#, message("to", "alice", 3, "bob", "psst")));
    alice.receive(r#"{"type":"invited","channel":"den","by":"bob"}"#);
    alice.receive(r#"{"type":"renamed","from":"Bob","to":"robert"}"#);
    alice.receive_chat(4, "robert", "after");
    assert!(alice.effects.is_empty());
    assert_snapshot!(alice.screen(), @r"
     #lobby: All things
     chat           │   -- you joined lobby
    >#lobby         │   -- you ignore bob; undo with /unignore
     #rust          │      <user>
                    │    * Bob is now known as robert
                    │
     alice at 127.0.0.1:7000: connected
    [#lobby]
    ");
    alice.type_line("/unignore Robert");
    let screen = alice.screen();
    assert!(screen.contains("robert: after") && screen.contains("you ignore nobody"), "{screen}");
    alice.type_line("/unignore robert");
    assert!(alice.screen().contains("error: no such user is ignored"));
}

#[test]
fn missed_messages_count_as_unread_and_as_mentions() {
    let mut alice = in_two_channels(60);
    say_in_rust(&mut alice, 1, "bob", "one");
    alice.press(KeyCode::Char('a'), KeyModifiers::ALT);
    alice.type_line("/switch lobby");
    alice.lose();
    alice.connect(2);
    alice.receive(LOBBY);
    alice.answer(RUST);
    alice.answer(r#"{"type":"history","channel":"lobby","messages":[],"more":false}"#);
    alice.answer(USERS);
    let page: Vec<String> = (1..=3)
        .map(|id| format!("{{{}}}", message("channel", "rust", id, "bob", "hi alice")))
        .collect();
    let page = page.join(",");
    let page = page.replacen("hi alice", "one", 1);
    alice.answer(&format!(
        r#"{{"type":"history","channel":"rust","messages":[{page}],"more":false}}"#
    ));
    assert!(alice.screen().contains(" #rust        !2│"), "{}", alice.screen());
    assert!(alice.effects.is_empty(), "missed messages do not ring the bell");
}

#[test]
fn window_title_is_cleaned_and_limited() {
    let mut alice = Person::at(60, 8);
    let welcome = crate::connect::event::Incoming::decode(
        r#"{"type":"welcome","nickname":"al\u001b]0;evil\u0007\u009c\u202e\u200fice","session":1}"#,
    );
    let welcome = welcome.expect("a welcome").event;
    let crate::connect::event::Event::Welcome {
        nickname, session, epoch, limits, reconnected, ..
    } = welcome
    else {
        panic!("{welcome:?}")
    };
    let (account, login) = (None, None);
    let welcome = crate::connect::connection::Welcome {
        nickname,
        session,
        epoch,
        limits,
        reconnected,
        account,
        login,
        channels: None,
        resumed: None,
        conversations: Vec::new(),
    };
    alice.apply(Input::Connected { welcome, offline: super::Duration::ZERO });
    let title = alice.app.title();
    assert!(!title.chars().any(char::is_control) && !title.contains('\u{202e}'), "{title:?}");
    alice.app.me =
        chat_server::engine::Text::clean(&"m\u{301}\u{301}\u{301}\u{301}\u{301}你".repeat(200));
    let title = alice.app.title();
    assert!(unicode_width::UnicodeWidthStr::width(title.as_str()) <= 80, "{title}");
    assert!(!title.contains("\u{301}\u{301}\u{301}\u{301}\u{301}"), "{title}");
}

#[test]
fn line_with_the_date_separates_days() {
    let mut alice = Person::in_lobby(60, 10);
    let on = |day: u64, id: u64| {
        let said = message("channel", "lobby", id, "bob", "good morning");
        format!(r#"{{"type":"chat",{}}}"#, said.replace("01-01T", &format!("01-0{day}T")))
    };
    for (day, id) in [(1, 1), (1, 2), (2, 3)] {
        alice.receive(&on(day, id));
    }
    assert_snapshot!(alice.screen(), @r"
     #lobby: All things
     chat           │   -- you joined lobby
    >#lobby         │   -- Thursday, 1 January 2026 --
                    │10:01 bob: good morning
                    │10:02 bob: good morning
                    │   -- Friday, 2 January 2026 --
                    │10:03 bob: good morning
                    │
     alice at 127.0.0.1:7000: connected
    [#lobby]
    ");
    alice.type_line("/clear");
    alice.receive(&on(2, 4));
    assert_snapshot!(alice.screen(), @r"
     #lobby: All things
     chat           │   -- Friday, 2 January 2026 --
    >#lobby         │10:04 bob: good morning
                    │
                    │
                    │
                    │
                    │
     alice at 127.0.0.1:7000: connected
    [#lobby]
    ");
}

#[test]
fn cleared_messages_are_not_fetched_again() {
    let mut alice = Person::in_lobby(60, 8);
    (1..=3).for_each(|id| alice.receive_chat(id, "bob", "hi"));
    alice.type_line("/clear");
    alice.lose();
    alice.connect(2);
    alice.receive(LOBBY);
    assert!(alice.last_sent().contains(r#""after":2"#), "{}", alice.last_sent());
    alice.answer_history(3..=5, false);
    assert_eq!(alice.lobby_entries(), "(lost the connection) 4 5 |");
}

#[test]
fn conversations_are_opened_and_closed() {
    let mut alice = Person::in_lobby(60, 8);
    alice.type_line("/query bob hi there");
    assert!(alice.last_sent().contains(r#""to":"bob","kind":"message","text":"hi there""#));
    assert!(alice.screen().contains(">@bob"));
    alice.type_line("/close");
    assert!(alice.screen().contains(">#lobby") && !alice.screen().contains("@bob"));
    alice.type_line("/query two\u{200b}words");
    assert!(alice.screen().contains("error: nickname"), "{}", alice.screen());
    alice.press(KeyCode::Char('u'), KeyModifiers::CONTROL);
    alice.answer(r#"{"type":"ack","id":1,"at":"2026-01-01T10:00:00.000Z"}"#);
    alice.type_line("/close");
    assert!(alice.last_sent().contains(r#""type":"leave","channel":"lobby""#));
    alice.answer(r#"{"type":"ok"}"#);
    alice.type_line("/close");
    assert!(alice.screen().contains("error: there is nothing to close here"));
}

#[test]
fn pasted_lines_are_sent_as_one_message_after_enter() {
    let mut alice = Person::in_lobby(70, 12);
    let paste = |alice: &mut Person, text: &str| {
        let effects = alice.app.paste(text);
        alice.note(effects);
    };
    let sent = alice.sent.len();
    alice.type_text("draft: ");
    paste(&mut alice, "\u{1b}]0;one\u{7}\r\n\r\n/quit\r\ttwo  \n\n");
    assert_snapshot!(alice.screen(), @r"
     #lobby: All things
     chat           │   -- you joined lobby
    >#lobby         │
                    │
                    │
                    │
                    │
     alice at 127.0.0.1:7000: connected
    [#lobby] draft: ]0;one

             /quit
                 two
    ");
    assert_eq!(alice.cursor(), (16, 11));
    assert_eq!(alice.sent.len(), sent);
    alice.key(KeyCode::Enter);
    let said = r#""channel":"lobby","kind":"message","text":"draft: ]0;one\n\n/quit\n\ttwo""#;
    assert!(alice.last_sent().contains(said), "{}", alice.last_sent());
    alice.answer(r#"{"type":"ack","id":1,"at":"2026-01-01T10:00:00.000Z"}"#);

    paste(&mut alice, &"line\n".repeat(65));
    alice.key(KeyCode::Enter);
    let screen = alice.screen();
    assert!(screen.contains("it has 65") && screen.contains("at most 64"), "{screen}");
    assert!(screen.trim_end().ends_with("line"), "the text is kept: {screen}");
    (0..65 * 2).for_each(|_| alice.press(KeyCode::Char('u'), KeyModifiers::CONTROL));

    paste(&mut alice, "/topic one\ntwo");
    alice.key(KeyCode::Enter);
    let screen = alice.screen();
    assert!(screen.contains("error: a command is one line; nothing was done"), "{screen}");
    assert!(screen.contains("[#lobby] /topic one\n         two\n"), "it is kept: {screen}");
    (0..3).for_each(|_| alice.press(KeyCode::Char('u'), KeyModifiers::CONTROL));
    paste(&mut alice, &"x".repeat(20_000));
    assert!(alice.screen().contains("error: that is too long to paste"), "{}", alice.screen());
    assert_eq!(alice.sent.len(), sent + 1);
}

#[test]
fn line_breaks_are_typed_with_alt_shift_or_control() {
    let mut alice = Person::in_lobby(70, 12);
    alice.type_text("one");
    alice.press(KeyCode::Enter, KeyModifiers::ALT);
    alice.type_text("  two");
    alice.press(KeyCode::Enter, KeyModifiers::SHIFT);
    alice.type_text("three");
    alice.press(KeyCode::Char('j'), KeyModifiers::CONTROL);
    alice.type_text("four");
    alice.key(KeyCode::Up);
    alice.key(KeyCode::Home);
    alice.type_text("> ");
    alice.key(KeyCode::Down);
    alice.type_text("!");
    assert_snapshot!(alice.screen(), @r"
     #lobby: All things
     chat           │   -- you joined lobby
    >#lobby         │
                    │
                    │
                    │
                    │
     alice at 127.0.0.1:7000: connected
    [#lobby] one
               two
             > three
             fo!ur
    ");
    assert_eq!(alice.cursor(), (12, 11));
    alice.key(KeyCode::Enter);
    let said = r#""text":"one\n  two\n> three\nfo!ur""#;
    assert!(alice.last_sent().contains(said), "{}", alice.last_sent());
    alice.answer(r#"{"type":"ack","id":1,"at":"2026-01-01T10:00:00.000Z"}"#);
    assert!(alice.screen().ends_with("connected\n[#lobby]\n"), "{}", alice.screen());
    // The whole text is recalled.
    alice.key(KeyCode::Up);
    alice.key(KeyCode::Enter);
    assert!(alice.last_sent().contains(said), "{}", alice.last_sent());
}

#[test]
fn too_long_message_and_missing_answer_are_reported() {
    let mut alice = Person::in_lobby(60, 12);
    let sent = alice.sent.len();
    alice.app.paste(&"x".repeat(5_000));
    alice.key(KeyCode::Enter);
    assert_eq!(alice.sent.len(), sent);
    let screen = alice.screen();
    assert!(screen.contains("5000 bytes") && screen.contains("at most 4096"), "{screen}");
    assert!(screen.trim_end().ends_with("xxx"), "the line is kept: {screen}");
    alice.press(KeyCode::Char('u'), KeyModifiers::CONTROL);

    alice.type_line("one");
    alice.type_line("two");
    alice.receive(r#"{"type":"error","code":"line_too_long","message":"line is longer"}"#);
    assert!(alice.screen().contains("-- error: line is longer"), "{}", alice.screen());
    assert!(alice.last_sent().contains("two"));
    alice.apply(Input::NoAnswer);
    assert!(alice.screen().contains("-- error: no answer within 15 seconds"));
    alice.type_line("three");
    assert!(alice.last_sent().contains("three"));
}

#[test]
fn refused_quit_keeps_the_client_running() {
    let mut alice = Person::in_lobby(60, 8);
    alice.type_line("/quit too long");
    alice.answer(r#"{"type":"error","code":"reason_too_long","message":"reason is too long"}"#);
    assert_eq!(alice.effects, [Effect::Leave, Effect::Stay]);
    assert!(alice.screen().contains("error: reason is too long"));
    alice.type_line("/quit");
    assert!(alice.last_sent().contains(r#""type":"quit""#));
}
