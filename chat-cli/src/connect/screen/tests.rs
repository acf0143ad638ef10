//! Tests of the full-screen client without a terminal, a server or a clock: they send frames and
//! keys, and check the screen and the sent frames.

mod attention;
mod person;
mod replies;
mod resume;

use super::app::{Effect, Input};
use insta::assert_snapshot;
use person::{LOBBY, Person, USERS, message};
use ratatui::crossterm::event::{KeyCode, KeyModifiers};
use ratatui::layout::Size;
use std::time::Duration;

#[test]
fn screen_shows_channels_messages_and_members() {
    let mut alice = Person::at(80, 10);
    assert_snapshot!(alice.screen(), @r"
     chat
    >chat           │
                    │
                    │
                    │
                    │
                    │
                    │
     alice at 127.0.0.1:7000: connecting
    [chat]
    ");
    alice.connect(1);
    alice.receive(LOBBY);
    assert!(alice.last_sent().contains(r#""type":"history","channel":"lobby","limit":50"#));
    alice.answer_history(1..=2, false);
    assert!(alice.last_sent().contains(r#""type":"users","channel":"lobby""#));
    alice.answer(USERS);
    alice.receive(r#"{"type":"user_joined","channel":"lobby","nickname":"carol"}"#);
    alice.receive(
        r#"{"type":"role","channel":"lobby","nickname":"carol","role":"operator","by":"bob"}"#,
    );
    alice.receive_chat(
        3,
        "carol",
        "hello alice, a line that is too long for the column in the middle of the screen",
    );
    alice.type_text("hi");
    assert_snapshot!(alice.screen(), @r"
     #lobby: All things
     chat           │10:02 bob: message 2                        │@carol
    >#lobby         │   -- you joined lobby                      │ alice
                    │    * carol joined lobby                    │ bob (away)
                    │    * bob made carol operator in lobby      │
                    │10:03 carol: hello alice, a line that is too│
                    │      long for the column in the middle of  │
                    │      the screen                            │
     alice at 127.0.0.1:7000: connected
    [#lobby] hi
    ");
    assert_eq!(alice.cursor(), (11, 9));
}

#[test]
fn typed_line_is_sent_and_shown_when_the_server_returns_it() {
    let mut alice = Person::in_lobby(60, 8);
    alice.type_line("hello");
    assert!(alice.last_sent().contains(r#""channel":"lobby","kind":"message","text":"hello""#));
    alice.answer(r#"{"type":"ack","id":1,"at":"2026-01-01T10:00:00.000Z"}"#);
    alice.receive_chat(1, "alice", "hello");
    alice.type_line("/dance");
    alice.type_line("/topic none");
    alice.answer(r#"{"type":"ok"}"#);
    alice.type_line("/kick bob");
    alice.answer(
        r#"{"type":"error","code":"not_permitted","message":"only operators may do that"}"#,
    );
    assert_snapshot!(alice.screen(), @r"
     #lobby: none
     chat           │10:01 alice: hello
    >#lobby         │   -- error: unknown command; /help lists
                    │      them
                    │    * alice set the topic of lobby: none
                    │   -- error: only operators may do that
     alice at 127.0.0.1:7000: connected
    [#lobby]
    ");
}

#[test]
fn private_messages_have_their_own_room() {
    let mut alice = Person::in_lobby(60, 8);
    alice.receive(&format!(r#"{{"type":"chat",{}}}"#, message("to", "alice", 1, "bob", "psst")));
    assert_snapshot!(alice.screen(), @r"
     #lobby: All things
     chat           │   -- you joined lobby
    >#lobby         │
     @bob         !1│
                    │
                    │
     alice at 127.0.0.1:7000: connected
    [#lobby]
    ");
    alice.press(KeyCode::Down, KeyModifiers::ALT);
    alice.type_text("yes?");
    assert_snapshot!(alice.screen(), @r"
     @bob
     chat           │   -- Thursday, 1 January 2026 --
     #lobby         │10:01 bob: psst
    >@bob           │
                    │
                    │
     alice at 127.0.0.1:7000: connected
    [@bob] yes?
    ");
    alice.key(KeyCode::Enter);
    assert!(alice.last_sent().contains(r#""to":"bob","kind":"message","text":"yes?""#));
    alice.answer(r#"{"type":"ack","id":2,"at":"2026-01-01T10:00:00.000Z","away":"lunch"}"#);
    alice.receive(r#"{"type":"renamed","from":"bob","to":"robert"}"#);
    alice.type_line("/leave");
    assert_snapshot!(alice.screen(), @r"
     #lobby: All things
     chat           │   -- you joined lobby
    >#lobby         │    * bob is now known as robert
                    │
                    │
                    │
     alice at 127.0.0.1:7000: connected
    [#lobby]
    ");
}

#[test]
fn channels_are_joined_switched_and_left() {
    let mut alice = Person::in_lobby(60, 8);
    alice.type_line("/join #Rust sesame");
    assert!(alice.last_sent().contains(r##""channel":"#Rust","key":"sesame""##));
    let rust = r#"{"type":"roster","channel":"rust","topic":null,"count":1,
        "members":[{"nickname":"alice","role":"owner"}]}"#;
    alice.answer(rust);
    alice.answer(r#"{"type":"history","channel":"rust","messages":[],"more":false}"#);
    alice.answer(r#"{"type":"users","channel":"rust","users":[{"nickname":"alice","away":null}]}"#);
    alice.receive_chat(1, "bob", "where is alice?");
    alice.receive_chat(2, "bob", "well");
    assert_snapshot!(alice.screen(), @r"
     #rust
     chat           │   -- you joined rust
     #lobby       !2│
    >#rust          │
                    │
                    │
     alice at 127.0.0.1:7000: connected
    [#rust]
    ");
    alice.press(KeyCode::Char('p'), KeyModifiers::CONTROL);
    assert_snapshot!(alice.screen(), @r"
     #lobby: All things
     chat           │   -- you joined lobby
    >#lobby         │   -- Thursday, 1 January 2026 --
     #rust          │10:01 bob: where is alice?
                    │10:02 bob: well
                    │
     alice at 127.0.0.1:7000: connected
    [#lobby]
    ");
    alice.receive(
        r#"{"type":"kicked","channel":"rust","nickname":"alice","by":"eve","reason":"no"}"#,
    );
    alice.type_line("/switch rust");
    assert_snapshot!(alice.screen(), @r"
     #rust
     chat           │   -- you joined rust
     #lobby         │    * alice was kicked from rust by eve: no
    >#rust          │
                    │
                    │
     alice at 127.0.0.1:7000: connected
    [#rust]
    ");
    alice.type_line("/leave");
    assert!(!alice.screen().contains("#rust"));
}

#[test]
fn server_speaks_with_a_sign_and_closes_channels() {
    let mut alice = Person::in_lobby(60, 8);
    let said = message("channel", "lobby", 1, "server", "last round");
    alice.receive(&format!(r#"{{"type":"chat","system":true,{said}}}"#));
    alice.receive(
        r#"{"type":"channel_closed","channel":"lobby","by":"server","reason":"game over"}"#,
    );
    assert_snapshot!(alice.screen(), @r"
     #lobby: All things
     chat           │   -- you joined lobby
    >#lobby         │   -- Thursday, 1 January 2026 --
                    │10:01 ! server: last round
                    │    * server closed lobby: game over
                    │
     alice at 127.0.0.1:7000: connected
    [#lobby]
    ");
}

#[test]
fn missed_messages_are_fetched_once_after_a_reconnect() {
    let mut alice = Person::in_lobby(80, 8);
    (1..=3).for_each(|id| alice.receive_chat(id, "bob", &format!("message {id}")));
    alice.type_line("into the void");
    alice.lose();
    assert_snapshot!(alice.screen(), @r"
     #lobby: All things
     chat           │10:02 bob: message 2                        │ alice
    >#lobby         │10:03 bob: message 3                        │ bob (away)
                    │   -- lost the connection                   │
                    │   -- this is sent again after reconnecting:│
                    │      into the void                         │
     alice at 127.0.0.1:7000: trying again in 2 s: lost the connection
    [#lobby]
    ");
    alice.type_line("anybody?");
    assert!(alice.screen().contains("not connected: nothing was sent"));
    assert!(alice.screen().contains("[#lobby] anybody?"), "the line is kept");
    assert!(alice.app.wants_lobby());
    alice.connect(2);
    alice.receive(LOBBY);
    assert!(alice.last_sent().contains(r#""after":2,"limit":100"#), "{}", alice.last_sent());
    // This message arrives before the history.
    alice.receive_chat(8, "bob", "message 8");
    alice.answer_history(3..=5, true);
    assert!(alice.last_sent().contains(r#""after":5"#), "{}", alice.last_sent());
    alice.receive_chat(9, "bob", "message 9");
    alice.answer_history(6..=8, false);
    let again = "(this is sent again after reconnecting: into the void)";
    let offline = "(not connected: nothing was sent)";
    let void = "(this may not have been sent: into the void)";
    let seen = format!("| 1 2 3 (lost the connection) {again} {offline} {void} 4 5 6 7 | 8 9");
    assert_eq!(alice.lobby_entries(), seen);
}

#[test]
fn unacknowledged_messages_are_sent_again_in_order_to_a_server_that_recognises_them() {
    let mut alice = Person::in_lobby(80, 8);
    alice.type_line("one");
    alice.type_line("/msg bob two");
    alice.lose();
    // The second connection is lost before the server answers.
    for session in [2, 3] {
        alice.reconnect(session, Duration::from_secs(60));
        assert!(
            alice.last_sent().contains(r#""text":"one","nonce":"n-1""#),
            "{}",
            alice.last_sent()
        );
        if session == 2 {
            alice.lose();
        }
    }
    alice.answer(r#"{"type":"ack","id":1,"at":"2026-01-01T10:01:00.000Z"}"#);
    assert!(alice.last_sent().contains(r#""text":"two","nonce":"n-2""#), "{}", alice.last_sent());
    alice.answer(r#"{"type":"ack","id":2,"at":"2026-01-01T10:02:00.000Z"}"#);
    // The server had not received this one, so it sends it to the sender too.
    alice.receive(&format!(r#"{{"type":"chat",{}}}"#, message("to", "bob", 2, "alice", "two")));
    assert!(alice.lobby_entries().ends_with(" 1"), "{}", alice.lobby_entries());
    alice.type_line("/switch bob");
    assert_eq!(alice.screen().matches("alice: two").count(), 1, "{}", alice.screen());
}

#[test]
fn unacknowledged_message_is_not_sent_again_when_the_server_may_have_forgotten_it() {
    let mut alice = Person::in_lobby(80, 8);
    alice.type_line("one");
    alice.lose();
    let sent = alice.sent.len();
    alice.reconnect(2, Duration::from_secs(299));
    assert_eq!(alice.sent.len(), sent + 1);
    alice.lose();
    alice.reconnect(3, Duration::from_secs(1));
    assert_eq!(alice.sent.len(), sent + 1);
    assert!(alice.lobby_entries().ends_with("(this may not have been sent: one)"));
}

#[test]
fn catching_up_begins_again_after_another_lost_connection() {
    let mut alice = Person::in_lobby(80, 8);
    alice.receive_chat(1, "bob", "message 1");
    alice.lose();
    alice.connect(2);
    alice.receive(LOBBY);
    alice.answer_history(1..=2, true);
    alice.receive_chat(6, "bob", "message 6");
    alice.lose();
    alice.connect(3);
    alice.receive(LOBBY);
    assert!(alice.last_sent().contains(r#""after":0"#), "{}", alice.last_sent());
    alice.answer_history(1..=6, false);
    let ids: Vec<u64> =
        alice.lobby_entries().split(' ').filter_map(|word| word.parse().ok()).collect();
    assert_eq!(ids, [1, 2, 3, 4, 5, 6]);
}

#[test]
fn history_is_fetched_anew_after_a_restart_of_the_server() {
    let mut alice = Person::in_lobby(80, 8);
    (7..=8).for_each(|id| alice.receive_chat(id, "bob", "before"));
    alice.lose();
    alice.connect(1);
    alice.receive(LOBBY);
    assert!(
        alice.last_sent().contains(r#""channel":"lobby","limit":100"#),
        "{}",
        alice.last_sent()
    );
    alice.receive_chat(8, "bob", "after");
    alice.answer_history(5..=8, true);
    assert!(alice.last_sent().contains(r#""before":5"#), "{}", alice.last_sent());
    alice.answer_history(1..=4, false);
    let seen = "| 7 8 (lost the connection) (the server was restarted) 1 2 3 4 5 6 7 | 8";
    assert_eq!(alice.lobby_entries(), seen);
    alice.lose();
    alice.connect(9);
    alice.receive(LOBBY);
    assert!(alice.last_sent().contains(r#""after":7"#), "{}", alice.last_sent());
}

#[test]
fn restart_without_a_lower_session_number_is_detected() {
    let mut alice = Person::in_lobby(80, 8);
    alice.receive_chat(3, "bob", "before");
    alice.lose();
    // The new server has had more sessions than the old one, so the number shows no restart.
    alice.connect(50);
    alice.receive(LOBBY);
    alice.receive_chat(4, "bob", "after");
    let other = message("channel", "lobby", 3, "bob", "another").replace("10:03", "11:03");
    alice.answer(&format!(
        r#"{{"type":"history","channel":"lobby","messages":[{{{other}}}],"more":true}}"#
    ));
    assert!(
        alice.last_sent().contains(r#""channel":"lobby","limit":100"#),
        "{}",
        alice.last_sent()
    );
    alice.answer_history(1..=4, false);
    let forgotten = "(the server does not remember what was said before this)";
    assert_eq!(alice.lobby_entries(), format!("| 3 (lost the connection) {forgotten} 1 2 3 | 4"));
}

#[test]
fn messages_dropped_by_a_full_queue_are_fetched() {
    let mut alice = Person::in_lobby(80, 8);
    alice.receive_chat(1, "bob", "one");
    alice.receive(r#"{"type":"lagged","missed":2}"#);
    assert!(alice.last_sent().contains(r#""after":0"#), "{}", alice.last_sent());
    alice.receive_chat(4, "bob", "four");
    alice.answer_history(1..=4, false);
    assert_eq!(alice.lobby_entries(), "| 1 2 3 (missed 2 messages) 4");
    alice.answer(
        r#"{"type":"users","channel":"lobby","count":1,
            "users":[{"nickname":"alice","away":null}]}"#,
    );
    assert!(!alice.screen().contains(" bob\n"), "bob has left meanwhile");
}

#[test]
fn scrolling_up_loads_older_messages_and_keeps_the_position() {
    let mut alice = Person::at(50, 8);
    alice.connect(1);
    alice.receive(LOBBY);
    alice.answer_history(91..=100, true);
    alice.answer(USERS);
    alice.key(KeyCode::PageUp);
    alice.key(KeyCode::PageUp);
    assert_snapshot!(alice.screen(), @r"
     #lobby: All things
       -- Thursday, 1 January 2026 --
    10:31 bob: message 91
    10:32 bob: message 92
    10:33 bob: message 93
    10:34 bob: message 94
     alice at 127.0.0.1:7000: connected  7 more below
    [#lobby]
    ");
    assert!(alice.last_sent().contains(r#""before":91,"limit":100"#), "{}", alice.last_sent());
    // Only the line of the day moves up.
    let after =
        alice.screen().replace("   -- Thursday, 1 January 2026 --", "10:30 bob: message 90");
    alice.answer_history(81..=90, false);
    assert_eq!(alice.screen(), after);
    alice.receive_chat(101, "bob", "news");
    assert_eq!(alice.screen(), after.replace("7 more", "8 more"));
    alice.key(KeyCode::PageUp);
    assert_snapshot!(alice.screen(), @r"
     #lobby: All things
    10:26 bob: message 86
    10:27 bob: message 87
    10:28 bob: message 88
    10:29 bob: message 89
    10:30 bob: message 90
     alice at 127.0.0.1:7000: connected 12 more below
    [#lobby]
    ");
    let sent = alice.sent.len();
    alice.press(KeyCode::Home, KeyModifiers::CONTROL);
    assert_eq!(alice.sent.len(), sent, "there are no older messages");
    alice.press(KeyCode::End, KeyModifiers::CONTROL);
    assert!(alice.screen().contains("10:41 bob: news"));
}

#[test]
fn tab_completes_commands_channels_and_names() {
    let mut alice = Person::in_lobby(60, 8);
    for (typed, completed) in [
        ("/jo", "/join "),
        ("/join lo", "/join lobby "),
        ("#LO", "#lobby "),
        ("b", "bob: "),
        ("hi B", "hi bob "),
        ("/msg b", "/msg bob "),
        ("zz", "zz"),
    ] {
        alice.type_text(typed);
        alice.key(KeyCode::Tab);
        assert!(alice.screen().trim_end().ends_with(completed.trim_end()), "{}", alice.screen());
        alice.press(KeyCode::Char('u'), KeyModifiers::CONTROL);
        alice.press(KeyCode::Char('k'), KeyModifiers::CONTROL);
    }
}

#[test]
fn rate_limited_request_is_sent_again() {
    let mut alice = Person::in_lobby(60, 8);
    alice.type_line("one");
    alice.type_line("two");
    let sent = alice.last_sent().to_owned();
    alice.answer(r#"{"type":"error","code":"rate_limited","message":"wait","retry_after_ms":90}"#);
    assert_eq!(alice.effects, [Effect::RetryIn(Duration::from_millis(90))]);
    alice.apply(Input::Retry);
    assert_eq!(alice.last_sent(), sent);
    alice.answer(r#"{"type":"ack","id":1,"at":"2026-01-01T10:00:00.000Z"}"#);
    assert!(alice.last_sent().contains("two"));
}

#[test]
fn quitting_waits_for_the_goodbye_once() {
    let mut alice = Person::in_lobby(60, 8);
    alice.type_line("/quit so long");
    assert!(alice.last_sent().contains(r#""type":"quit","reason":"so long""#));
    assert_eq!(alice.effects, [Effect::Leave]);
    alice.answer(r#"{"type":"goodbye"}"#);
    assert_eq!(alice.effects, [Effect::Leave, Effect::Exit]);

    let mut impatient = Person::in_lobby(60, 8);
    impatient.press(KeyCode::Char('c'), KeyModifiers::CONTROL);
    impatient.press(KeyCode::Char('c'), KeyModifiers::CONTROL);
    assert_eq!(impatient.effects, [Effect::Leave, Effect::Exit]);
}

#[test]
fn control_characters_of_other_users_do_not_reach_the_terminal() {
    let mut alice = Person::in_lobby(60, 8);
    let evil = "\u{1b}]0;title\u{7}\u{9b}31m \u{202e}txet\r\nforged\u{0}";
    alice.receive_chat(1, "e\u{1b}[2Jve", evil);
    alice.receive(r#"{"type":"topic","channel":"lobby","topic":"\u001b[2Jgone","by":"e\u0007ve"}"#);
    let screen = alice.screen();
    assert!(screen.chars().all(|c| c == '\n' || !c.is_control()), "{screen:?}");
    assert!(!screen.contains('\u{202e}'));
    assert_snapshot!(screen, @r"
     #lobby: [2Jgone
     chat           │   -- you joined lobby
    >#lobby         │   -- Thursday, 1 January 2026 --
                    │10:01 e[2Jve: ]0;title31m txet
                    │      │ forged
                    │    * eve set the topic of lobby: [2Jgone
     alice at 127.0.0.1:7000: connected
    [#lobby]
    ");
}

#[test]
fn wide_characters_keep_their_columns() {
    let mut alice = Person::in_lobby(60, 8);
    alice.receive_chat(1, "bob", "你好，世界！ 👩‍👧 e\u{301}clair 你好，世界！你好，世界！");
    alice.app.paste("你好\tthere\n");
    assert_snapshot!(alice.screen(), @r"
     #lobby: All things
     chat           │   -- you joined lobby
    >#lobby         │   -- Thursday, 1 January 2026 --
                    │10:01 bob: 你好，世界！ 👩‍👧 éclair
                    │      你好，世界！你好，世界！
                    │
     alice at 127.0.0.1:7000: connected
    [#lobby] 你好    there
    ");
    assert_eq!(alice.cursor(), (22, 7));
}

#[test]
fn further_lines_of_a_message_cannot_pass_for_others() {
    let mut alice = Person::in_lobby(60, 14);
    alice.receive_chat(
        1,
        "eve",
        "if ready:\n\tgo()\n\n10:02 bob: forged\n   -- forged\n    * bob left lobby, in a line \
         that is too long for the screen",
    );
    alice.receive_chat(2, "bob", "  indented");
    assert_snapshot!(alice.screen(), @r"
     #lobby: All things
     chat           │   -- you joined lobby
    >#lobby         │   -- Thursday, 1 January 2026 --
                    │10:01 eve: if ready:
                    │      │     go()
                    │      │
                    │      │ 10:02 bob: forged
                    │      │    -- forged
                    │      │     * bob left lobby, in a line
                    │        that is too long for the screen
                    │10:02 bob:   indented
                    │
     alice at 127.0.0.1:7000: connected
    [#lobby]
    ");
}

#[test]
fn every_size_can_be_drawn() {
    let mut alice = Person::in_lobby(80, 8);
    alice.receive_chat(
        1,
        "bob",
        "你好 a long line of words that has to be wrapped somewhere or other",
    );
    alice.app.paste("line\n\tof a message\nthat has many\nlines");
    for width in 0..90 {
        for height in 0..8 {
            alice.apply(Input::Resized(Size { width, height }));
            alice.key(KeyCode::PageUp);
            alice.screen();
        }
    }
    alice.apply(Input::Resized(Size { width: 40, height: 6 }));
    alice.press(KeyCode::End, KeyModifiers::CONTROL);
    (0..7).for_each(|_| alice.press(KeyCode::Char('u'), KeyModifiers::CONTROL));
    alice.type_text("你好 typing");
    assert_snapshot!(alice.screen(), @r"
     #lobby: All things
    10:01 bob: 你好 a long line of words
          that has to be wrapped somewhere
          or other
     alice at 127.0.0.1:7000: connected
    [#lobby] 你好 typing
    ");
}
