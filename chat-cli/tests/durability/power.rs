//! The messages that a loss of power loses with `durability = "process"`.

use crate::disk::Disk;
use crate::server::Launch;
use chat_tests::Client;
use std::path::Path;
use std::time::{Duration, Instant};

/// Lets a server lose its power while a client talks, so many times. Returns the report.
///
/// The kept messages must be a part of those that were sent, without a gap.
pub(crate) async fn measure(disk: &Disk, config: &Path, runs: u32) -> Result<String, String> {
    let launch = disk.launch().with_config(config);
    let mut losses = Vec::new();
    for run in 1..=runs {
        // Between two syncs, which come once a second.
        let talk = Duration::from_millis(1_000 + u64::from(run) * 137 % 1_000);
        losses.push(lose(disk, &launch, talk).await?);
    }
    let longest = losses.iter().map(|loss| loss.time).max().unwrap_or_default();
    let messages = losses.iter().map(|loss| loss.messages).max().unwrap_or_default();
    let mean = losses.iter().map(|loss| loss.time).sum::<Duration>() / runs;
    Ok(format!(
        "durability = \"process\": {runs} losses of power lost {:.2} s on average, {:.2} s at most \
         (up to {messages} messages of one client)",
        mean.as_secs_f64(),
        longest.as_secs_f64()
    ))
}

struct Loss {
    time: Duration,
    messages: usize,
}

async fn lose(disk: &Disk, launch: &Launch, talk: Duration) -> Result<Loss, String> {
    let server = launch.start().await.map_err(|ended| format!("{ended:?}"))?;
    let mut client = Client::tcp("alice", server.address("tcp+json")).await;
    client.join_lobby(r#"{"type":"hello","version":2,"nickname":"alice"}"#).await;
    let begun = Instant::now();
    let mut said: Vec<(u64, Instant)> = Vec::new();
    while begun.elapsed() < talk {
        client.send(r#"{"type":"chat","text":"hi"}"#).await;
        let ack = client.expect_type("ack").await;
        client.expect_type("chat").await;
        said.push((ack["id"].as_u64().unwrap_or_default(), Instant::now()));
    }
    let lost_at = Instant::now();
    disk.lose_power(server.id());
    server.kill().await;
    disk.wait_until_free();

    let server = launch.start().await.map_err(|ended| format!("after the loss: {ended:?}"))?;
    let mut client = Client::tcp("alice", server.address("tcp+json")).await;
    client.join_lobby(r#"{"type":"hello","version":2,"nickname":"alice"}"#).await;
    client.send(r#"{"type":"history","channel":"lobby","limit":1}"#).await;
    let history = client.expect_type("history").await;
    let last = history["messages"][0]["id"].as_u64().unwrap_or_default();
    client.send(r#"{"type":"chat","text":"hi"}"#).await;
    let next = client.expect_type("ack").await["id"].as_u64().unwrap_or_default();
    if said.iter().any(|(id, _)| *id >= next) {
        return Err(format!("the id {next} was given before the loss of power"));
    }
    drop(client);
    server.stop().await;
    disk.wait_until_free();
    let lost: Vec<_> = said.iter().filter(|(id, _)| *id > last).collect();
    let time = lost.first().map_or(Duration::ZERO, |(_, at)| lost_at - *at);
    Ok(Loss { time, messages: lost.len() })
}
