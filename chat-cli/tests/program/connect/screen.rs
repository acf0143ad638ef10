//! Tests of the full-screen client in a terminal: alerts, several lines, and closed or dumb
//! terminals.

use crate::connect::cutting_proxy::{Cut, CuttingProxy};
use crate::connect::fake::FakeServer;
use crate::connect::process::terminal::Terminal;
use crate::connect::process::{Client, Server};
use crate::folder::folder;
use std::fs;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

#[cfg(unix)]
#[test]
fn client_ends_when_its_terminal_is_closed_even_if_sighup_is_ignored() {
    // Without a reconnect period, bob is told at once that alice's connection is gone.
    let config = folder("hangup").join("chat.toml");
    fs::write(&config, "[limits]\nreconnect_period = \"none\"\n").expect("a file");
    let server = Server::start_configured(&config);
    let mut bob = Client::in_lobby(&server.tcp, "bob", "bob");
    for url in [&server.tcp, &server.ws] {
        let mut alice = Terminal::start_without_hangup("xterm-256color", url, "alice");
        alice.wait_for("the lobby", |screen| screen.contains(">#lobby"));
        bob.expect(&["* alice joined lobby"]);
        alice.close_and_ends();
        bob.expect(&["* alice left lobby"]);
        let mut alice = Terminal::start_without_hangup("dumb", url, "alice");
        alice.wait_for("the lobby", |screen| screen.contains("you joined lobby"));
        bob.expect(&["* alice joined lobby"]);
        alice.close_and_ends();
        bob.expect(&["* alice left lobby"]);
    }
}

#[test]
fn client_prints_lines_on_a_dumb_terminal() {
    let server = Server::start();
    let mut bob = Client::in_lobby(&server.tcp, "bob", "bob");
    let mut alice = Terminal::start_in("dumb", &server.tcp, "alice");
    alice.wait_for("lines from the top", |screen| {
        screen.starts_with("connected as alice\nyou joined lobby: alice, bob")
    });
    bob.expect(&["* alice joined lobby"]);
    alice.types("hello\n/dance\n");
    bob.expect(&["[lobby] alice: hello"]);
    alice.wait_for("her message, and a refusal without a number", |screen| {
        screen.contains("\n[lobby] alice: hello")
            && screen.contains("\nchat: unknown command; /help lists them")
    });
    bob.say("hi");
    alice.wait_for("bob's message", |screen| screen.contains("\n[lobby] bob: hi"));
    alice.types("/quit\n");
    bob.expect(&["[lobby] bob: hi", "* alice left lobby"]);
}

#[test]
fn several_lines_are_pasted_and_typed_into_one_message() {
    let server = Server::start();
    let mut bob = Client::in_lobby(&server.tcp, "bob", "bob");
    let mut alice = Terminal::in_lobby(&server.ws, "alice");
    bob.expect(&["* alice joined lobby"]);

    alice.types("\u{1b}[200~rm -rf\r\n\r/quit\n\u{1b}[201~");
    alice.wait_for("the lines", |screen| {
        screen.contains("\n[#lobby] rm -rf") && screen.contains("\n         /quit")
    });
    // Nothing is sent before Enter.
    alice.types("\u{15}\u{15}\u{15}\u{15}\u{15}nothing was sent\r");
    bob.expect(&["[lobby] alice: nothing was sent"]);

    alice.types("\u{1b}[200~one\n\t/quit\nthree\u{1b}[201~");
    alice.wait_for("the lines", |screen| screen.contains("         three"));
    alice.types("!\r");
    bob.expect(&["[lobby] alice: one", "[lobby] alice:     /quit", "[lobby] alice: three!"]);
    alice.wait_for("the message", |screen| screen.contains("│     /quit"));

    // Alt+Enter, Shift+Enter as a terminal with kitty's protocol reports it, and Ctrl+J.
    alice.types("four\u{1b}\rfive\u{1b}[13;2usix\nseven\r");
    let lines = ["four", "five", "six", "seven"].map(|line| format!("[lobby] alice: {line}"));
    bob.expect(&lines.each_ref().map(String::as_str));

    // A single line waits for Enter, like a typed line.
    alice.types("\u{1b}[200~eight\n\u{1b}[201~");
    alice.wait_for("the line", |screen| screen.contains("[#lobby] eight"));
    alice.types(" nine\r");
    bob.expect(&["[lobby] alice: eight nine"]);
    alice.types("/quit\r");
    alice.ends_well();
}

#[test]
fn too_long_line_is_refused_with_the_limit_and_kept() {
    let server = Server::start();
    for url in [&server.tcp, &server.ws] {
        let mut alice = Terminal::in_lobby(url, "alice");
        alice.types(&format!("\u{1b}[200~{}end\u{1b}[201~\r", "x".repeat(5_000)));
        alice.wait_for("the limit, and the line", |screen| {
            let is_told = screen.contains("has 5003 bytes") && screen.contains("at most 4096");
            is_told && screen.trim_end().ends_with("xend")
        });
        alice.types("\u{15}short\r");
        alice.wait_for("a message", |screen| screen.contains("alice: short"));
        alice.types("/quit\r");
        alice.ends_well();
    }
}

#[test]
fn unacknowledged_message_is_delivered_once_after_a_reconnect() {
    let server = Server::start();
    let mut bob = Client::in_lobby(&server.tcp, "bob", "bob");
    let cuts = [Cut::Acknowledgement, Cut::Message, Cut::Acknowledgement];
    let proxy = CuttingProxy::start(&server.tcp, &cuts);
    let mut alice = Terminal::in_lobby(&proxy.url, "alice");
    bob.expect(&["* alice joined lobby"]);
    let count = |screen: &str, line: &str| screen.matches(line).count();
    for (cut, text) in cuts.into_iter().zip(["first", "second", "third"]) {
        alice.types(&format!("{text}\r"));
        proxy.has_cut(cut);
        bob.expect(&[&format!("[lobby] alice: {text}")]);
        let line = format!("alice: {text}");
        alice.wait_for("the message", |screen| count(screen, &line) == 1);
    }
    alice.types("/msg bob psst\r");
    bob.expect(&["[alice -> bob]: psst"]);
    alice.wait_for("the message", |screen| count(screen, "alice: psst") == 1);
    alice.types("/quit\r");
    alice.ends_well();
    bob.expect(&["* alice left lobby"]);

    // The server has no history of private messages.
    let proxy = CuttingProxy::start(&server.tcp, &[Cut::Acknowledgement]);
    let mut alice = Terminal::in_lobby(&proxy.url, "alice");
    bob.expect(&["* alice joined lobby"]);
    alice.types("/query bob still there?\r");
    proxy.has_cut(Cut::Acknowledgement);
    alice.wait_for("the message", |screen| count(screen, "alice: still there?") == 1);
    alice.types("over\r");
    bob.expect(&["[alice -> bob]: still there?", "[alice -> bob]: over"]);
    alice.types("/quit\r");
    alice.ends_well();
}

#[test]
fn client_reconnects_as_the_same_user() {
    let mut first = None;
    let server = FakeServer::lines_again(2, move |_, mut peer| {
        let hello = peer.welcome();
        let identity = (hello["nickname"].clone(), hello["reconnect_key"].clone());
        assert_eq!(identity.1.as_str().map(str::len), Some(32), "128 bits in hexadecimal");
        match &first {
            // The first connection breaks.
            None => first = Some(identity),
            Some(before) => {
                assert_eq!(identity, *before);
                let end = r#"{"type":"error","code":"login_expired","message":"enough"}"#;
                peer.send(end);
            }
        }
    });
    let mut alice = Terminal::start(&server.url, "alice", 24, 120);
    let address = server.url.replace("tcp+json://", "");
    alice.ends(&format!("chat: lost the connection to {address}: enough"), 1);
    server.ends_well();
}

#[test]
fn client_does_not_reconnect_after_a_final_error() {
    let frame = CloseFrame { code: 4401.into(), reason: "".into() };
    let server = FakeServer::closes_with(Some(frame));
    let mut alice = Terminal::start(&server.url, "alice", 24, 120);
    let address = server.url.replace("ws://", "");
    let why = "the server closed the connection: login expired (code 4401)";
    alice.ends(&format!("chat: lost the connection to {address}: {why}"), 1);
    server.ends_well();

    // Over TCP there is no close code. The last error is final.
    let server = FakeServer::lines(|mut peer| {
        peer.welcome();
        peer.send(r#"{"type":"error","code":"login_expired","message":"your login has expired"}"#);
    });
    let mut alice = Terminal::start(&server.url, "alice", 24, 120);
    let address = server.url.replace("tcp+json://", "");
    let why = "your login has expired";
    alice.ends(&format!("chat: lost the connection to {address}: {why}"), 1);
    server.ends_well();
}

#[test]
fn mention_rings_the_bell_and_alt_a_goes_to_it() {
    let server = Server::start();
    let mut bob = Client::start(&server.tcp, "bob", &["--channel", "rust"]);
    bob.expect(&["connected as bob", "you joined rust: bob"]);
    let mut alice = Terminal::in_lobby(&server.ws, "alice");
    let address = server.ws.replace("ws://", "");
    alice.has_title(&format!("chat: alice at {address}"));
    alice.types("/join rust\r/join tea\r/join den\r");
    alice.wait_for("the last channel", |screen| screen.contains(">#den"));
    bob.expect(&["* alice joined rust"]);
    bob.say("hello everybody");
    bob.say("/join tea");
    bob.say("alice: your tea");
    bob.say("and cake");
    alice.wait_for("the counts of unread messages and the mention", |screen| {
        shows(screen, "#rust", "1") && shows(screen, "#tea", "!2")
    });
    alice.rings(1);
    alice.has_title(&format!("(1) chat: alice at {address}"));
    alice.types("\u{1b}a");
    alice.wait_for("the mention first", |screen| screen.contains(">#tea"));
    alice.has_title(&format!("chat: alice at {address}"));
    alice.types("\u{1b}a");
    alice.wait_for("then what is unread", |screen| screen.contains(">#rust"));
    alice.types("\u{1b}a");
    alice.types("still here\r");
    alice.wait_for("no other channel", |screen| screen.contains("alice: still here"));
    // A mention in the shown channel is counted too, until a key is pressed.
    bob.say("/switch rust");
    bob.say("Alice, look");
    alice.has_title(&format!("(1) chat: alice at {address}"));
    alice.types("x");
    alice.has_title(&format!("chat: alice at {address}"));
    alice.types("\u{15}/quit\r");
    alice.ends_well();
}

#[test]
fn kick_from_a_hidden_channel_is_shown_in_the_current_one() {
    let server = Server::start();
    let mut eve = Client::start(&server.tcp, "eve", &["--channel", "rust"]);
    eve.expect(&["connected as eve", "you joined rust: eve"]);
    // At 50 columns, the list of channels is not shown.
    for columns in [100, 50] {
        let mut alice = Terminal::start(&server.ws, "alice", 24, columns);
        alice.wait_for("the lobby", |screen| screen.contains("[#lobby]"));
        alice.types("/join rust\r");
        alice.wait_for("the channel", |screen| screen.contains("[#rust]"));
        alice.types("/switch lobby\r");
        alice.wait_for("the lobby again", |screen| screen.contains("[#lobby]"));
        eve.expect(&["* alice joined rust"]);
        eve.say("/kick alice no");
        eve.expect(&["* alice was kicked from rust by eve: no"]);
        alice.wait_for("a line where she looks, and a mark", |screen| {
            let is_told = screen.contains("* alice was kicked from rust by eve");
            is_told && (shows(screen, "#rust", "!") || screen.contains("#rust !"))
        });
        alice.rings(1);
        alice.types("\u{1b}a");
        alice.wait_for("the reason in the channel", |screen| {
            screen.contains("[#rust]") && screen.contains("* alice was kicked from rust by eve: no")
        });
        alice.types("/quit\r");
        alice.ends_well();
    }
}

#[test]
fn message_is_below_the_line_of_its_day() {
    let server = Server::start();
    let mut alice = Terminal::in_lobby(&server.tcp, "alice");
    alice.types("what day is it?\r");
    alice.wait_for("a date above it", |screen| {
        let lines: Vec<&str> = screen.lines().collect();
        let said = lines.iter().position(|line| line.contains("alice: what day is it?"));
        said.is_some_and(|said| {
            let date = lines[said - 1].split("-- ").nth(1).unwrap_or_default();
            let day = ["Mon", "Tues", "Wednes", "Thurs", "Fri", "Satur", "Sun"];
            day.iter().any(|day| date.starts_with(&format!("{day}day, ")))
        })
    });
    alice.types("/quit\r");
    alice.ends_well();
}

#[test]
fn conversations_are_opened_users_ignored_and_the_screen_cleared() {
    let server = Server::start();
    let mut bob = Client::in_lobby(&server.tcp, "bob", "bob");
    let mut alice = Terminal::in_lobby(&server.ws, "alice");
    bob.expect(&["* alice joined lobby"]);
    alice.types("/query bob psst\r");
    alice.wait_for("a conversation", |screen| {
        screen.contains(">@bob") && screen.contains("alice: psst")
    });
    bob.expect(&["[alice -> bob]: psst"]);
    alice.types("/close\r");
    alice.wait_for("no conversation", |screen| {
        screen.contains(">#lobby") && !screen.contains("@bob")
    });
    bob.say("a first word");
    alice.wait_for("his word", |screen| screen.contains("bob: a first word"));
    alice.types("/ignore bob\r");
    alice.wait_for("nothing of his", |screen| {
        screen.contains("you ignore bob") && !screen.contains("bob: a first word")
    });
    bob.say("a second word");
    bob.say("/msg alice a third word");
    bob.expect(&["[lobby] bob: a first word", "[lobby] bob: a second word"]);
    bob.expect(&["[bob -> alice]: a third word"]);
    // The server returns alice's message after bob's messages.
    alice.types("anybody?\r");
    alice.wait_for("her own word", |screen| screen.contains("alice: anybody?"));
    alice.types("/unignore bob\r");
    alice.wait_for("what he said in the channel", |screen| {
        screen.contains("bob: a second word") && !screen.contains("@bob")
    });
    alice.types("/clear\r");
    alice.wait_for("an empty channel", |screen| {
        screen.contains(">#lobby") && !screen.contains("word") && !screen.contains("-- ")
    });
    bob.say("a last thing");
    alice.wait_for("what comes later", |screen| screen.contains("bob: a last thing"));
    alice.types("/quit\r");
    alice.ends_well();
}

/// Returns true if the list of channels shows a channel with these unread counts.
fn shows(screen: &str, channel: &str, news: &str) -> bool {
    screen.lines().any(|line| {
        let entry = line.split('│').next().unwrap_or_default();
        entry.trim_start_matches([' ', '>']).strip_prefix(channel).map(str::trim) == Some(news)
    })
}
