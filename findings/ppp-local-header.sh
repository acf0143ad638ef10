#!/usr/bin/env bash
# Package: ppp 2.3.0 (a parser of the PROXY protocol).
#
# Expectation: a version 2 header with the command LOCAL is accepted whatever family it names.
# Section 2.2 of the protocol says that the receiver must accept a LOCAL connection as valid, and
# must discard the protocol block including the family, which is ignored.
#
# Behaviour: the parser reads the addresses before it looks at the command. A LOCAL header that
# names a family and has no addresses (length 0) is an error, `InvalidAddresses(0, 12)`. The same
# header with the family UNSPEC is accepted.
#
# Where it matters: health checks. A balancer sends LOCAL for its own connections. If it names the
# family of the socket and leaves out the addresses, a server that closes at an error of the
# parser fails the check, and is taken out of service in good health.
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
ppp = "=2.3.0"
[workspace]
TOML

cat >"$dir/src/main.rs" <<'RUST'
use std::process::exit;

use ppp::v2::{Command, Header, ParseError, PROTOCOL_PREFIX};

/// A version 2 header with the command LOCAL and no byte after its length.
fn local(family: u8) -> Vec<u8> {
    [PROTOCOL_PREFIX, &[0x20, family, 0, 0]].concat()
}

fn main() {
    let mut same = true;

    let bytes = local(0x00);
    let seen = Header::try_from(&bytes[..]);
    println!("LOCAL, UNSPEC, length 0: {seen:?}");
    same &= matches!(&seen, Ok(header) if header.command == Command::Local);

    for (name, family, needed) in [("TCP over IPv4", 0x11, 12), ("TCP over IPv6", 0x21, 36)] {
        let bytes = local(family);
        let seen = Header::try_from(&bytes[..]);
        println!("LOCAL, {name}, length 0: {seen:?}");
        same &= seen == Err(ParseError::InvalidAddresses(0, needed));
    }

    if !same {
        println!("CHANGED: expected the first to be accepted and the others to be an error");
        exit(1);
    }
}
RUST

cd "$dir"
timeout 900 nice cargo build --quiet || { echo "CANNOT TELL: the build failed"; exit 2; }
cargo pkgid ppp | sed 's/.*#/Package: /'
status=0
timeout 60 nice cargo run --quiet || status=$?
[ "$status" -le 2 ] || echo "CANNOT TELL: the program ended with status $status"
[ "$status" = 0 ] || exit "$status"
echo "As stated: ppp refuses a LOCAL header that names a family and has no addresses."
