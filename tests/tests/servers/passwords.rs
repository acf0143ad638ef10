//! Accounts with passwords over sockets, with real hashes: registering, logging in and coming back.

use chat_accounts::{Argon2Passwords, Hasher, HasherConfig};
use chat_runtime::Limits;
use chat_runtime::chat_core::script::Script;
use chat_runtime::chat_core::{Config, Secret};
use chat_runtime::chat_store::Opened;
use chat_store_sqlite::SqliteOptions;
use chat_tests::{Client, Setup, TestServer};
use serde_json::{Value, json};
use std::time::Duration;
use tempfile::TempDir;

const GOOD: &str = "correct horse battery staple";
const BETTER: &str = "another horse entirely";

/// Hashes that cost nearly nothing.
fn cheap() -> HasherConfig {
    let mut config = HasherConfig::default();
    (config.memory, config.passes) = (8, 1);
    config
}

fn passwords(config: &HasherConfig) -> Argon2Passwords {
    Argon2Passwords::new(Hasher::new(config).expect("it is valid"))
}

fn setup(config: Config) -> Setup {
    let config = Config { registration: true, ..config };
    Setup::default().config(config).passwords(passwords(&cheap()))
}

fn start() -> TestServer {
    setup(Config::default()).start()
}

fn open(folder: &TempDir) -> Opened {
    let path = folder.path().join("chat.db");
    SqliteOptions::default().open(path, Script::START).expect("it opens")
}

/// Registers an account, and returns its token.
async fn register(client: &mut Client, account: &str, password: &str) -> String {
    let request = json!({ "type": "register", "account": account, "password": password });
    client.send(request.to_string()).await;
    token(&client.expect_type("registered").await)
}

fn token(answer: &Value) -> String {
    answer["token"].as_str().expect("a token").to_owned()
}

/// Sends a `hello` with these fields, and returns the answer.
async fn hello(client: &mut Client, mut fields: Value) -> Value {
    fields["type"] = "hello".into();
    fields["version"] = 2.into();
    client.send(fields.to_string()).await;
    client.next_json().await
}

async fn log_in(client: &mut Client, account: &str, password: &str) -> Value {
    let request = json!({ "type": "login", "account": account, "password": password });
    client.send(request.to_string()).await;
    client.next_json().await
}

/// Reads lines up to one that contains a text, and returns it.
async fn line_with(client: &mut Client, said: &str) -> String {
    loop {
        let line = client.next().await;
        if line.contains(said) {
            return line;
        }
    }
}

#[tokio::test]
async fn clients_of_all_dialects_register_and_log_in_to_the_same_accounts() {
    let server = start();
    let mut tcp = server.member("alice").await;
    let token = register(&mut tcp, "alice", GOOD).await;
    assert!(token.starts_with("chat_"), "{token}");

    let mut ws = server.ws_json("ws").await;
    let welcome = hello(&mut ws, json!({ "account": "ALICE", "password": GOOD })).await;
    assert_eq!((&welcome["nickname"], &welcome["account"]), (&"alice".into(), &"alice".into()));
    assert_ne!(self::token(&welcome), token, "each login has a token of its own");
    let mut back = server.ws_json("back").await;
    let welcome = hello(&mut back, json!({ "session": token })).await;
    assert_eq!((&welcome["type"], &welcome["account"]), (&"welcome".into(), &"alice".into()));

    let mut nc = server.bracket("nc").await;
    line_with(&mut nc, "joined the chat").await;
    nc.send(format!("/login alice {GOOD}")).await;
    line_with(&mut nc, "you are logged in to alice").await;
    let mut star = server.star("star").await;
    star.expect_prompt("Enter your name: ").await;
    star.send("bob").await;
    line_with(&mut star, "bob joined").await;
    star.send(format!("/register bob {GOOD}")).await;
    line_with(&mut star, "account bob is registered; you are logged in to bob").await;
    let mut other = server.json("other").await;
    let welcome = hello(&mut other, json!({ "account": "bob", "password": GOOD })).await;
    assert_eq!(welcome["nickname"], "bob");
    server.stop().await;
}

#[tokio::test]
async fn session_token_in_a_header_logs_a_web_socket_in() {
    let server = start();
    let mut alice = server.member("alice").await;
    let bearer = format!("Bearer {}", register(&mut alice, "alice", GOOD).await);
    let header = (http::header::AUTHORIZATION, bearer.as_str());
    let mut json = Client::web_socket_with("json", server.ws_address(), header.clone()).await;
    assert_eq!(hello(&mut json, json!({ "guest": true })).await["account"], "alice");
    let mut text = Client::text_socket_with("text", server.ws_address(), header).await;
    text.send("/sessions").await;
    line_with(&mut text, "this one").await;
    // An unknown token makes a guest, as no token does.
    let header = (http::header::AUTHORIZATION, "Bearer chat_unknown");
    let mut guest = Client::web_socket_with("guest", server.ws_address(), header).await;
    let welcome = hello(&mut guest, json!({ "guest": true })).await;
    assert_eq!((&welcome["type"], &welcome["account"]), (&json!("welcome"), &Value::Null));
    server.stop().await;
}

#[tokio::test]
async fn password_is_hashed_with_the_default_settings() {
    let folder = TempDir::new().expect("a folder");
    let config = Config { registration: true, ..Config::default() };
    let setup = Setup::default().config(config).store(open(&folder));
    let server = setup.passwords(passwords(&HasherConfig::default())).start();
    let mut alice = server.member("alice").await;
    let token = register(&mut alice, "alice", GOOD).await;
    let mut again = server.json("again").await;
    let welcome = hello(&mut again, json!({ "account": "alice", "password": GOOD })).await;
    assert_eq!(welcome["type"], "welcome");
    server.stop().await;
    let file = std::fs::read(folder.path().join("chat.db")).expect("a file");
    let contains = |text: &str| file.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(contains("$argon2id$v=19$m=19456,t=2,p=1$"));
    assert!(!contains(GOOD) && !contains(&token), "neither passwords nor tokens are stored");
}

#[tokio::test]
async fn accounts_outlast_a_restart_with_their_roles_and_logins() {
    let folder = TempDir::new().expect("a folder");
    let server = setup(Config::default()).store(open(&folder)).start();
    let mut alice = server.member("alice").await;
    let first = register(&mut alice, "alice", GOOD).await;
    alice.send(r#"{"type":"join","channel":"tea"}"#).await;
    line_with(&mut alice, r#""type":"roster""#).await;
    let mut phone = server.json("phone").await;
    let second = token(&hello(&mut phone, json!({ "account": "alice", "password": GOOD })).await);
    alice.send(json!({ "type": "password", "old": GOOD, "new": BETTER }).to_string()).await;
    alice.expect_type("ok").await;
    server.stop().await;

    let server = setup(Config::default()).store(open(&folder)).start();
    let mut phone = server.json("phone").await;
    let refused = hello(&mut phone, json!({ "session": second })).await;
    assert_eq!(refused["code"], "session_ended");
    let refused = hello(&mut phone, json!({ "account": "alice", "password": GOOD })).await;
    assert_eq!(refused["code"], "login_failed");
    let welcome = hello(&mut phone, json!({ "account": "alice", "password": BETTER })).await;
    assert_eq!(welcome["type"], "welcome");
    let mut alice = server.json("alice").await;
    let welcome = hello(&mut alice, json!({ "session": first })).await;
    assert_eq!(welcome["account"], "alice");
    alice.send(r#"{"type":"join","channel":"tea"}"#).await;
    line_with(&mut alice, r#""role":"owner""#).await;
    server.stop().await;
}

#[tokio::test]
async fn unknown_account_is_answered_like_a_wrong_password() {
    let server = setup(Config { login_burst: 0, ..Config::default() }).start();
    let mut alice = server.member("alice").await;
    register(&mut alice, "alice", GOOD).await;
    for password in ["wrong", "", "with\0nul", "x".repeat(1_024).as_str(), &"x".repeat(1_025)] {
        let mut answers = Vec::new();
        for account in ["alice", "nobody", "no,name", ""] {
            let mut client = server.json("client").await;
            let mut asked =
                hello(&mut client, json!({ "account": account, "password": password })).await;
            asked["asked"] = "hello".into();
            answers.push(asked);
            hello(&mut client, json!({ "nickname": "guest" })).await;
            client.expect_type("roster").await;
            answers.push(log_in(&mut client, account, password).await);
            client.send(r#"{"type":"quit"}"#).await;
            client.expect_type("goodbye").await;
            client.expect_closed().await;
        }
        for pair in answers.chunks(2) {
            assert_eq!(pair, &answers[..2]);
            assert_eq!(pair[0]["code"], "login_failed", "{pair:?}");
        }
    }
    let mut lines = Vec::new();
    for account in ["alice", "nobody"] {
        let mut nc = server.bracket("nc").await;
        line_with(&mut nc, "joined the chat").await;
        nc.send(format!("/login {account} wrong")).await;
        lines.push(line_with(&mut nc, "no account").await);
    }
    assert_eq!(lines[0], lines[1]);
    server.stop().await;
}

#[tokio::test]
async fn passwords_of_many_kinds_work_and_impossible_ones_are_explained() {
    let server = setup(Config { login_burst: 0, ..Config::default() }).start();
    let longest =
        format!("{} {}", "\u{1f40e}".repeat(100), "ab cd!".repeat(104))[..1_024].to_owned();
    for (number, password) in [
        "  two  words, four spaces ",
        "\u{1f469}\u{200d}\u{1f680}\u{1f40e}\u{1f50b}\u{1f9f7}\u{1f3e0}\u{1f30b}\u{1f511}",
        "\u{43f}\u{430}\u{440}\u{43e}\u{43b}\u{44c} \u{434}\u{43b}\u{44f} \u{447}\u{430}\u{442}",
        "\"quotes\" and \\slashes\\",
        &longest,
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("user-{number}");
        let mut client = server.member(&name).await;
        register(&mut client, &name, password).await;
        let mut again = server.json("again").await;
        let welcome = hello(&mut again, json!({ "account": name, "password": password })).await;
        assert_eq!(welcome["account"], *name, "{password}");
        // The next user is not told of this one.
        drop((client, again));
        server.sessions(0).await;
    }
    let mut alice = server.member("alice").await;
    for (password, said) in [
        (String::new(), "is empty"),
        ("short".to_owned(), "needs at least 8"),
        ("alice2026".to_owned(), "name of the account"),
        ("password1".to_owned(), "most common"),
        ("correct\0horse".to_owned(), "U+0000"),
        (format!("{longest}x"), "at most 1024 bytes"),
        ("x".repeat(7_000), "at most 1024 bytes"),
    ] {
        let request = json!({ "type": "register", "account": "alice", "password": password });
        alice.send(request.to_string()).await;
        let refused = alice.expect_error("password_too_weak").await;
        let reason = refused["message"].as_str().expect("a reason");
        assert!(reason.contains(said), "{reason}");
    }
    // One that is longer than any frame may be.
    let huge = json!({ "type": "register", "account": "alice", "password": "x".repeat(100_000) });
    alice.send(huge.to_string()).await;
    assert_eq!(alice.next_json().await["type"], "error");
    register(&mut alice, "alice", GOOD).await;
    server.stop().await;
}

#[tokio::test]
async fn code_lets_people_register() {
    let config = Config { registration: true, ..Config::default() };
    let passwords = passwords(&cheap()).registration_code(&Secret::new("tea-at-five"));
    let server = Setup::default().config(config).passwords(passwords).start();
    let mut alice = server.member("alice").await;
    for code in [Value::Null, "tea".into(), "tea-at-five ".into()] {
        let request =
            json!({ "type": "register", "account": "alice", "password": GOOD, "code": code });
        alice.send(request.to_string()).await;
        alice.expect_error("code_invalid").await;
    }
    let mut nc = server.bracket("nc").await;
    line_with(&mut nc, "joined the chat").await;
    nc.send(format!("/register bob {GOOD}")).await;
    line_with(&mut nc, "code").await;
    nc.send(format!("/register bob {GOOD} code=tea-at-five")).await;
    line_with(&mut nc, "account bob is registered").await;
    let request = json!(
        { "type": "register", "account": "alice", "password": GOOD, "code": "tea-at-five" }
    );
    alice.send(request.to_string()).await;
    line_with(&mut alice, r#""type":"registered""#).await;
    server.stop().await;
}

#[tokio::test]
async fn token_of_another_server_is_refused() {
    let (one, two) = (start(), start());
    let mut alice = one.member("alice").await;
    let token = register(&mut alice, "alice", GOOD).await;
    register(&mut two.member("alice").await, "alice", GOOD).await;
    let mut stranger = two.json("stranger").await;
    let huge = "x".repeat(5_000);
    for foreign in [&*token, "", "chat_", "eyJhbGciOiJIUzI1NiJ9.e30.c2ln", &huge] {
        let refused = hello(&mut stranger, json!({ "session": foreign })).await;
        assert_eq!(refused["code"], "session_ended", "{refused}");
    }
    one.stop().await;
    two.stop().await;
}

#[tokio::test]
async fn guessing_is_limited_and_the_owner_comes_in_with_the_token() {
    let clock = TestServer::clock();
    let config =
        Config { login_burst: 3, login_interval: Duration::from_secs(10), ..Config::default() };
    let server = setup(config).clock(&clock).start();
    let mut alice = server.member("alice").await;
    let token = register(&mut alice, "alice", GOOD).await;
    let mut guesser = server.member("guesser").await;
    // The registration counts, too.
    for _ in 0..2 {
        assert_eq!(log_in(&mut guesser, "alice", "wrong").await["code"], "login_failed");
    }
    let refused = log_in(&mut guesser, "alice", GOOD).await;
    assert_eq!(refused["code"], "rate_limited", "{refused}");
    let mut other = server.json("other").await;
    let refused = hello(&mut other, json!({ "account": "alice", "password": GOOD })).await;
    assert_eq!(refused["code"], "rate_limited", "all connections from one address count");
    let welcome = hello(&mut other, json!({ "session": token })).await;
    assert_eq!(welcome["account"], "alice");
    clock.advance(Duration::from_secs(10));
    assert_eq!(log_in(&mut guesser, "alice", "wrong").await["code"], "login_failed");
    assert_eq!(log_in(&mut guesser, "alice", "wrong").await["code"], "rate_limited");
    server.stop().await;
}

#[tokio::test]
async fn others_chat_while_passwords_wait_and_too_many_are_told_to_try_again() {
    let mut hasher = HasherConfig::default();
    // One at a time, for long enough that the others come meanwhile.
    (hasher.threads, hasher.queue, hasher.passes) = (1, 0, 40);
    let config = Config { registration: true, login_burst: 0, ..Config::default() };
    let limits = Limits { connections_per_address: 100, ..Limits::default() };
    let setup = Setup::default().config(config).limits(limits).passwords(passwords(&hasher));
    let server = setup.start();
    let mut clients = Vec::new();
    for number in 0..8 {
        clients.push(server.json(&format!("client {number}")).await);
    }
    let mut talker = server.member("talker").await;
    let request = json!(
        { "type": "hello", "version": 2, "account": "nobody", "password": GOOD }
    );
    for client in &mut clients {
        client.send(request.to_string()).await;
    }
    talker.send(r#"{"type":"chat","text":"hi","ref":"1"}"#).await;
    talker.expect_type("ack").await;
    let mut codes = Vec::new();
    for client in &mut clients {
        codes.push(client.expect_type("error").await["code"].clone());
    }
    assert!(codes.iter().any(|code| code == "login_failed"), "{codes:?}");
    assert!(codes.iter().any(|code| code == "try_again"), "{codes:?}");
    // A client may try again on the same connection.
    let again = hello(&mut clients[0], json!({ "account": "nobody", "password": GOOD })).await;
    assert_eq!(again["code"], "login_failed");
    server.stop().await;
}
