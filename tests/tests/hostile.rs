//! Hostile clients, and clients on bad networks: their cost is bounded, and other users are not
//! affected.
//!
//! All tests use real sockets and are bounded in time. Measured times are printed; assertions on
//! them are so loose that a busy machine meets them.

#![expect(clippy::print_stdout, reason = "the measurements are meant to be read")]

use chat_runtime::Limits;
use chat_runtime::chat_core::Config;
use chat_tests::{Client, PATIENCE, Setup, TestServer, connections, sample};
use std::fs;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_silent_clients_are_closed_in_time() {
    open_files();
    let clock = TestServer::clock();
    let server = Setup::default().clock(&clock).start();
    let mut bystander = server.bracket("bystander").await;
    bystander.expect(["* user1 joined the chat"]).await;
    let mut silent = Vec::new();
    for _ in 0..2_000 {
        silent.push(connect(server.json_address()).await);
    }
    server.sessions(2_001).await;
    clock.advance(Config::default().naming_timeout.expect("there is one"));
    for stream in &mut silent {
        let told = read_to_end(stream).await;
        assert!(told.ends_with(b"\"no nickname was taken in time\"}\n"));
    }
    server.sessions(1).await;
    connections(server.hub(), 1).await;
    bystander.send("/users").await;
    bystander.expect(["* online: user1"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hundreds_of_slow_senders_are_disconnected() {
    open_files();
    let clock = TestServer::clock();
    let limits = Limits { handshake: Duration::from_millis(500), ..Limits::default() };
    let server = Setup::default().clock(&clock).limits(limits).start();
    let mut bystander = server.bracket("bystander").await;
    bystander.expect(["* user1 joined the chat"]).await;
    let (mut programs, mut browsers) = (Vec::new(), Vec::new());
    for _ in 0..250 {
        programs.push(connect(server.json_address()).await);
        browsers.push(connect(server.ws_address()).await);
    }
    // JSON clients send a byte a second by the server's clock; a browser has half a second by the
    // system's clock for its request.
    for (json, http) in
        br#"{"type":"hello","nickname":"slow"#.iter().zip(b"GET /ws HTTP/1.1\r\nHost: somewhere")
    {
        for stream in &mut programs {
            // Once it is closed, writing fails.
            let _ = stream.write_all(&[*json]).await;
        }
        // Every other browser sends nothing at all.
        for stream in browsers.iter_mut().step_by(2) {
            let _ = stream.write_all(&[*http]).await;
        }
        clock.advance(Duration::from_secs(1));
    }
    for stream in programs.iter_mut().chain(&mut browsers) {
        read_to_end(stream).await;
    }
    connections(server.hub(), 1).await;
    server.sessions(1).await;
    bystander.send("/users").await;
    bystander.expect(["* online: user1"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flood_is_refused_and_others_chat_on() {
    open_files();
    // A high rate limit, so that the chat takes little time; the flood is a hundred times as fast
    // nevertheless.
    let config = Config { commands_per_second: 200, announce_up_to: 0, ..Config::default() };
    let server = Setup::default().config(config).start();
    let mut people = Vec::new();
    for number in 0..CHATTING {
        people.push(server.member(&format!("person{number}")).await);
    }
    let (people, calm) = chat(people).await;

    let mut flood = connect(server.json_address()).await;
    flood
        .write_all(b"{\"type\":\"hello\",\"nickname\":\"flood\",\"version\":2,\"lobby\":false}\n")
        .await
        .expect("it is open");
    let (mut answers, mut mouth) = flood.into_split();
    let writing = tokio::spawn(async move {
        let lines = "{\"type\":\"chat\",\"text\":\"flood\"}\n".repeat(1_000);
        for _ in 0..FLOOD / 1_000 {
            mouth.write_all(lines.as_bytes()).await.expect("the server goes on reading");
        }
        mouth
    });
    let reading = tokio::spawn(async move {
        let mut told = String::new();
        let mut some = vec![0; 64 * 1024];
        let (mut lines, mut refused) = (0, 0);
        while lines < FLOOD + 1 {
            let count = answers.read(&mut some).await.expect("the server goes on writing");
            assert!(count > 0, "the flood was closed after {lines} answers");
            told.push_str(&String::from_utf8_lossy(&some[..count]));
            let complete = told.rfind('\n').map_or(0, |end| end + 1);
            for line in told[..complete].lines() {
                lines += 1;
                refused += usize::from(
                    line.contains("\"rate_limited\"") || line.contains("\"not_in_channel\""),
                );
                if let Some(missed) = line.strip_prefix(r#"{"type":"lagged","missed":"#) {
                    let missed: usize = missed.trim_end_matches('}').parse().expect("a number");
                    lines += missed - 1;
                    refused += missed;
                }
            }
            told.drain(..complete);
        }
        refused
    });
    let (_people, flooded) = chat(people).await;
    let refused = timeout(PATIENCE * 4, reading).await.expect("answers in time").expect("no panic");
    drop(writing.await.expect("no panic"));
    println!(
        "p99 of {CHATTING} people: {calm:?} in peace, {flooded:?} in a flood of {FLOOD} lines"
    );
    assert!(refused > FLOOD * 9 / 10, "{refused} of the flood were refused");
    assert!(flooded < Duration::from_secs(5), "people waited {flooded:?} for each other");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stalled_reader_costs_one_queue_and_is_told_what_it_missed() {
    let config = Config {
        commands_per_second: 0,
        history_per_channel: 60_000,
        history_page: 500,
        ..Config::default()
    };
    let limits = Limits { write_stall: PATIENCE * 10, ..Limits::default() };
    let server = Setup::default().config(config).limits(limits.clone()).start();
    let mut speaker = server.member("speaker").await;
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4_096).expect("a smaller buffer");
    let stream = socket.connect(server.json_address()).await.expect("the server listens");
    let mut deaf = Client::of_stream("deaf", stream);
    deaf.join_lobby(r#"{"type":"hello","nickname":"deaf","version":2}"#).await;
    speaker.expect_type("user_joined").await;

    // Warm-up, so that only the cost of the stalled reader is measured.
    say(&mut speaker, 0..1_000).await;
    let before = resident();
    say(&mut speaker, 1_000..MESSAGES).await;
    let metrics = server.hub().metrics().await.expect("the server runs");
    let queued = sample(&metrics, "chat_queue_bytes");
    assert!(queued > 0 && queued <= limits.queue_bytes as u64, "{queued} bytes are queued");
    // The speaker may have a few frames in its queue too: a shard reports what it has written
    // later.
    assert!(sample(&metrics, "chat_queue_frames") <= limits.queue_frames as u64 + 8);
    assert!(sample(&metrics, "chat_lagged_total") > 0);
    // The history of 50,000 messages is most of it. An unbounded queue would hold as many frames of
    // about 130 bytes, 6 MB more.
    let grown = resident().saturating_sub(before);
    println!(
        "{} KiB more for {MESSAGES} messages in history, with one stalled reader",
        grown / 1024
    );

    // Messages arrive in order up to a gap; a notice gives the exact number missed, and the history
    // contains these messages.
    let (mut last, mut reached, mut gaps) = (0, 0, Vec::new());
    while reached < MESSAGES {
        let object = deaf.next_json().await;
        match object["type"].as_str() {
            Some("chat") => {
                let id = object["id"].as_u64().expect("an id");
                assert_eq!(object["text"], format!("message {reached}"));
                assert!(id > last, "ids grow");
                (last, reached) = (id, reached + 1);
            }
            Some("lagged") => {
                let missed = object["missed"].as_u64().expect("a number");
                gaps.push((last, missed));
                reached += missed as usize;
                last += missed;
            }
            _ => panic!("did not expect {object}"),
        }
    }
    assert_eq!(reached, MESSAGES);
    assert!(!gaps.is_empty());
    for (after, missed) in gaps {
        let mut position = after;
        while position < after + missed {
            deaf.send(format!(
                r#"{{"type":"history","channel":"lobby","after":{position},"limit":500}}"#
            ))
            .await;
            let history = deaf.expect_type("history").await;
            let messages = history["messages"].as_array().expect("messages");
            assert!(!messages.is_empty(), "no message after {position}");
            for message in messages {
                assert_eq!(message["id"], position + 1);
                position += 1;
            }
        }
    }
    deaf.expect_nothing_so_far().await;
}

/// Lets every client send messages in turn, which all receive. Returns the clients, and the 99th
/// percentile of the latency.
async fn chat(people: Vec<Client>) -> (Vec<Client>, Duration) {
    let mut tasks = JoinSet::new();
    let begun = Instant::now();
    for (number, mut person) in people.into_iter().enumerate() {
        tasks.spawn(async move {
            let mut latencies = Vec::new();
            let mut said = 0;
            let mut heard = 0;
            while heard < CHATTING * ROUNDS {
                // Each client has its own time slot in each round, so that the pace is even.
                let turn = Duration::from_millis(((said * CHATTING + number) * 10) as u64);
                let next = if said < ROUNDS { begun + turn } else { begun + PATIENCE * 10 };
                tokio::select! {
                    () = tokio::time::sleep_until(next.into()) => {
                        let at = begun.elapsed().as_micros();
                        person.send(format!(r#"{{"type":"chat","text":"at {at}"}}"#)).await;
                        said += 1;
                    }
                    object = person.next_json() => {
                        let Some(text) = object["text"].as_str() else { continue };
                        let at = text.strip_prefix("at ").expect("a time");
                        let at: u128 = at.parse().expect("a number");
                        latencies.push(begun.elapsed().as_micros() - at);
                        heard += 1;
                    }
                }
            }
            (person, latencies)
        });
    }
    let (mut people, mut latencies) = (Vec::new(), Vec::new());
    while let Some(done) =
        timeout(PATIENCE * 4, tasks.join_next()).await.expect("every client receives every message")
    {
        let (person, some) = done.expect("no panic");
        people.push(person);
        latencies.extend(some);
    }
    latencies.sort_unstable();
    let p99 = latencies[latencies.len() * 99 / 100];
    (people, Duration::from_micros(u64::try_from(p99).expect("not that long")))
}

async fn say(speaker: &mut Client, numbers: std::ops::Range<usize>) {
    for number in numbers {
        speaker.send(format!(r#"{{"type":"chat","text":"message {number}"}}"#)).await;
        speaker.expect_type("ack").await;
        speaker.expect_type("chat").await;
    }
}

async fn connect(address: std::net::SocketAddr) -> TcpStream {
    timeout(PATIENCE, TcpStream::connect(address))
        .await
        .expect("in time")
        .expect("the server listens")
}

async fn read_to_end(stream: &mut TcpStream) -> Vec<u8> {
    let mut told = Vec::new();
    // A reset counts as the end.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut told)).await.expect("the end in time");
    told
}

/// Returns the resident memory of this process in bytes, server and clients together.
fn resident() -> usize {
    let statm = fs::read_to_string("/proc/self/statm").expect("Linux");
    let pages: usize = statm.split(' ').nth(1).expect("a field").parse().expect("a number");
    pages * 4_096
}

fn open_files() {
    let limit = rlimit::increase_nofile_limit(u64::MAX).expect("a limit of open files");
    assert!(limit > 6_000, "too few open files are allowed here: {limit}");
}

const CHATTING: usize = 100;
const ROUNDS: usize = 3;
const FLOOD: usize = 100_000;
const MESSAGES: usize = 50_000;
