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
    come_and_go(&server, 1_000).await;
    connections(server.hub(), 1).await;
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let (tasks_before, bytes_before) = (tasks(), ALLOCATOR.allocated());
    come_and_go(&server, 9_000).await;
    connections(server.hub(), 1).await;
    server.sessions(1).await;
    let settled = async {
        while tasks() > tasks_before {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, settled)
        .await
        .unwrap_or_else(|_| panic!("{} tasks, not {tasks_before}", tasks()));
    let grown = ALLOCATOR.allocated().saturating_sub(bytes_before);
    println!("{grown} bytes more after 9,000 connections");
    // The keep-alive queue contains 16 bytes for a connection until its first deadline.
    assert!(grown < 9_000 * 64, "{grown} bytes are left of 9,000 connections");
    bystander.send("/users").await;
    bystander.expect(["* online: user1"]).await;
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
