//! A client of an account continues where it was, and what is read in one client is read in all.

use super::process::terminal::Terminal;
use super::process::{Client, Server};
use crate::folder::path;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const GOOD: &str = "correct horse battery staple";
const OPEN: [&str; 2] = ["--accounts", "open"];

fn server() -> Server {
    Server::start_as(&["tcp://127.0.0.1:0", "ws://127.0.0.1:0"], &OPEN)
}

/// Starts a client for scripts.
fn script(state: &Path, arguments: &[&str]) -> Client {
    let environment = [("XDG_STATE_HOME", path(state)), ("CHAT_PASSWORD", GOOD)];
    Client::run("script", arguments, &environment)
}

/// Starts a full-screen client as alice, and waits until it shows the lobby.
fn screen(state: &Path, url: &str) -> Terminal {
    let mut terminal = Terminal::with_state(state, &["connect", url, "--account", "alice"]);
    terminal.wait_for("the lobby", |screen| screen.contains(">#lobby"));
    terminal
}

/// Returns true if the list of channels has this entry: a name, and the number of unread messages.
fn lists(screen: &str, entry: &str) -> bool {
    screen.lines().any(|line| {
        let column = line.split('│').next().unwrap_or_default();
        column.split_whitespace().collect::<Vec<_>>().join(" ") == entry
    })
}

/// Registers alice, who is in the lobby and in tea, and keeps the login.
fn register(state: &Path, url: &str) {
    let mut alice = script(state, &["connect", url, "--nickname", "alice"]);
    alice.expect(&["connected as alice", "you joined lobby: alice"]);
    alice.say("/register alice");
    alice.expect(&["account alice is registered, and you are logged in to it"]);
    alice.say("/join tea");
    alice.expect(&["you joined tea: alice"]);
    alice.say("/quit");
    alice.ends_well();
}

/// Starts bob, who is in the lobby and in tea.
fn bob(url: &str) -> Client {
    bob_among(url, "bob")
}

/// Does the same, with the members of both channels then.
fn bob_among(url: &str, members: &str) -> Client {
    let mut bob = Client::in_lobby(url, "bob", members);
    bob.say("/join tea");
    bob.expect(&[&format!("you joined tea: {members}")]);
    bob
}

/// Says something in tea, which is bob's current channel, in the lobby, and to alice.
fn says_everywhere(bob: &mut Client, number: u32) {
    for (command, said) in [
        (format!("tea {number}"), format!("[tea] bob: tea {number}")),
        ("/switch lobby".into(), "you are on lobby".into()),
        (format!("lobby {number}"), format!("[lobby] bob: lobby {number}")),
        (format!("/msg alice psst {number}"), format!("[bob -> alice]: psst {number}")),
        ("/switch tea".into(), "you are on tea".into()),
    ] {
        bob.say(&command);
        while bob.line() != said {}
    }
}

#[test]
fn script_prints_missed_messages_once_and_in_order() {
    let (server, folder) = (server(), TempDir::new().expect("a folder"));
    let state = folder.path();
    register(state, &server.tcp);
    let mut bob = bob(&server.tcp);
    let as_alice = ["connect", &server.tcp, "--account", "alice"];
    for number in 1..=2 {
        says_everywhere(&mut bob, number);
        let mut alice = script(state, &as_alice);
        alice.expect(&["connected as alice"]);
        let mut joined = [alice.line(), alice.line()];
        joined.sort();
        assert_eq!(joined, ["you joined lobby: alice, bob", "you joined tea: alice, bob"]);
        alice.expect(&[
            &format!("[tea] bob: tea {number}"),
            &format!("[lobby] bob: lobby {number}"),
            &format!("[bob -> alice]: psst {number}"),
        ]);
        // The channel of the command line is the current one.
        alice.say("hello");
        alice.expect(&["[lobby] alice: hello"]);
        alice.say("/quit");
        alice.ends_well();
    }
    let file = state.join("chat/received.json");
    let kept = fs::read_to_string(&file).expect("a file");
    assert!(kept.contains("\"alice\""), "{kept}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&file).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    says_everywhere(&mut bob, 3);
    let mut alice = script(state, &[&as_alice[..], &["--json"]].concat());
    let mut said = Vec::new();
    while said.len() < 3 {
        let line = alice.line();
        let object: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        if object["type"] == "chat" {
            let place = object["channel"].as_str().or_else(|| object["to"].as_str());
            said.push(format!("{} {}", place.unwrap_or_default(), object["text"]));
        } else {
            assert_ne!(object["type"], "missed", "{line}");
        }
    }
    assert_eq!(said, ["tea \"tea 3\"", "lobby \"lobby 3\"", "alice \"psst 3\""]);
}

#[test]
fn screen_shows_what_was_missed_and_what_is_unread() {
    let (server, folder) = (server(), TempDir::new().expect("a folder"));
    let state = folder.path();
    register(state, &server.tcp);
    let mut bob = bob(&server.tcp);
    says_everywhere(&mut bob, 1);

    // Private messages that the user has not seen are there again after a restart.
    for _ in 0..2 {
        let mut alice = screen(state, &server.tcp);
        alice.wait_for("unread messages", |screen| {
            lists(screen, "#tea 1") && lists(screen, "@bob !1") && screen.contains("bob: lobby 1")
        });
        alice.types("/quit\r");
        alice.ends_well();
    }

    // Another client reads the messages.
    let mut first = screen(state, &server.tcp);
    let mut second = screen(state, &server.tcp);
    for (name, news, text) in [("#tea", "1", "tea 1"), ("@bob", "!1", "psst 1")] {
        let unread = |screen: &str| lists(screen, &format!("{name} {news}"));
        first.wait_for("unread messages", unread);
        second.wait_for("unread messages", unread);
        second.types(&format!("/switch {}\r", name.trim_start_matches(['#', '@'])));
        second.wait_for("the message", |screen| screen.contains(&format!("bob: {text}")));
        first.wait_for("no unread messages", |screen| lists(screen, name));
    }
    first.types("/quit\r");
    first.ends_well();
    second.types("/quit\r");
    second.ends_well();

    let mut alice = screen(state, &server.tcp);
    alice.wait_for("the channels", |screen| lists(screen, "#tea"));
    bob.say("the last");
    alice.wait_for("one unread message", |screen| lists(screen, "#tea 1"));
    alice.types("/quit\r");
    alice.ends_well();
}

/// Counts the rows of the conversation with a message.
fn count(screen: &str, message: &str) -> usize {
    let rows = screen.lines().filter_map(|line| line.split('│').nth(1));
    rows.filter(|row| row.trim_end().ends_with(message)).count()
}

#[test]
fn messages_during_a_restart_of_the_server_appear_exactly_once() {
    let folder = TempDir::new().expect("a folder");
    let (state, store) = (folder.path(), folder.path().join("chat.db"));
    let start = |listen: &[&str]| Server::start_stored(path(&store), listen, &OPEN);
    let mut server = start(&["tcp://127.0.0.1:0", "tcp://127.0.0.1:0"]);
    let (for_alice, for_bob) = (server.tcp.clone(), server.ws.clone());
    register(state, &for_alice);
    let mut alice = screen(state, &for_alice);
    alice.wait_for("the channels", |screen| lists(screen, "#tea"));
    let mut bob_before = bob_among(&for_bob, "alice, bob");
    bob_before.say("before");
    alice.wait_for("an unread message", |screen| lists(screen, "#tea 1"));

    // Bob is back before alice can connect.
    server.stop();
    let mut between = start(&[&for_bob]);
    says_everywhere(&mut bob(&for_bob), 1);
    between.stop();
    let _server = start(&[&for_alice, &for_bob]);
    alice.wait_for("the missed messages", |screen| {
        lists(screen, "#tea 2") && lists(screen, "@bob !1") && count(screen, "bob: lobby 1") == 1
    });
    let mut bob = bob_among(&for_bob, "alice, bob");
    says_everywhere(&mut bob, 2);
    alice.wait_for("the next message", |screen| {
        lists(screen, "#tea 3") && lists(screen, "@bob !2") && count(screen, "bob: lobby 2") == 1
    });
    for (room, texts) in [
        ("lobby", &["lobby 1", "lobby 2"][..]),
        ("tea", &["before", "tea 1", "tea 2"]),
        ("bob", &["psst 1", "psst 2"]),
    ] {
        alice.types(&format!("/switch {room}\r"));
        alice.wait_for("each message once", |screen| {
            texts.iter().all(|text| count(screen, &format!("bob: {text}")) == 1)
        });
    }
    alice.types("/quit\r");
    alice.ends_well();
}

#[test]
fn login_in_a_new_client_enters_channels_and_shows_unread_conversations() {
    let (server, folder) = (server(), TempDir::new().expect("a folder"));
    register(folder.path(), &server.tcp);
    let mut bob = bob(&server.tcp);
    for number in 1..=2 {
        says_everywhere(&mut bob, number);
    }
    let is_there = |screen: &str| lists(screen, "#tea 2") && lists(screen, "@bob !2");

    // A guest on another computer logs in.
    let new = TempDir::new().expect("a folder");
    let mut guest =
        Terminal::with_state(new.path(), &["connect", &server.tcp, "--nickname", "visitor"]);
    guest.wait_for("the lobby", |screen| screen.contains(">#lobby"));
    guest.types("/login alice\r");
    guest.wait_for("the question", |screen| screen.contains("Password for alice:"));
    guest.types(&format!("{GOOD}\r"));
    guest.wait_for("the channels and conversations of alice", is_there);
    bob.say("/users tea");
    while bob.line() != "members of tea: bob, visitor" {}

    // A client that has lost its state begins like a new one.
    fs::remove_file(folder.path().join("chat/received.json")).expect("a file");
    let mut alice = screen(folder.path(), &server.tcp);
    alice.wait_for("the channels and conversations", is_there);
    alice.types("/switch bob\r");
    alice.wait_for("the messages", |screen| {
        ["psst 1", "psst 2"].iter().all(|text| count(screen, &format!("bob: {text}")) == 1)
    });
    guest.wait_for("no unread messages", |screen| lists(screen, "@bob"));
    for terminal in [&mut alice, &mut guest] {
        terminal.types("/quit\r");
        terminal.ends_well();
    }
}

#[test]
fn script_that_logs_in_enters_the_channels_of_the_account() {
    let (server, folder) = (server(), TempDir::new().expect("a folder"));
    register(folder.path(), &server.tcp);
    let mut bob = bob(&server.tcp);
    let new = TempDir::new().expect("a folder");
    let mut alice = script(new.path(), &["connect", &server.tcp, "--nickname", "visitor"]);
    alice.expect(&["connected as visitor", "you joined lobby: bob, visitor"]);
    alice.say("/login alice");
    // The next line is read after the channels were entered.
    alice.say("/switch tea");
    alice.say("hello");
    while alice.line() != "[tea] visitor: hello" {}
    while bob.line() != "[tea] visitor: hello" {}
    bob.say("hi");
    while alice.line() != "[tea] bob: hi" {}
    alice.say("/quit");
    alice.ends_well();
}
