//! Tests of `chat connect` as a program: the server and the clients are processes.

mod account;
mod cutting_proxy;
mod fake;
mod lines;
mod login;
mod process;
mod resume;
mod screen;
mod secure;
mod send;
#[cfg(unix)]
mod unix_sockets;

use crate::folder::{folder, path};
use jsonwebtoken::{EncodingKey, Header, encode};
use process::terminal::Terminal;
use process::{Client, Server};
use std::fs;

#[test]
fn clients_talk_over_tcp_and_web_socket() {
    let server = Server::start();
    let mut alice = Client::in_lobby(&server.tcp, "alice", "alice");
    let mut bob = Client::in_lobby(&server.ws, "bob", "alice, bob");
    alice.expect(&["* bob joined lobby"]);
    alice.say("hi there");
    for client in [&mut alice, &mut bob] {
        client.expect(&["[lobby] alice: hi there"]);
    }
    bob.say("/me waves");
    bob.say("//shrug \u{1b}[31mred");
    for client in [&mut alice, &mut bob] {
        client.expect(&["[lobby] * bob waves", "[lobby] bob: /shrug [31mred"]);
    }
    bob.say("/msg alice psst");
    bob.expect(&["[bob -> alice]: psst"]);
    alice.expect(&["[bob -> alice]: psst"]);
    bob.say("/away for tea");
    bob.expect(&["* bob is away: for tea"]);
    alice.expect(&["* bob is away: for tea"]);
    alice.say("/users");
    alice.expect(&["online: alice, bob (away: \"for tea\")"]);
    bob.say("/name robert");
    for client in [&mut alice, &mut bob] {
        client.expect(&["* bob is now known as robert"]);
    }
    bob.say("/quit so long");
    bob.ends_well();
    alice.expect(&["* robert left lobby: so long"]);
    alice.end_of_input();
    alice.ends_well();
}

#[test]
fn channels_are_joined_switched_and_left() {
    let server = Server::start();
    let mut alice = Client::start(&server.tcp, "alice", &["--channel", "#rust"]);
    alice.expect(&["connected as alice", "you joined rust: alice"]);
    alice.say("/topic crabs");
    alice.expect(&["* alice set the topic of rust: crabs"]);
    let mut bob = Client::start(&server.ws_path(), "bob", &["--channel", "rust"]);
    bob.expect(&["connected as bob", "you joined rust: alice, bob", "topic of rust: crabs"]);
    alice.expect(&["* bob joined rust"]);
    bob.say("/join lobby");
    bob.say("anybody?");
    bob.expect(&["you joined lobby: bob", "[lobby] bob: anybody?"]);
    bob.say("/switch #Rust");
    bob.say("here again");
    bob.expect(&["you are on rust", "[rust] bob: here again"]);
    alice.expect(&["[rust] bob: here again"]);
    bob.say("/channels");
    bob.expect(&["channel lobby (1)", "channel rust (2): crabs"]);
    bob.say("/leave lobby");
    bob.say("/leave");
    bob.expect(&["you left lobby", "you left rust"]);
    alice.expect(&["* bob left rust"]);
    alice.say("/history");
    let remembered = alice.line();
    assert!(remembered.ends_with("Z [rust] bob: here again"), "{remembered}");
    alice.say("/quit");
    bob.say("/quit");
    alice.ends_well();
    bob.ends_well();
}

#[test]
fn lines_beyond_the_rate_limit_are_sent_later() {
    let server = Server::start();
    let mut reader = Client::in_lobby(&server.tcp, "reader", "reader");
    let mut writer = Client::start(&server.ws, "writer", &[]);
    let lines: Vec<String> = (1..=40).map(|number| format!("line {number}")).collect();
    for line in &lines {
        writer.say(line);
    }
    writer.end_of_input();
    writer.expect(&["connected as writer", "you joined lobby: reader, writer"]);
    reader.expect(&["* writer joined lobby"]);
    for line in &lines {
        let said = format!("[lobby] writer: {line}");
        writer.expect(&[&said]);
        reader.expect(&[&said]);
    }
    writer.ends_well();
    reader.expect(&["* writer left lobby"]);
}

#[test]
fn nickname_in_use_is_refused() {
    let server = Server::start();
    let mut alice = Client::start(&server.tcp, "alice", &[]);
    alice.expect(&["connected as alice"]);
    let mut again = Client::start(&server.ws, "Alice", &[]);
    again.fails("chat: nickname 'Alice' is already in use");
}

#[test]
fn nickname_is_optional_with_a_token() {
    let folder = folder("token");
    fs::write(folder.join("jwt.secret"), format!("{SECRET}\n")).expect("a file");
    let config = "[auth]\njwt_secret_file = \"jwt.secret\"\naudience = \"chat\"\n";
    fs::write(folder.join("chat.toml"), config).expect("a file");
    let server = Server::start_configured(&folder.join("chat.toml"));

    let alice = token("al", Some("Alice"), "chat");
    let connect = ["connect", &server.tcp];
    let mut first = Client::start_as("first", &connect, &alice);
    first.expect(&["connected as Alice", "you joined lobby: Alice"]);
    // The file takes precedence over the environment, and the token's name over --nickname.
    let file = folder.join("token");
    fs::write(&file, format!("{alice}\n")).expect("a file");
    let file = path(&file);
    let connect = ["connect", &server.ws, "--token-file", file, "--nickname", "somebody"];
    let mut second = Client::start_as("second", &connect, "garbage");
    second.expect(&["connected as Alice", "you joined lobby: Alice"]);
    let bob = token("bo", None, "chat");
    let connect = ["connect", &server.ws, "--nickname", "bob"];
    let mut bob = Client::start_as("bob", &connect, &bob);
    bob.expect(&["connected as bob", "you joined lobby: Alice, bob"]);
    for alice in [&mut first, &mut second] {
        alice.expect(&["* bob joined lobby"]);
    }
    second.say("hi");
    bob.expect(&["[lobby] Alice: hi"]);
    first.expect(&["[lobby] Alice: hi"]);

    let other = token("al", None, "mail");
    let mut other = Client::start_as("other", &["connect", &server.tcp], &other);
    other.fails("chat: your token is not valid here");
    let mut guest = Client::start(&server.tcp, "guest", &[]);
    guest.fails_with("chat: this server wants a token: ");
}

#[test]
fn unusable_token_file_is_reported() {
    let folder = folder("no_token");
    let file = folder.join("token");
    let file = path(&file);
    let start = || {
        let connect = ["connect", "tcp://127.0.0.1:1", "--token-file", file];
        Client::start_as("reader", &connect, "")
    };
    let _ = fs::remove_file(file);
    start().fails_with(&format!("chat: cannot read the token from {file}: "));
    fs::write(file, " \n").expect("a file");
    start().fails(&format!("chat: there is no token in {file}"));
    let mut nobody = Client::start_as("nobody", &["connect", "tcp://127.0.0.1:1"], "");
    nobody.fails_with("chat: --nickname is missing; ");
}

#[test]
fn refusals_of_the_server_are_reported() {
    let server = Server::start();
    let mut two_words = Client::start(&server.tcp, "two words", &[]);
    two_words.fails("chat: nickname cannot contain white space");
    let mut owner = Client::start(&server.tcp, "owner", &["--channel", "club"]);
    owner.expect(&["connected as owner", "you joined club: owner"]);
    owner.say("/modes +invite_only");
    owner.expect(&["you set the modes of club"]);
    let mut uninvited = Client::start(&server.ws, "uninvited", &["--channel", "club"]);
    uninvited.expect(&["connected as uninvited"]);
    uninvited.fails("chat: #club is by invitation only");
    let nowhere = format!("{}/nowhere", server.ws);
    let mut nowhere = Client::start(&nowhere, "nowhere", &[]);
    nowhere.fails_with("it refuses the WebSocket with 404 Not Found");
}

#[test]
fn unreachable_server_is_reported_in_one_line() {
    let (_socket, address) = process::unused_address();
    for scheme in ["tcp", "tcp+json", "ws"] {
        let mut client = Client::start(&format!("{scheme}://{address}"), "alice", &[]);
        client.fails_with(&format!("chat: cannot connect to {address}: Connection refused"));
    }
}

#[test]
fn unsupported_url_is_reported_with_the_supported_ones() {
    let mut client = Client::start("http://127.0.0.1:80", "alice", &[]);
    client.fails(
        "chat: 'http://' is not supported; there are tcp://, tcp+json:// and ws://, with TLS \
         tcps://, tcps+json:// and wss://, and for Unix sockets unix://, unix+json:// and \
         ws+unix://",
    );
}

#[test]
fn lost_connection_is_reported() {
    let mut server = Server::start();
    let mut alice = Client::in_lobby(&server.tcp, "alice", "alice");
    let lost = format!("chat: lost the connection to {}: ", server.tcp.replace("tcp://", ""));
    server.stop();
    alice.fails_with(&lost);
}

#[cfg(unix)]
#[test]
fn shutdown_of_the_server_is_reported() {
    let mut server = Server::start();
    let mut alice = Client::start(&server.tcp, "alice", &["-c", "x"]);
    alice.expect(&["connected as alice", "you joined x: alice"]);
    let mut bob = Client::start(&server.ws, "bob", &["-c", "y"]);
    bob.expect(&["connected as bob", "you joined y: bob"]);
    server.terminate();
    for client in [&mut alice, &mut bob] {
        client.expect(&["the server is shutting down"]);
        client.fails_with("the server is shutting down");
    }
}

#[test]
fn server_with_another_dialect_is_recognised() {
    let server = Server::start_with(&["tcp+text://127.0.0.1:0"]);
    let mut alice = Client::start(&server.tcp.replace("tcp+text", "tcp"), "alice", &[]);
    alice.fails_with(" does not speak JSON: it says '* user1 joined the chat'");
}

#[test]
fn full_screen_client_chats_and_restores_the_terminal() {
    let server = Server::start();
    let mut bob = Client::in_lobby(&server.tcp, "bob", "bob");
    let mut alice = Terminal::start(&server.ws, "alice", 24, 100);
    alice.wait_for("her name, the channel and who is there", |screen| {
        let status = screen.lines().nth(22).is_some_and(|line| line.starts_with(" alice at "));
        status
            && screen.contains("connected")
            && screen.contains(">#lobby")
            && screen.contains(" bob")
    });
    bob.expect(&["* alice joined lobby"]);
    alice.types("hello from a screen\r");
    bob.expect(&["[lobby] alice: hello from a screen"]);
    alice.wait_for("her message", |screen| screen.contains("alice: hello from a screen"));
    bob.say("hello yourself, 你好");
    alice.wait_for("bob's message", |screen| screen.contains("bob: hello yourself, 你好"));
    alice.resize(12, 40);
    alice.wait_for("no panels, and the status further up", |screen| {
        let status = screen.lines().nth(10).is_some_and(|line| line.starts_with(" alice at "));
        status && !screen.contains(">#lobby") && screen.contains("bob: hello yourself")
    });
    alice.types("/q\t\r");
    alice.ends_well();
    bob.expect(&["[lobby] bob: hello yourself, 你好", "* alice left lobby"]);
}

#[test]
fn full_screen_client_reconnects_after_a_restart_of_the_server() {
    let mut server = Server::start();
    let mut alice = Terminal::in_lobby(&server.tcp, "alice");
    alice.types("the first life\r");
    alice.wait_for("her message", |screen| screen.contains("alice: the first life"));
    server.stop();
    alice.wait_for("the loss", |screen| screen.contains("again in"));
    let mut server = Server::start_with(&[&server.tcp]);
    let is_back = |screen: &str| {
        screen.contains("the server was restarted")
            && screen.lines().nth(22).is_some_and(|line| line.contains("connected"))
    };
    alice.wait_for("the server's return", is_back);
    let mut bob = Client::in_lobby(&server.tcp, "bob", "alice, bob");
    bob.say("the second life");
    alice.wait_for("bob's message below her own", |screen| {
        let lines = |text: &str| screen.lines().position(|line| line.contains(text));
        lines("alice: the first life")
            .is_some_and(|first| lines("bob: the second life").is_some_and(|next| next > first))
    });
    server.stop();
    alice.wait_for("the loss", |screen| screen.contains("again in"));
    alice.types("/quit\r");
    alice.ends_well();
}

#[test]
fn terminal_is_restored_before_an_error_is_printed() {
    let server = Server::start();
    let mut bob = Client::start(&server.tcp, "bob", &[]);
    bob.expect(&["connected as bob"]);
    let mut again = Terminal::start(&server.tcp, "bob", 24, 80);
    again.ends("chat: nickname 'bob' is already in use", 1);
}

#[cfg(unix)]
#[test]
fn terminal_is_restored_on_sigterm() {
    let server = Server::start();
    let mut alice = Terminal::start(&server.tcp, "alice", 24, 80);
    alice.wait_for("the lobby", |screen| screen.contains(">#lobby"));
    alice.terminate();
    alice.ends_well();
}

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// Returns a token that is valid until the year 2100.
fn token(account: &str, name: Option<&str>, audience: &str) -> String {
    let claims = serde_json::json!({
        "sub": account, "name": name, "aud": [audience], "exp": 4_102_444_800_u64,
    });
    encode(&Header::default(), &claims, &EncodingKey::from_secret(SECRET.as_bytes()))
        .expect("a token")
}
