//! Clients that try to read, over the wire, what they may not: from memory and from a store in a
//! file, with every request that shows messages.

use async_trait::async_trait;
use chat_runtime::chat_core::script::Script;
use chat_runtime::chat_core::{Answer, Config, HostCommand, Identity};
use chat_runtime::chat_dialects::AuthRequest;
use chat_runtime::{Authenticator, ManualClock, Unavailable};
use chat_store_sqlite::SqliteOptions;
use chat_tests::{Client, Setup, TestServer};
use serde_json::{Value, json};
use std::time::Duration;
use tempfile::TempDir;

/// The word that no attacker may read.
const WORD: &str = "hush42";

/// A token is the name of an account.
struct Accounts;

#[async_trait]
impl Authenticator for Accounts {
    async fn authenticate(&self, request: &AuthRequest) -> Result<Answer, Unavailable> {
        let account = request.token.as_ref().map(|token| Identity::new(token.expose()));
        Ok(account.map_or(Answer::Guest, Answer::Account))
    }
}

struct Scene {
    server: TestServer,
    clock: ManualClock,
    _folder: TempDir,
}

impl Scene {
    /// Starts a server with one message of each channel in memory; the store has the others.
    fn start() -> Self {
        let config = Config {
            history_per_channel: 1,
            mailbox_per_account: 1,
            commands_per_second: 0,
            idle_timeout: None,
            shortest_keep: Duration::from_secs(10),
            ..Config::default()
        };
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("chat.db");
        let store = SqliteOptions::default().open(path, Script::START).expect("it opens");
        let clock = TestServer::clock();
        let setup = Setup::default().config(config).clock(&clock).authenticator(Accounts);
        Self { server: setup.store(store).start(), clock, _folder: folder }
    }

    async fn enter(&self, nickname: &str, account: Option<&str>) -> Client {
        let mut client = self.server.json(nickname).await;
        let hello = json!({
            "type": "hello", "version": 2, "nickname": nickname, "token": account,
        });
        client.send(hello.to_string()).await;
        client.expect_type("welcome").await;
        client
    }
}

/// Sends a request, and returns its answer. Events that come before it are skipped.
async fn ask(client: &mut Client, mut request: Value) -> Value {
    request["ref"] = json!("r");
    client.send(request.to_string()).await;
    loop {
        let answer = client.next_json().await;
        if answer["ref"] == "r" {
            return answer;
        }
    }
}

async fn join(client: &mut Client, channel: &str) -> Value {
    ask(client, json!({ "type": "join", "channel": channel })).await
}

async fn say(client: &mut Client, place: &str, name: &str, text: &str) {
    let answer = ask(client, json!({ "type": "chat", place: name, "text": text })).await;
    assert_eq!(answer["type"], "ack", "{answer}");
}

/// Says the word twice, so that the store has one of the messages, and memory the other.
async fn hush(client: &mut Client, place: &str, name: &str) {
    say(client, place, name, &format!("{WORD} one")).await;
    say(client, place, name, &format!("{WORD} two")).await;
}

/// Every request that shows messages, and those that show texts beside them.
fn requests(channels: &[&str], nicknames: &[&str]) -> Vec<Value> {
    let ranges = [
        json!({}),
        json!({ "before": u64::MAX }),
        json!({ "before": 3 }),
        json!({ "after": 0 }),
        json!({ "around": 1 }),
        json!({ "around": u64::MAX }),
        json!({ "at": "1970-01-01T00:00:00Z" }),
        json!({ "at": "2026-01-01T00:00:00Z" }),
        json!({ "at": "9999-12-30T00:00:00Z" }),
    ];
    let with = |mut request: Value, fields: &Value| {
        for (name, value) in fields.as_object().expect("an object") {
            request[name] = value.clone();
        }
        request
    };
    let mut all = Vec::new();
    for range in &ranges {
        for limit in [1, 50, u64::MAX] {
            for channel in channels {
                let request = json!({ "type": "history", "channel": channel, "limit": limit });
                all.push(with(request, range));
            }
            for nickname in nicknames {
                let request = json!({ "type": "history", "to": nickname, "limit": limit });
                all.push(with(request, range));
            }
        }
    }
    for fields in [
        json!({}),
        json!({ "older_than": u64::MAX }),
        json!({ "older_than": 3 }),
        json!({ "after": "1970-01-01" }),
        json!({ "before": "9999-12-30" }),
    ] {
        for text in [WORD, "h", "one", "two"] {
            let search = json!({ "type": "search", "text": text });
            all.push(with(search.clone(), &fields));
            for channel in channels {
                all.push(with(with(search.clone(), &json!({ "channel": channel })), &fields));
            }
            for nickname in nicknames {
                all.push(with(with(search.clone(), &json!({ "from": nickname })), &fields));
            }
        }
    }
    for channel in channels {
        all.push(json!({ "type": "topic", "channel": channel }));
        all.push(json!({ "type": "users", "channel": channel }));
        all.push(json!({ "type": "bans", "channel": channel }));
        all.push(json!({ "type": "modes", "channel": channel }));
    }
    all.push(json!({ "type": "channels" }));
    for nickname in nicknames {
        all.push(json!({ "type": "whois", "nickname": nickname }));
        all.push(json!({ "type": "whowas", "nickname": nickname }));
    }
    all
}

const CHANNELS: [&str; 4] = ["den", "#den", "DEN", "\u{ff44}en"];
const NICKNAMES: [&str; 4] = ["alice", "Bob", "mallory", "server"];

/// Checks that no request of a client is answered with the word.
async fn reads_nothing(client: &mut Client) {
    for request in requests(&CHANNELS, &NICKNAMES) {
        let answer = ask(client, request.clone()).await;
        assert!(!answer.to_string().contains(WORD), "{request}: {answer}");
    }
}

/// Checks that a client reads both messages in all ways, so that the others prove something.
async fn reads_both(client: &mut Client, place: &str, name: &str) {
    let history = json!({ "type": "history", place: name });
    for request in [history, json!({ "type": "search", "text": WORD })] {
        let answer = ask(client, request).await;
        assert_eq!(answer["messages"].as_array().map(Vec::len), Some(2), "{answer}");
    }
}

#[tokio::test]
async fn nobody_but_members_reads_a_channel() {
    for modes in [
        json!({}),
        json!({ "secret": true }),
        json!({ "invite_only": true }),
        json!({ "key": "sesame" }),
        json!({ "limit": 1 }),
        json!({ "members_only": false }),
    ] {
        let scene = Scene::start();
        let mut alice = scene.enter("alice", Some("al")).await;
        join(&mut alice, "den").await;
        let mut set = json!({ "type": "modes", "channel": "den" });
        set.as_object_mut().expect("an object").extend(modes.as_object().cloned().expect("one"));
        ask(&mut alice, set).await;
        hush(&mut alice, "channel", "den").await;
        let topic = json!({ "type": "topic", "channel": "den", "topic": WORD });
        if modes["secret"] == true {
            ask(&mut alice, topic).await;
        }
        reads_both(&mut alice, "channel", "den").await;
        for account in [None, Some("ma")] {
            let mut mallory = scene.enter("mallory", account).await;
            if modes["invite_only"] == true || modes.get("key").is_some() {
                assert_eq!(join(&mut mallory, "den").await["type"], "error");
            }
            reads_nothing(&mut mallory).await;
            ask(&mut mallory, json!({ "type": "quit" })).await;
        }
        scene.server.stop().await;
    }
}

#[tokio::test]
async fn former_members_read_nothing_more() {
    let scene = Scene::start();
    let mut alice = scene.enter("alice", Some("al")).await;
    join(&mut alice, "den").await;
    let out = json!({ "type": "modes", "channel": "den", "invite_only": true });
    for how in ["leave", "kick", "ban"] {
        let mut mallory = scene.enter("mallory", Some("ma")).await;
        let invite = json!({ "type": "invite", "channel": "den", "nickname": "mallory" });
        ask(&mut alice, invite).await;
        assert_eq!(join(&mut mallory, "den").await["type"], "roster");
        if how == "leave" {
            ask(&mut mallory, json!({ "type": "leave", "channel": "den" })).await;
        } else {
            ask(&mut alice, json!({ "type": how, "channel": "den", "nickname": "mallory" })).await;
        }
        ask(&mut alice, out.clone()).await;
        hush(&mut alice, "channel", "den").await;
        assert_eq!(join(&mut mallory, "den").await["type"], "error", "after {how}");
        reads_nothing(&mut mallory).await;
        // Another name, and another session of the same account, change nothing.
        ask(&mut mallory, json!({ "type": "rename", "nickname": "carol" })).await;
        let mut second = scene.enter("mallory", Some("ma")).await;
        for client in [&mut mallory, &mut second] {
            assert_eq!(join(client, "den").await["type"], "error", "after {how}");
            reads_nothing(client).await;
        }
        ask(&mut second, json!({ "type": "quit" })).await;
        ask(&mut mallory, json!({ "type": "quit" })).await;
        scene.server.sessions(1).await;
    }
    scene.server.stop().await;
}

/// A guest's channel is forgotten when it is empty. Who creates it again owns another one.
#[tokio::test]
async fn creator_of_a_channel_of_the_same_name_reads_nothing_of_the_first() {
    let scene = Scene::start();
    let mut mallory = scene.enter("mallory", Some("ma")).await;
    for _ in 0..3 {
        let mut alice = scene.enter("alice", None).await;
        assert_eq!(join(&mut alice, "den").await["type"], "roster");
        hush(&mut alice, "channel", "den").await;
        reads_both(&mut alice, "channel", "den").await;
        ask(&mut alice, json!({ "type": "quit" })).await;
        scene.server.sessions(1).await;
        join(&mut mallory, "den").await;
        reads_nothing(&mut mallory).await;
        ask(&mut mallory, json!({ "type": "leave", "channel": "den" })).await;
        // The owner has an account, so that the host has to close the channel.
        let channel = "den".into();
        let close = HostCommand::CloseChannel { channel, reason: None };
        scene.server.hub().host(close).await.expect("it is closed");
    }
    scene.server.stop().await;
}

#[tokio::test]
async fn private_messages_are_read_by_their_two_accounts_only() {
    let scene = Scene::start();
    let mut alice = scene.enter("alice", Some("al")).await;
    let mut bob = scene.enter("bob", Some("bo")).await;
    hush(&mut alice, "to", "bob").await;
    reads_both(&mut alice, "to", "bob").await;
    reads_both(&mut bob, "to", "alice").await;
    let mut guest = scene.enter("carol", None).await;
    let mut mallory = scene.enter("mallory", Some("ma")).await;
    reads_nothing(&mut guest).await;
    reads_nothing(&mut mallory).await;
    // They take the names of both.
    for (client, name) in [(&mut alice, "alice2"), (&mut bob, "bob2")] {
        ask(client, json!({ "type": "rename", "nickname": name })).await;
    }
    for (guests, own) in [("alice", "bob"), ("bob", "alice")] {
        for (client, name) in [(&mut guest, guests), (&mut mallory, own)] {
            let spare = format!("{name}x");
            ask(client, json!({ "type": "rename", "nickname": spare })).await;
        }
        for (client, name) in [(&mut guest, guests), (&mut mallory, own)] {
            let renamed = ask(client, json!({ "type": "rename", "nickname": name })).await;
            assert_eq!(renamed["type"], "ok", "{renamed}");
            reads_nothing(client).await;
        }
    }
    // The true ones have them under the names of that time.
    reads_both(&mut alice, "to", "bob").await;
    reads_both(&mut bob, "to", "alice").await;
    scene.server.stop().await;
}

#[tokio::test]
async fn account_that_is_created_again_reads_nothing_of_the_removed_one() {
    let scene = Scene::start();
    let mut alice = scene.enter("alice", Some("al")).await;
    let mut bob = scene.enter("bob", Some("bo")).await;
    join(&mut bob, "den").await;
    ask(&mut bob, json!({ "type": "modes", "channel": "den", "invite_only": true })).await;
    let invite = json!({ "type": "invite", "channel": "den", "nickname": "alice" });
    ask(&mut bob, invite).await;
    join(&mut alice, "den").await;
    hush(&mut alice, "to", "bob").await;
    ask(&mut alice, json!({ "type": "leave", "channel": "den" })).await;
    hush(&mut bob, "channel", "den").await;
    // An invitation of the removed account is of no use to the new one.
    let invite = json!({ "type": "invite", "channel": "den", "nickname": "alice" });
    ask(&mut bob, invite).await;
    ask(&mut alice, json!({ "type": "quit" })).await;
    scene.server.sessions(1).await;
    let remove = HostCommand::RemoveAccount { account: "al".into() };
    scene.server.hub().host(remove).await.expect("it is removed");
    let mut mallory = scene.enter("mallory", Some("al")).await;
    assert_eq!(join(&mut mallory, "den").await["type"], "error");
    reads_nothing(&mut mallory).await;
    scene.server.stop().await;
}

#[tokio::test]
async fn messages_above_the_age_of_their_channel_are_read_by_nobody() {
    let scene = Scene::start();
    let mut alice = scene.enter("alice", Some("al")).await;
    join(&mut alice, "den").await;
    hush(&mut alice, "channel", "den").await;
    let keep = json!({ "type": "modes", "channel": "den", "keep_seconds": 60 });
    assert_eq!(ask(&mut alice, keep).await["type"], "ok");
    scene.clock.advance(Duration::from_secs(60));
    reads_both(&mut alice, "channel", "den").await;
    scene.clock.advance(Duration::from_millis(1));
    reads_nothing(&mut alice).await;
    // The newest one does not open a way to the older ones.
    say(&mut alice, "channel", "den", "one two").await;
    reads_nothing(&mut alice).await;
    scene.server.stop().await;
}

/// While 100 sessions of members search, the word is said after some of them were removed.
#[tokio::test]
async fn searches_of_a_hundred_clients_show_nothing_after_their_removal() {
    let scene = Scene::start();
    let mut alice = scene.enter("alice", Some("al")).await;
    join(&mut alice, "den").await;
    let mut clients = Vec::new();
    for number in 0..100 {
        let mut client = scene.enter(&format!("m{number}"), None).await;
        join(&mut client, "den").await;
        clients.push(client);
    }
    for number in 0..50 {
        let kick = json!({ "type": "kick", "channel": "den", "nickname": format!("m{number}") });
        assert_eq!(ask(&mut alice, kick).await["type"], "ok");
    }
    hush(&mut alice, "channel", "den").await;
    for client in &mut clients {
        for _ in 0..20 {
            client.send(json!({ "type": "search", "text": WORD }).to_string()).await;
        }
        client.send(json!({ "type": "ping", "ref": "end" }).to_string()).await;
    }
    for (number, client) in clients.iter_mut().enumerate() {
        let mut answers = 0;
        loop {
            let answer = client.next_json().await;
            if answer["ref"] == "end" {
                break;
            }
            if answer["type"] == "found" {
                answers += 1;
                let count = answer["messages"].as_array().map(Vec::len);
                assert_eq!(count, Some(if number < 50 { 0 } else { 2 }), "{answer}");
            } else if answer["type"] == "error" {
                answers += 1;
                assert_eq!(answer["code"], "try_again", "{answer}");
            }
        }
        assert_eq!(answers, 20, "each search has one answer");
    }
    scene.server.stop().await;
}

#[tokio::test]
async fn numbers_and_times_of_any_size_are_answered() {
    let scene = Scene::start();
    let mut alice = scene.enter("alice", Some("al")).await;
    join(&mut alice, "den").await;
    hush(&mut alice, "channel", "den").await;
    ask(&mut alice, json!({ "type": "ping" })).await;
    let numbers = [
        "-1",
        "0",
        "1",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775808",
        "1e400",
        "1.5",
        "1e3",
        "null",
        "\"1\"",
        "[]",
        "{}",
        "true",
    ];
    let times = [
        "-009999-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999Z",
        "9999-12-31T23:59:59-23:59",
        "1969-12-31T23:59:59Z",
        "0000-01-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-06-30T23:59:60Z",
        "+292277026596-12-04T15:30:07Z",
        "",
        " ",
        "now",
    ];
    for (kind, fields) in [
        (r#"history","channel":"den""#, &["before", "after", "around", "limit"][..]),
        (r#"history","to":"alice""#, &["before", "after", "around", "limit"]),
        (r#"search","text":"hush42""#, &["older_than", "limit"]),
        (r#"modes","channel":"den""#, &["keep_seconds", "limit"]),
    ] {
        for field in fields {
            for number in numbers {
                let request = format!(r#"{{"type":"{kind},"{field}":{number},"ref":"r"}}"#);
                is_answered(&scene, &mut alice, &request).await;
            }
        }
    }
    for (kind, fields) in [
        (r#"history","channel":"den""#, &["at"][..]),
        (r#"search","text":"x""#, &["after", "before"]),
    ] {
        for field in fields {
            for time in times {
                let request = format!(r#"{{"type":"{kind},"{field}":"{time}","ref":"r"}}"#);
                is_answered(&scene, &mut alice, &request).await;
            }
        }
    }
    scene.server.stop().await;
}

/// Sends a request, and checks that its answer comes next, and is no failure of the server.
async fn is_answered(scene: &Scene, client: &mut Client, request: &str) {
    // Ten faults in ten seconds are too many.
    scene.clock.advance(Duration::from_secs(2));
    client.send(request).await;
    let answer = client.next_json().await;
    assert_eq!(answer["ref"], "r", "{request}: {answer}");
    assert_ne!(answer["code"], "try_again", "{request}: {answer}");
}
