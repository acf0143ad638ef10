#!/usr/bin/env bash
# Package: turmoil 0.7.2 (a simulated network for Tokio).
#
# Expectation: in a partition, a client waits in `connect` and never becomes connected. A connection
# costs a round trip.
#
# Behaviour: only the first half of the handshake is a message of the simulated network. The answer
# to it, which `accept` sends, bypasses the network: no partition stops it and it takes no time. A
# client whose SYN came before the partition is connected when the server accepts, in the middle of
# the partition; what it writes is lost. A client whose SYN the partition drops does not wait, but
# gets `ConnectionRefused` at once. Connecting costs the latency once, not twice.
#
# Where it matters: a test of "the peer is unreachable". A real partition makes a client run into
# its connect timeout; this one makes it see a refusal or a success. To make it wait, use `hold`
# instead of `partition`.
#
# Seen on 2026-11-28.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export CARGO_TARGET_DIR="$dir/target"
mkdir "$dir/src"

cat >"$dir/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"
[dependencies]
tokio = { version = "=1.54.1", features = ["io-util", "time"] }
turmoil = "=0.7.2"
[workspace]
TOML

cat >"$dir/src/main.rs" <<'RUST'
use std::{io::ErrorKind, process::exit, time::Duration};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{sleep, timeout};
use turmoil::net::{TcpListener, TcpStream};
use turmoil::{elapsed, hold, partition, Builder, Sim};

const LATENCY: Duration = Duration::from_millis(100);

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn changed(what: &str) -> ! {
    println!("CHANGED: {what}");
    exit(1)
}

/// Builds a simulation with a server that accepts after `wait`, and reports whether it has received
/// a byte.
fn sim(wait: Duration) -> Sim<'static> {
    let mut sim = Builder::new()
        .min_message_latency(LATENCY)
        .max_message_latency(LATENCY)
        .simulation_duration(Duration::from_secs(60))
        .build();
    sim.host("server", move || async move {
        let listener = TcpListener::bind("0.0.0.0:80").await?;
        sleep(wait).await;
        let (mut stream, _) = listener.accept().await?;
        println!("  {:?}: the server accepts", elapsed());
        if timeout(ms(5_000), stream.read_u8()).await.is_ok() {
            changed("what the client wrote crossed the partition");
        }
        println!("  {:?}: the server has read nothing", elapsed());
        Ok(())
    });
    sim
}

fn main() -> turmoil::Result {
    println!("The latency is {LATENCY:?}. The SYN arrives, then a partition, then an accept:");
    let mut split = sim(ms(2_000));
    split.client("client", async {
        let connect = tokio::spawn(TcpStream::connect("server:80"));
        sleep(ms(1_000)).await;
        if connect.is_finished() {
            changed("the client is connected before the server accepts");
        }
        partition("client", "server");
        println!("  {:?}: partition; the client is not connected yet", elapsed());
        match timeout(ms(10_000), connect).await {
            Ok(Ok(Ok(mut stream))) => {
                println!("  {:?}: the client is connected", elapsed());
                stream.write_u8(1).await?;
                // Longer than the server reads, so that the stream is not closed before.
                sleep(ms(6_000)).await;
                Ok(())
            }
            other => changed(&format!("connecting across the partition gave {other:?}")),
        }
    });
    split.run()?;

    println!("To compare, a connect that begins in the partition:");
    let mut later = sim(ms(2_000));
    later.client("client", async {
        partition("client", "server");
        match timeout(ms(10_000), TcpStream::connect("server:80")).await {
            Ok(Err(error)) if error.kind() == ErrorKind::ConnectionRefused => {
                println!("  {:?}: {:?}", elapsed(), error.kind());
            }
            other => changed(&format!("connecting in the partition gave {other:?}")),
        }
        Ok(())
    });
    later.run()?;

    println!("To compare, a connect that begins in a hold:");
    let mut held = sim(ms(2_000));
    held.client("client", async {
        hold("client", "server");
        match timeout(ms(10_000), TcpStream::connect("server:80")).await {
            Err(_) => println!("  {:?}: the client gives up waiting", elapsed()),
            other => changed(&format!("connecting in a hold gave {other:?}")),
        }
        Ok(())
    });
    held.run()?;

    println!("No partition, and a server that accepts at once:");
    let mut whole = sim(Duration::ZERO);
    whole.client("client", async {
        sleep(ms(1_000)).await;
        let begin = elapsed();
        let _stream = TcpStream::connect("server:80").await?;
        let cost = elapsed() - begin;
        println!("  connecting took {cost:?}");
        if cost >= LATENCY * 3 / 2 {
            changed("connecting takes a round trip");
        }
        Ok(())
    });
    whole.run()
}
RUST

cd "$dir"
timeout 900 nice cargo build --quiet || { echo "CANNOT TELL: the build failed"; exit 2; }
cargo pkgid turmoil | sed 's/.*#/Package: /'
status=0
timeout 60 nice cargo run --quiet || status=$?
[ "$status" -le 2 ] || echo "CANNOT TELL: the program ended with status $status"
[ "$status" = 0 ] || exit "$status"
echo "As stated: the answer to a SYN bypasses the simulated network."
