//! Connections that have ended leave no memory behind.
//!
//! The allocator counts the bytes in use of the whole process, so this test has a program of its
//! own.

#![expect(clippy::print_stdout, reason = "the measurement is meant to be read")]

use cap::Cap;
use chat_runtime::chat_core::Config;
use chat_tests::{PATIENCE, Setup, TestServer, connections};
use std::alloc::System;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::timeout;

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_short_connections_leave_nothing_behind() {
    rlimit::increase_nofile_limit(u64::MAX).expect("a limit of open files");
    let config = Config { announce_up_to: 0, history_per_channel: 10, ..Config::default() };
    let server = Setup::default().config(config).start();
    let mut bystander = server.bracket("bystander").await;
    bystander.expect(["* user1 joined the chat"]).await;
    let tasks = || Handle::current().metrics().num_alive_tasks();
    let tasks_before = tasks();
    let mut growths = Vec::new();
    for _ in 0..ROUNDS {
        let bytes_before = ALLOCATOR.allocated();
        come_and_go(&server, CONNECTIONS).await;
        ended(&server, || tasks() <= tasks_before + IDLE).await;
        growths.push(ALLOCATOR.allocated().saturating_sub(bytes_before));
    }
    println!("bytes more after {CONNECTIONS} connections each: {growths:?}");
    let grown = growths.iter().min().expect("several rounds");
    assert!(*grown < CONNECTIONS * 64, "{grown} bytes are left of {CONNECTIONS} connections");
    bystander.send("/users").await;
    bystander.expect(["* online: user1"]).await;
}

/// Waits until all connections but one have ended, with all of their tasks.
async fn ended(server: &TestServer, tasks_ended: impl Fn() -> bool) {
    connections(server.hub(), 1).await;
    server.sessions(1).await;
    let tasks = async {
        while !tasks_ended() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, tasks).await.expect("the tasks of the connections end");
}

/// Opens `count` connections that send a little or nothing, and end in different ways.
async fn come_and_go(server: &TestServer, count: usize) {
    let (json, ws, text) = (server.json_address(), server.ws_address(), server.bracket_address());
    let mut tasks = JoinSet::new();
    for number in 0..count {
        if tasks.len() >= 100 {
            tasks.join_next().await.expect("one of them").expect("no panic");
        }
        tasks.spawn(async move {
            let connected = TcpStream::connect([json, ws, text][number % 3]);
            let mut stream =
                timeout(PATIENCE, connected).await.expect("in time").expect("the server listens");
            let fields = format!(r#""type":"hello","nickname":"n{number}","version":2"#);
            let hello = format!("{{{fields}}}\n");
            let bytes: &[u8] = match number % 3 {
                0 if number % 2 == 0 => hello.as_bytes(),
                0 => b"{\"type\":\"hel",
                1 if number % 2 == 0 => {
                    b"GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n\
                    Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
                }
                1 => b"GET /ws HT",
                _ if number % 2 == 0 => b"/who\n/who\n",
                _ => b"",
            };
            // Some connections end before the server reads from them.
            let _ = stream.write_all(bytes).await;
            if number % 4 == 0 {
                let _ = stream.read(&mut [0; 256]).await;
            }
            if number % 5 == 0 {
                stream.set_zero_linger().expect("an open socket");
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.expect("no panic");
    }
}

/// A leak of a connection shows in every round, whereas a buffer that keeps the capacity of its
/// busiest moment grows in few of them.
const ROUNDS: usize = 5;
/// The task that waits for idle connections, which may begin after the first look at the tasks.
const IDLE: usize = 1;
/// The number of connections in a round. The keep-alive queue contains 16 bytes for each of them
/// until its first deadline.
const CONNECTIONS: usize = 3_000;
