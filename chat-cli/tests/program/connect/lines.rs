//! Tests of the client in pipelines: refusals, the stable output format, and the exit codes.

use crate::connect::fake::FakeServer;
use crate::connect::process::{Client, Server, ends_without_a_reader};
use crate::folder::folder;
use serde_json::Value;
use std::fs;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

#[test]
fn too_long_message_is_refused_with_the_limit_and_the_next_one_is_sent() {
    let server =
        Server::start_with(&["tcp://127.0.0.1:0", "tcp+json://127.0.0.1:0", "ws://127.0.0.1:0"]);
    let json = server.others[0].clone();
    let as_json = 2 * 4_096 + overhead();
    for (number, url) in [&server.tcp, &json, &server.ws].into_iter().enumerate() {
        let name = format!("user{number}");
        let mut client = Client::start(url, &name, &[]);
        client.expect(&[&format!("connected as {name}"), &format!("you joined lobby: {name}")]);
        client.say(&"x".repeat(5_000));
        client.say(&"x".repeat(100_000));
        // The message meets its limit, but the frame exceeds its own after JSON escaping.
        client.say(&"\"".repeat(4_096));
        client.say(&"x".repeat(4_096));
        client.expect(&[&format!("[lobby] {name}: {}", "x".repeat(4_096))]);
        client.say("still here");
        client.expect(&[&format!("[lobby] {name}: still here")]);
        client.end_of_input();
        let limit = "and the server accepts at most";
        client.ends_refused(&[
            &format!("line 1: the message is too long: it has 5000 bytes, {limit} 4096"),
            &format!("line 2: the message is too long: it has 100000 bytes, {limit} 4096"),
            &format!("line 3: the line is too long: as JSON it has {as_json} bytes, {limit} 8192"),
        ]);
    }
}

/// Returns the bytes of a frame with a message in the lobby, without the message itself.
fn overhead() -> usize {
    r#"{"type":"chat","channel":"lobby","kind":"message","text":"","ref":"18446744073709551615"}"#
        .len()
}

#[test]
fn limits_of_the_server_are_used() {
    let folder = folder("limits");
    for (frame, message) in [(1_024, 512), (65_536, 20_000)] {
        let config = folder.join(format!("{frame}.toml"));
        let limits = format!("[limits]\nframe_bytes = {frame}\nmessage_bytes = {message}\n");
        fs::write(&config, limits).expect("a file");
        let server = Server::start_configured(&config);
        for (name, url) in [("alice", &server.tcp), ("bob", &server.ws)] {
            let mut client = Client::start(url, name, &[]);
            client.expect(&[&format!("connected as {name}")]);
            assert!(client.line().starts_with("you joined lobby: "));
            let longest = "x".repeat(message);
            client.say(&format!("{longest}x"));
            client.say(&longest);
            client.expect(&[&format!("[lobby] {name}: {longest}")]);
            client.say(&format!("/topic {}", "x".repeat(frame)));
            client.say("/quit");
            let bytes =
                frame + r#"{"type":"topic","channel":"lobby","topic":"","ref":""}"#.len() + 20;
            client.ends_refused(&[
                &format!(
                    "line 1: the message is too long: it has {} bytes, and the server accepts at \
                     most {message}",
                    message + 1
                ),
                &format!(
                    "line 3: the line is too long: as JSON it has {bytes} bytes, and the server \
                     accepts at most {frame}"
                ),
            ]);
        }
    }
}

#[test]
fn error_without_a_reference_answers_the_request_that_was_sent() {
    let server = FakeServer::lines(|mut peer| {
        peer.welcome();
        let said = peer.receive();
        assert_eq!(said["text"], "one");
        peer.send(
            r#"{"type":"error","code":"line_too_long","message":"line is longer than 20 bytes"}"#,
        );
        let said = peer.receive();
        assert_eq!(said["text"], "two");
        peer.send(&format!(r#"{{"type":"ack","id":1,"ref":{}}}"#, said["ref"]));
        peer.answer_quit();
    });
    let mut alice = Client::in_lobby(&server.url, "alice", "alice");
    alice.write(b"one\ntwo\n");
    alice.end_of_input();
    alice.ends_refused(&["line 1: line is longer than 20 bytes"]);
    server.ends_well();
}

#[test]
fn unanswered_request_is_given_up() {
    let server = FakeServer::lines(|mut peer| {
        peer.welcome();
        assert_eq!(peer.receive()["type"], "chat");
        peer.answer_quit();
    });
    let mut alice = Client::in_lobby(&server.url, "alice", "alice");
    alice.say("is anybody there?");
    alice.end_of_input();
    alice.ends_refused(&["line 1: no answer within 15 seconds"]);
    server.ends_well();
}

#[test]
fn client_ends_if_quit_is_not_answered() {
    let server = FakeServer::lines(|mut peer| {
        peer.welcome();
        peer.wait_for_the_end();
    });
    let mut alice = Client::in_lobby(&server.url, "alice", "alice");
    alice.end_of_input();
    alice.fails_with(": no answer within 15 seconds");
    server.ends_well();
}

#[test]
fn client_ends_without_a_welcome() {
    let server = FakeServer::lines(super::fake::Peer::wait_for_the_end);
    Client::start(&server.url, "alice", &[]).fails_with(": no answer within 15 seconds");
    server.ends_well();
}

#[test]
fn client_ends_if_it_does_not_get_into_a_channel() {
    let server = FakeServer::lines(|mut peer| {
        let hello = peer.receive();
        peer.send(&format!(r#"{{"type":"welcome","nickname":"alice","ref":{}}}"#, hello["ref"]));
        peer.wait_for_the_end();
    });
    let mut alice = Client::start(&server.url, "alice", &[]);
    alice.expect(&["connected as alice"]);
    alice.fails_with(": it did not let the user into a channel");
    server.ends_well();
}

#[test]
fn ping_of_the_server_is_answered() {
    let server = FakeServer::lines(|mut peer| {
        peer.welcome();
        peer.send(r#"{"type":"ping"}"#);
        assert_eq!(peer.receive()["type"], "pong");
        peer.send(r#"{"type":"shutting_down"}"#);
    });
    let mut alice = Client::start(&server.url, "alice", &[]);
    alice.expect(&["connected as alice", "you joined lobby: alice", "the server is shutting down"]);
    alice.fails_with("the server is shutting down");
    server.ends_well();
}

#[test]
fn close_code_of_a_websocket_is_described() {
    for (code, reason, named) in [
        (1009, "", "message too big (code 1009)"),
        (1008, "be\u{1b}[2J quiet", "be[2J quiet (code 1008: policy violation)"),
        (1001, "", "going away (code 1001)"),
        (4401, "", "login expired (code 4401)"),
        (4999, "", "(code 4999)"),
    ] {
        let frame = CloseFrame { code: code.into(), reason: reason.to_owned().into() };
        let server = FakeServer::closes_with(Some(frame));
        let mut alice = Client::in_lobby(&server.url, "alice", "alice");
        alice.say("hi");
        alice.fails_with(named);
        server.ends_well();
    }
}

#[test]
fn refusals_go_to_standard_error_and_set_the_exit_code() {
    let server = Server::start();
    for url in [&server.tcp, &server.ws] {
        let mut alice = Client::in_lobby(url, "alice", "alice");
        alice.say("/msg nobody hi");
        alice.say("");
        alice.say("/dance");
        alice.say("/switch nowhere");
        alice.say("/kick");
        alice.say("/leave");
        alice.expect(&["you left lobby"]);
        alice.say("hello?");
        alice.say("/quit");
        alice.ends_refused(&[
            "line 1: there is no user 'nobody'",
            "line 3: unknown command; /help lists them",
            "line 4: you are not in that channel",
            "line 5: usage: /kick <user> [reason]",
            "line 7: you are not on a channel; join one with /join <channel>",
        ]);
    }
}

#[test]
fn nickname_cannot_imitate_lines_of_the_client() {
    let server = Server::start();
    let mut alice = Client::in_lobby(&server.tcp, "alice", "alice");
    let names = ["you", "error", "chat", "connected", "online", "missed", "topic", "channel"];
    for name in names.into_iter().chain(["[lobby]", "alice-", "the", "_"]) {
        let mut eve = Client::start(&server.ws, name, &["--channel", "lobby"]);
        eve.expect(&[&format!("connected as {name}")]);
        assert!(eve.line().starts_with("you joined lobby: "));
        eve.say("/msg alice psst");
        eve.expect(&[&format!("[{name} -> alice]: psst")]);
        eve.say("/away the server is shutting down");
        eve.say("hi");
        eve.say("/me waves");
        eve.say("/quit to alice: hello");
        alice.expect(&[
            &format!("* {name} joined lobby"),
            &format!("[{name} -> alice]: psst"),
            &format!("* {name} is away: the server is shutting down"),
            &format!("[lobby] {name}: hi"),
            &format!("[lobby] * {name} waves"),
            &format!("* {name} left lobby: to alice: hello"),
        ]);
    }
    let mut eve = Client::start(&server.ws, "eve", &[]);
    alice.expect(&["* eve joined lobby"]);
    eve.say("/away x), bob (away: \"y");
    eve.say("/name you");
    alice.expect(&["* eve is away: x), bob (away: \"y", "* eve is now known as you"]);
    alice.say("/users");
    alice.expect(&[r#"online: alice, you (away: "x), bob (away: \"y")"#]);
    alice.say("/msg you hello");
    alice.expect(&["* you is away: x), bob (away: \"y", "[alice -> you]: hello"]);
}

#[test]
fn line_of_a_message_cannot_imitate_other_lines() {
    let server = Server::start();
    let mut bob = Client::in_lobby(&server.tcp, "bob", "bob");
    let forged = "hi\r\n[lobby] bob: forged\n* bob left lobby\rmissed 5 messages\n\n\tend";
    let done = (Some(0), String::new());
    assert_eq!(Client::send(&server.ws, "eve", &[forged]), done);
    let lines = [
        "[lobby] eve: hi",
        "[lobby] eve: [lobby] bob: forged",
        "[lobby] eve: * bob left lobby",
        "[lobby] eve: missed 5 messages",
        "[lobby] eve: ",
        "[lobby] eve:     end",
    ];
    bob.expect(&["* eve joined lobby"]);
    bob.expect(&lines);
    bob.expect(&["* eve left lobby"]);
    assert_eq!(Client::send(&server.ws, "eve", &["--to", "bob", "one\ntwo"]), done);
    bob.expect(&["[eve -> bob]: one", "[eve -> bob]: two"]);
    bob.say("/history");
    for line in lines {
        let printed = bob.line();
        let (time, said) = printed.split_once(' ').expect("a time");
        assert!(time.ends_with('Z') && said == line, "{printed}");
    }
    // A line of input is a message, with its indentation.
    bob.say("    indented");
    bob.expect(&["[lobby] bob:     indented"]);
}

#[test]
fn json_output_has_one_ascii_object_per_event() {
    let server = Server::start();
    for url in [&server.tcp, &server.ws] {
        let mut alice = Client::start(url, "alice", &["--json"]);
        let welcome = object(&alice.line());
        assert_eq!((&welcome["type"], &welcome["nickname"]), (&"welcome".into(), &"alice".into()));
        let roster = object(&alice.line());
        assert_eq!((&roster["type"], &roster["channel"]), (&"roster".into(), &"lobby".into()));
        let mut bob = Client::start(url, "bob", &[]);
        assert_eq!(object(&alice.line())["type"], "user_joined");
        let said = "你好 \u{200f}e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301} \"\\ 👩‍👧";
        bob.say(said);
        let heard = object(&alice.line());
        assert_eq!((&heard["type"], &heard["text"]), (&"chat".into(), &said.into()));
        assert_eq!(heard.get("line"), None, "{heard}");

        alice.say("");
        alice.say("hello");
        let ack = object(&alice.line());
        assert_eq!((&ack["type"], &ack["line"]), (&"ack".into(), &2.into()));
        assert!(ack["id"].is_u64() && ack.get("ref").is_none(), "{ack}");
        assert_eq!(object(&alice.line())["text"], "hello");
        alice.say("/msg nobody hi");
        alice.say("/dance");
        alice.say(&"x".repeat(5_000));
        for (line, code) in [(3, "no_such_user"), (4, "bad_line"), (5, "too_long")] {
            let error = object(&alice.line());
            let found = (&error["type"], &error["code"], &error["line"]);
            assert_eq!(found, (&"error".into(), &code.into(), &line.into()));
            assert!(error["message"].is_string());
        }
        alice.say("/query bob");
        assert_eq!(object(&alice.line())["to"], "bob");
        alice.say("/help");
        assert!(object(&alice.line())["commands"].is_array());
        alice.say("/users");
        let users = object(&alice.line());
        assert_eq!((&users["type"], &users["line"]), (&"users".into(), &8.into()));
        alice.end_of_input();
        let goodbye = object(&alice.line());
        assert_eq!((&goodbye["type"], goodbye.get("line")), (&"goodbye".into(), None));
        alice.ends_refused(&[
            "line 3: there is no user 'nobody'",
            "line 4: unknown command; /help lists them",
            "line 5: the message is too long: it has 5000 bytes, and the server accepts at most \
             4096",
        ]);
    }
}

#[test]
fn control_characters_of_a_server_do_not_reach_the_terminal() {
    let evil = r"\u001b[2J\u009b31m\u202egnp\u0007\r\nforged \u007f";
    let frames = [
        format!(
            r#"{{"type":"chat","id":1,"at":"{evil}","nickname":"{evil}","channel":"{evil}",{}}}"#,
            format_args!(r#""text":"{evil}""#)
        ),
        format!(r#"{{"type":"{evil}","{evil}":["{evil}"]}}"#),
        format!(r#"{{"type":"topic","channel":"lobby","topic":"{evil}","by":"{evil}"}}"#),
        format!(r#"{{"type":"error","code":"{evil}","message":"{evil}"}}"#),
        r#"{"type":"shutting_down"}"#.to_owned(),
    ];
    for arguments in [&[] as &[&str], &["--json"]] {
        let frames = frames.clone();
        let server = FakeServer::lines(move |mut peer| {
            peer.welcome();
            frames.iter().for_each(|frame| peer.send(frame));
        });
        let mut alice = Client::start(&server.url, "alice", arguments);
        let (code, printed, error) = alice.all();
        assert_eq!(code, Some(1), "{error}");
        // The message has two lines.
        let lines = if arguments.is_empty() { 6 } else { 7 };
        assert_eq!(
            (printed.lines().count(), error.lines().count()),
            (lines, 2),
            "{printed}{error}"
        );
        let is_safe =
            |c: char| c == '\n' || (!c.is_control() && !('\u{202a}'..='\u{202e}').contains(&c));
        assert!(printed.chars().chain(error.chars()).all(is_safe), "{printed:?}{error:?}");
        assert!(arguments.is_empty() || printed.is_ascii(), "{printed}");
        server.ends_well();
    }
}

#[test]
fn client_ends_quietly_when_its_output_is_closed() {
    let server = Server::start();
    // No event arrives that the client would have to print: it has to detect the closed pipe.
    for url in [&server.tcp, &server.ws] {
        let ended = ends_without_a_reader(url, "alice");
        assert_eq!(ended, (Some(0), "connected as alice\n".to_owned(), String::new()));
    }
}

#[test]
fn one_byte_order_mark_at_the_start_of_the_input_is_skipped() {
    let server = Server::start();
    for (input, said) in [
        ("\u{feff}/me waves\n", "* alice waves"),
        ("\u{feff}hi\r\n", "alice: hi"),
        ("\u{feff}\n/me waves\n", "* alice waves"),
    ] {
        let mut alice = Client::in_lobby(&server.tcp, "alice", "alice");
        alice.write(input.as_bytes());
        alice.expect(&[&format!("[lobby] {said}")]);
        alice.end_of_input();
        alice.ends_well();
    }
    let mut alice = Client::in_lobby(&server.tcp, "alice", "alice");
    alice.write("\u{feff}\u{feff}/me waves\n".as_bytes());
    alice.expect(&["[lobby] alice: \u{feff}/me waves"]);
}

#[test]
fn too_long_input_line_is_refused() {
    let server = Server::start();
    let mut alice = Client::in_lobby(&server.tcp, "alice", "alice");
    alice.write(&vec![b'x'; 3 << 20]);
    alice.say("");
    alice.say("the next");
    alice.expect(&["[lobby] alice: the next"]);
    alice.end_of_input();
    alice.ends_refused(&["line 1: the line is longer than 1048576 bytes"]);
}

#[test]
fn conversations_are_opened_and_closed_and_users_ignored() {
    let server = Server::start();
    let mut alice = Client::in_lobby(&server.tcp, "alice", "alice");
    let mut bob = Client::in_lobby(&server.ws, "bob", "alice, bob");
    alice.expect(&["* bob joined lobby"]);
    alice.say("/query Bob one");
    alice.say("two");
    alice.expect(&["you are talking with Bob", "[alice -> bob]: one", "[alice -> bob]: two"]);
    bob.expect(&["[alice -> bob]: one", "[alice -> bob]: two"]);
    alice.say("/switch lobby");
    alice.say("/switch @bob");
    alice.say("/close");
    alice.say("three");
    alice.expect(&["you are on lobby", "you are talking with Bob", "you are on lobby"]);
    alice.expect(&["[lobby] alice: three"]);
    bob.expect(&["[lobby] alice: three"]);

    alice.say("/ignore BOB");
    alice.expect(&["you ignore BOB"]);
    bob.say("hello");
    bob.say("/msg alice hello");
    bob.say("/join den");
    bob.say("/invite alice den");
    bob.say("/name robert");
    bob.say("/msg alice hello again");
    bob.expect(&["[lobby] bob: hello", "[bob -> alice]: hello", "you joined den: bob"]);
    bob.expect(&["* alice was invited to den by bob", "* bob is now known as robert"]);
    bob.expect(&["[robert -> alice]: hello again"]);
    alice.expect(&["* bob is now known as robert"]);
    alice.say("/ignore");
    alice.expect(&["you ignore robert"]);
    // The answer arrives after bob's messages.
    alice.say("/users");
    alice.expect(&["online: alice, robert"]);
    alice.say("/unignore robert");
    alice.expect(&["you ignore nobody"]);
    bob.say("/msg alice there you are");
    alice.expect(&["[robert -> alice]: there you are"]);
    alice.say("/ignore");
    alice.expect(&["you ignore nobody"]);
    alice.say("/clear");
    alice.say("/close");
    alice.expect(&["you left lobby"]);
    alice.end_of_input();
    alice.ends_refused(&["line 12: there is no screen to clear here"]);
}

fn object(line: &str) -> Value {
    assert!(line.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{line}");
    let object: Value =
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    assert!(object.is_object(), "{line}");
    object
}
