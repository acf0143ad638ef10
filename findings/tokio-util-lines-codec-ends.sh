#!/usr/bin/env bash
# Package: tokio-util 0.7.20 (`LinesCodec` in a `FramedRead`), with futures-util 0.3.34.
#
# Expectation: after a line that is too long, a stream of lines yields an error and goes on.
# `LinesCodec` is built for it: its documentation says that it discards the rest of the long line
# and then functions as normal.
#
# Behaviour: the codec goes on, the stream does not. `FramedRead` treats each error of a decoder as
# fatal, as the documentation of `Decoder::Error` says, and yields `None` after it, once, although
# more lines are in its buffer. Polling again after this `None` yields the following lines.
#
# Where it matters: a server of a line protocol that answers "line too long" and means to continue.
# `while let Some(line) = lines.next().await` leaves the loop and drops the connection. A loop
# around `decode`, or a codec that yields long lines as items instead of errors, works as intended.
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
futures-util = { version = "=0.3.34", default-features = false }
tokio = { version = "=1.54.1", features = ["macros", "rt"] }
tokio-util = { version = "=0.7.20", features = ["codec"] }
[workspace]
TOML

cat >"$dir/src/main.rs" <<'RUST'
use std::process::exit;

use bytes::BytesMut;
use futures_util::StreamExt;
use tokio_util::codec::{Decoder, FramedRead, LinesCodec};

const INPUT: &[u8] = b"first\na line that is longer than ten\nthird\n";

fn codec() -> LinesCodec {
    LinesCodec::new_with_max_length(10)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    println!("Three lines; the second is longer than the limit.");

    let mut codec_alone = codec();
    let mut buffer = BytesMut::from(INPUT);
    let mut decoded = Vec::new();
    while !buffer.is_empty() {
        match codec_alone.decode(&mut buffer) {
            Ok(Some(line)) => decoded.push(line),
            Ok(None) => {}
            Err(error) => decoded.push(format!("error: {error}")),
        }
    }
    println!("The codec alone:               {decoded:?}");

    let mut stream = FramedRead::new(INPUT, codec());
    let mut looped = Vec::new();
    while let Some(line) = stream.next().await {
        looped.push(line.unwrap_or_else(|error| format!("error: {error}")));
    }
    println!("FramedRead, while let Some:    {looped:?}");

    let rest = [stream.next().await, stream.next().await]
        .map(|item| item.map(|line| line.unwrap_or_else(|error| format!("error: {error}"))));
    println!("FramedRead, polled twice more: {rest:?}");

    let too_long = "error: max line length exceeded";
    if decoded != ["first", too_long, "third"]
        || looped != ["first", too_long]
        || rest != [Some("third".to_owned()), None]
    {
        println!("CHANGED: expected the stream to end at the error and to go on when polled again");
        exit(1);
    }
}
RUST

cd "$dir"
timeout 900 nice cargo build --quiet || { echo "CANNOT TELL: the build failed"; exit 2; }
cargo pkgid tokio-util | sed 's/.*#/Package: /'
status=0
timeout 60 nice cargo run --quiet || status=$?
[ "$status" -le 2 ] || echo "CANNOT TELL: the program ended with status $status"
[ "$status" = 0 ] || exit "$status"
echo "As stated: FramedRead ends after an error from which LinesCodec recovers."
