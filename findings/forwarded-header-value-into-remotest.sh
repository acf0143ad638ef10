#!/usr/bin/env bash
# Package: forwarded-header-value 0.1.1 (a parser of `Forwarded`, RFC 7239).
#
# Expectation: `into_remotest()` returns the same element as `remotest()`, the left-most one, and
# only consumes the value. The documentation of both says "the value farthest from this system".
#
# Behaviour: with two elements or more, `into_remotest()` returns the right-most one, the same as
# `into_proximate()`. With one element all four methods agree.
#
# Where it matters: a log or a rate limit that needs the client gets the last proxy instead. A test
# with one hop does not show it. Use `remotest()`, or the first item of `into_iter()`.
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
forwarded-header-value = "=0.1.1"
[workspace]
TOML

cat >"$dir/src/main.rs" <<'RUST'
use std::process::exit;

use forwarded_header_value::{ForwardedHeaderValue, ForwardedStanza};

fn ip(stanza: &ForwardedStanza) -> String {
    stanza.forwarded_for_ip().unwrap().to_string()
}

/// The methods remotest, into_remotest, proximate and into_proximate, in this order.
fn all(header: &str) -> [String; 4] {
    let parse = || header.parse::<ForwardedHeaderValue>().unwrap();
    let seen = [
        ip(parse().remotest()),
        ip(&parse().into_remotest()),
        ip(parse().proximate()),
        ip(&parse().into_proximate()),
    ];
    println!("Forwarded: {header}");
    println!("  remotest() {}, into_remotest() {}", seen[0], seen[1]);
    println!("  proximate() {}, into_proximate() {}", seen[2], seen[3]);
    seen
}

fn main() {
    let (first, last) = ("192.0.2.1", "203.0.113.3");
    let one = all("for=192.0.2.1");
    let three = all("for=192.0.2.1, for=198.51.100.2, for=203.0.113.3");
    if one != [first; 4] || three != [first, last, last, last] {
        println!("CHANGED: expected into_remotest() alone to differ, with three elements");
        exit(1);
    }
}
RUST

cd "$dir"
timeout 900 nice cargo build --quiet || { echo "CANNOT TELL: the build failed"; exit 2; }
cargo pkgid forwarded-header-value | sed 's/.*#/Package: /'
status=0
timeout 60 nice cargo run --quiet || status=$?
[ "$status" -le 2 ] || echo "CANNOT TELL: the program ended with status $status"
[ "$status" = 0 ] || exit "$status"
echo "As stated: into_remotest() gives the element that is closest."
