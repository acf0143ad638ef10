#!/usr/bin/env bash
# Package: http 1.5.0 (`HeaderMap`).
#
# Expectation: `extend` replaces the values of a name that is already there, as it does for the maps
# of the standard library, and as the only example in its documentation shows.
#
# Behaviour: it depends on the type of the names. From another `HeaderMap`, whose iterator yields
# `(Option<HeaderName>, value)`, it replaces. From pairs of `(HeaderName, value)` it appends: both
# values are sent, and `get` returns the old one. The documentation says nothing about the second.
#
# Where it matters: a default that a caller wants to override. `headers.extend(other)` overrides
# it; `headers.extend(other.iter().map(...))`, after a small change such as a filter, does not.
# The compiler accepts both.
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
http = "=1.5.0"
[workspace]
TOML

cat >"$dir/src/main.rs" <<'RUST'
use std::process::exit;

use http::header::{HeaderMap, HeaderValue, CACHE_CONTROL};

fn map(value: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(CACHE_CONTROL, HeaderValue::from_static(value))])
}

/// Returns the value of `get`, and all values.
fn seen(map: &HeaderMap) -> (&str, Vec<&str>) {
    let all = map.get_all(CACHE_CONTROL).iter().map(|value| value.to_str().unwrap()).collect();
    (map[CACHE_CONTROL].to_str().unwrap(), all)
}

fn main() {
    let (default, wanted) = (map("no-store"), map("max-age=60"));

    let mut from_map = default.clone();
    from_map.extend(wanted.clone());
    println!("extend(map):                (get, get_all) = {:?}", seen(&from_map));

    let mut from_pairs = default.clone();
    from_pairs.extend(wanted.iter().map(|(name, value)| (name.clone(), value.clone())));
    println!("extend(pairs of the map):   (get, get_all) = {:?}", seen(&from_pairs));

    if seen(&from_map) != ("max-age=60", vec!["max-age=60"])
        || seen(&from_pairs) != ("no-store", vec!["no-store", "max-age=60"])
    {
        println!("CHANGED: expected the first to replace and the second to append");
        exit(1);
    }
}
RUST

cd "$dir"
timeout 900 nice cargo build --quiet || { echo "CANNOT TELL: the build failed"; exit 2; }
cargo pkgid http | sed 's/.*#/Package: /'
status=0
timeout 60 nice cargo run --quiet || status=$?
[ "$status" -le 2 ] || echo "CANNOT TELL: the program ended with status $status"
[ "$status" = 0 ] || exit "$status"
echo "As stated: extend of HeaderMap replaces or appends, depending on the type of the names."
