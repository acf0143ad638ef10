//! A thousand connections in one room: every member receives every message, once and in the same
//! order.

use chat_runtime::chat_core::Config;
use chat_tests::{Client, PATIENCE, Setup, TestServer};
use std::sync::Arc;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio::time::timeout;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousand_members_receive_the_same_messages() {
    let limit = rlimit::increase_nofile_limit(u64::MAX).expect("a limit of open files");
    assert!(limit > 2 * PEOPLE as u64 + 100, "too few open files are allowed here: {limit}");
    // Without a rate limit, and without announcements of joins and leaves.
    let config = Config { commands_per_second: 0, announce_up_to: 0, ..Config::default() };
    let server = Arc::new(Setup::default().config(config).start());

    let all_there = Arc::new(Barrier::new(PEOPLE));
    let mut people = JoinSet::new();
    for number in 0..PEOPLE {
        let (server, all_there) = (server.clone(), all_there.clone());
        people.spawn(async move { talk(number, &server, &all_there).await });
    }
    let mut heard = Vec::new();
    while let Some(person) = people.join_next().await {
        heard.push(person.expect("no client fails"));
    }

    let (first, rest) = heard.split_first().expect("a thousand people");
    for other in rest {
        assert_eq!(first, other);
    }
    // All messages of each sender have arrived, in the order in which they were sent.
    for sender in 0..SENDERS {
        let said: Vec<String> = (0..MESSAGES).map(|message| format!("message {message}")).collect();
        let name = name(sender);
        let from_them = first.iter().filter(|(from, _)| *from == name);
        assert_eq!(from_them.map(|(_, text)| text.clone()).collect::<Vec<_>>(), said);
    }
}

/// Runs one client, which also sends messages if it is one of the first. Returns the messages that
/// it receives.
async fn talk(number: usize, server: &TestServer, all_there: &Barrier) -> Vec<(String, String)> {
    let mut client = connect(number, server).await;
    let version = 1 + number / 2 % 2;
    let nickname = name(number);
    client.send(format!(r#"{{"type":"hello","nickname":"{nickname}","version":{version}}}"#)).await;
    client.expect_type("welcome").await;
    timeout(PATIENCE, all_there.wait()).await.expect("all clients join in time");
    if number < SENDERS {
        for message in 0..MESSAGES {
            client.send(format!(r#"{{"type":"chat","text":"message {message}"}}"#)).await;
        }
    }
    let mut heard = Vec::new();
    while heard.len() < SENDERS * MESSAGES {
        let object = client.next_json().await;
        let field = |name: &str| object[name].as_str().unwrap_or_default().to_owned();
        match field("type").as_str() {
            "chat" => heard.push((field("nickname"), field("text"))),
            "roster" | "ack" => {}
            _ => panic!("{nickname} did not expect {object}"),
        }
    }
    // Exactly once: the answer to a request sent now is the next frame.
    if version == 2 {
        client.expect_nothing_so_far().await;
    } else {
        client.send(r#"{"type":"hello"}"#).await;
        client.expect([r#"{"type":"error","message":"already connected"}"#]).await;
    }
    heard
}

/// Connects half of the clients over TCP, and half over WebSocket.
async fn connect(number: usize, server: &TestServer) -> Client {
    match number % 2 {
        0 => server.json(&name(number)).await,
        _ => server.ws_json(&name(number)).await,
    }
}

fn name(number: usize) -> String {
    format!("person{number:03}")
}

const PEOPLE: usize = 1_000;
const SENDERS: usize = 10;
const MESSAGES: usize = 20;
