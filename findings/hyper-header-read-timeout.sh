#!/usr/bin/env bash
# Package: hyper 1.12.0 (server of HTTP/1), with the Tokio timer of hyper-util 0.1.21.
#
# Expectation: `header_read_timeout` begins with the first byte of a request's head. Its
# documentation says "a timeout for reading client request headers".
#
# Behaviour: the clock of the next head starts when the response before it has been written. It
# includes the idle time between requests. It therefore works as an idle timeout too: the server
# closes an idle connection, and a slow head has only the time that the idle time has left. The time
# in which the handler works is not included.
#
# Where it matters: a server that gives a head five seconds, to get rid of slow clients, also
# drops each keep-alive connection after five idle seconds. Browsers and proxies with a pool of
# connections then see closed connections, and there is no setting that separates the two times.
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
hyper-util = { version = "=0.1.21", features = ["tokio"] }
tokio = { version = "=1.54.1", features = ["io-util", "macros", "net", "rt", "time"] }
[workspace]
TOML

cat >"$dir/src/main.rs" <<'RUST'
use std::{convert::Infallible, io::ErrorKind, process::exit, time::Duration};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{server::conn::http1, service::service_fn, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout, Instant};

const HEAD: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
const LIMIT: Duration = Duration::from_secs(1);

/// Connects to a server whose timeout is `limit` and whose handler takes `work` for each request.
async fn client_of(limit: Option<Duration>, work: Duration) -> TcpStream {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let service = service_fn(move |_| async move {
            sleep(work).await;
            Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(b"hello"))))
        });
        let result = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limit)
            .serve_connection(TokioIo::new(stream), service)
            .await;
        if let Err(error) = result {
            println!("  (the server's connection ended with: {error})");
        }
    });
    TcpStream::connect(address).await.unwrap()
}

/// Sends a request and reads its response; false if there is none.
async fn exchange(stream: &mut TcpStream, request: &[u8]) -> bool {
    if stream.write_all(request).await.is_err() {
        return false;
    }
    let mut seen = Vec::new();
    while !seen.ends_with(b"\r\n\r\nhello") {
        match stream.read_buf(&mut seen).await {
            Ok(0) | Err(_) => return false,
            Ok(_) => {}
        }
    }
    true
}

/// Returns the time until the server closes; None if it does not within `patience`.
async fn closed_after(stream: &mut TcpStream, patience: Duration) -> Option<Duration> {
    let begin = Instant::now();
    match timeout(patience, stream.read(&mut [0; 64])).await {
        Ok(Ok(0)) => Some(begin.elapsed()),
        Ok(Err(error)) if error.kind() == ErrorKind::ConnectionReset => Some(begin.elapsed()),
        Ok(other) => changed(&format!("an idle client read {other:?}")),
        Err(_) => None,
    }
}

fn changed(what: &str) -> ! {
    println!("CHANGED: {what}");
    exit(1)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    println!("header_read_timeout is {LIMIT:?}.");

    let mut idle = client_of(Some(LIMIT), Duration::ZERO).await;
    assert!(exchange(&mut idle, HEAD).await);
    match closed_after(&mut idle, LIMIT * 8).await {
        Some(time) if time > LIMIT / 2 => {
            println!("Idle after a response, no byte sent: closed by the server after {time:.1?}.")
        }
        other => changed(&format!("the idle connection was closed after {other:?}")),
    }

    let mut slow = client_of(Some(LIMIT), Duration::ZERO).await;
    assert!(exchange(&mut slow, HEAD).await);
    let quiet = Instant::now();
    sleep(LIMIT * 6 / 10).await;
    if quiet.elapsed() > LIMIT * 9 / 10 {
        println!("CANNOT TELL: this machine is too slow at the moment");
        exit(2);
    }
    slow.write_all(&HEAD[..1]).await.unwrap();
    let first_byte = Instant::now();
    match closed_after(&mut slow, LIMIT * 8).await {
        Some(time) if time < LIMIT * 9 / 10 => {
            let after = first_byte - quiet;
            println!("Idle for {after:.1?}, then one byte of a head: closed {time:.1?} after it.")
        }
        other => changed(&format!("the first byte of a head was given {other:?}")),
    }

    let mut working = client_of(Some(LIMIT), LIMIT * 2).await;
    if !exchange(&mut working, HEAD).await {
        changed("the time of the handler counts");
    }
    println!("To compare, a handler that takes {:?}: its response arrives.", LIMIT * 2);

    let mut without = client_of(None, Duration::ZERO).await;
    assert!(exchange(&mut without, HEAD).await);
    if closed_after(&mut without, LIMIT * 3).await.is_some() {
        changed("the connection is closed without the timeout");
    }
    assert!(exchange(&mut without, HEAD).await);
    println!("To compare, no timeout: open after {:?}, and still serving.", LIMIT * 3);
}
RUST

cd "$dir"
timeout 900 nice cargo build --quiet || { echo "CANNOT TELL: the build failed"; exit 2; }
cargo pkgid hyper | sed 's/.*#/Package: /'
status=0
timeout 60 nice cargo run --quiet || status=$?
[ "$status" -le 2 ] || echo "CANNOT TELL: the program ended with status $status"
[ "$status" = 0 ] || exit "$status"
echo "As stated: header_read_timeout of hyper includes the idle time before a head."
