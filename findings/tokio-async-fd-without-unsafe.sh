#!/usr/bin/env bash
# Library: tokio 1.54.1 (`tokio::io::unix::AsyncFd`), beside 1.48.0.
#
# Expectation: `AsyncFd::new` is the way to wait for a descriptor of one's own, such as that of an
# `epoll`. It takes an `OwnedFd`, which nobody else can close, without `unsafe`, and an update
# within version 1 changes nothing for a program that treats warnings as errors.
#
# Behaviour: 1.54 deprecates all safe constructors (`new`, `with_interest`, `try_new`,
# `try_with_interest`). Their replacements, `register` and `register_with_interest`, are unsafe for
# each type, also for an `OwnedFd`. A crate that forbids unsafe code has to allow the deprecated
# function, or wait on a thread.
#
# Where it matters: a server that waits for many idle sockets with one `epoll`, and for that `epoll`
# in a Tokio task.
#
# Seen on 2026-11-30.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export CARGO_TARGET_DIR="$dir/target"

# Compiles a use of a constructor with a version of tokio.
check() {
    local version=$1 call=$2
    mkdir -p "$dir/src"
    cat >"$dir/Cargo.toml" <<TOML
[package]
name = "finding"
version = "0.0.0"
edition = "2021"
[dependencies]
tokio = { version = "=$version", features = ["net", "rt"] }
[workspace]
TOML
    cat >"$dir/src/lib.rs" <<RUST
#![forbid(unsafe_code)]
#![deny(deprecated)]

use std::os::fd::OwnedFd;
use tokio::io::unix::AsyncFd;

pub fn watch(descriptor: OwnedFd) -> bool {
    $call(descriptor).is_ok()
}
RUST
    (cd "$dir" && cargo check --quiet 2>&1) || true
}

before=$(check 1.48.0 AsyncFd::new)
safe=$(check 1.54.1 AsyncFd::new)
replacement=$(check 1.54.1 AsyncFd::register)
echo "1.48.0, AsyncFd::new: ${before:-compiles}"
echo "1.54.1, AsyncFd::new: $(grep -m1 '^error' <<<"$safe" || echo compiles)"
echo "1.54.1, AsyncFd::register: $(grep -m1 '^error' <<<"$replacement" || echo compiles)"
if [ -n "$before" ] || ! grep -q 'deprecated associated function' <<<"$safe" ||
    ! grep -q 'call to unsafe function' <<<"$replacement"; then
    echo "CHANGED"
    printf '%s\n' "$before" "$safe" "$replacement"
    exit 1
fi
