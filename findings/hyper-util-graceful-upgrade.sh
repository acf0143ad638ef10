#!/usr/bin/env bash
# Package: hyper-util 0.1.21 (`GracefulShutdown`), with hyper 1.12.0.
#
# Expectation: `GracefulShutdown::shutdown()` waits for a connection that was upgraded, as to a
# WebSocket, or ends it. Its documentation says that it completes "once all watched connections have
# shutdown".
#
# Behaviour: for hyper, a connection ends when it is upgraded: `count()` does not count it any more,
# and `shutdown()` completes at once. The upgraded stream gets no signal and goes on working.
#
# Where it matters: a server that returns from `main` after `shutdown()`. It waits for a download,
# but cuts off each WebSocket without a close frame. A server of upgraded connections has to count
# them itself and tell them to end.
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
bytes = "=1.12.1"
http-body-util = "=0.1.5"
hyper = { version = "=1.12.0", features = ["http1", "server"] }
[dependencies.hyper-util]
version = "=0.1.21"
features = ["http1", "server-auto", "server-graceful", "tokio"]
[dependencies.tokio]
version = "=1.54.1"
features = ["io-util", "macros", "net", "rt", "time"]
[workspace]
TOML

cat >"$dir/src/main.rs" <<'RUST'
use std::{convert::Infallible, process::exit, time::Duration};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{body::Incoming, service::service_fn, Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::{conn::auto, graceful::GracefulShutdown};
use tokio::io::{copy, split, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

const WORK: Duration = Duration::from_secs(2);

/// Changes to a protocol that echoes each byte; without `Upgrade`, answers after some work.
async fn serve(mut request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    if !request.headers().contains_key("upgrade") {
        sleep(WORK).await;
        return Ok(Response::new(Full::default()));
    }
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let (mut read, mut write) = split(TokioIo::new(upgrade.await.unwrap()));
        copy(&mut read, &mut write).await.unwrap();
    });
    let response = Response::builder()
        .status(101)
        .header("connection", "upgrade")
        .header("upgrade", "echo");
    Ok(response.body(Full::default()).unwrap())
}

/// A client of a server that `graceful` watches.
async fn client(graceful: &GracefulShutdown) -> TcpStream {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (stream, _) = listener.accept().await.unwrap();
    let watcher = graceful.watcher();
    tokio::spawn(async move {
        let builder = auto::Builder::new(TokioExecutor::new());
        let service = service_fn(serve);
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
        watcher.watch(connection).await.unwrap();
    });
    client
}

async fn echo(stream: &mut TcpStream) -> bool {
    stream.write_all(b"x").await.is_ok() && matches!(stream.read_u8().await, Ok(b'x'))
}

fn changed(what: &str) -> ! {
    println!("CHANGED: {what}");
    exit(1)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let graceful = GracefulShutdown::new();
    let mut busy = client(&graceful).await;
    busy.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    sleep(WORK / 4).await;
    println!("A request at work: count() is {}.", graceful.count());
    if timeout(WORK / 4, graceful.shutdown()).await.is_ok() {
        changed("shutdown() does not wait for a request at work");
    }
    println!("  shutdown() waits for it.");

    let graceful = GracefulShutdown::new();
    let mut upgraded = client(&graceful).await;
    let request =
        b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n";
    upgraded.write_all(request).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(upgraded.read_u8().await.unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 101"));
    assert!(echo(&mut upgraded).await);
    println!("An upgraded connection that echoes: count() is {}.", graceful.count());
    if graceful.count() != 0 {
        changed("the upgraded connection is counted");
    }
    if timeout(WORK, graceful.shutdown()).await.is_err() {
        changed("shutdown() waits for the upgraded connection");
    }
    println!("  shutdown() is complete.");
    sleep(WORK / 4).await;
    if !echo(&mut upgraded).await {
        changed("shutdown() ended the upgraded connection");
    }
    println!("  The connection still echoes.");
}
RUST

cd "$dir"
timeout 900 nice cargo build --quiet || { echo "CANNOT TELL: the build failed"; exit 2; }
cargo pkgid hyper-util | sed 's/.*#/Package: /'
status=0
timeout 60 nice cargo run --quiet || status=$?
[ "$status" -le 2 ] || echo "CANNOT TELL: the program ended with status $status"
[ "$status" = 0 ] || exit "$status"
echo "As stated: the graceful shutdown of hyper-util ignores upgraded connections."
