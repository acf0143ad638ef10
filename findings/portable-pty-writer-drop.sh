#!/usr/bin/env bash
# portable-pty 0.9.0: dropping the writer of a pseudo-terminal types a newline and an end of file.
#
# Expectation: dropping the writer that `MasterPty::take_writer` returns only closes a file
# descriptor, so a line that was still being typed is never submitted, as when a terminal's window
# is closed.
#
# Behaviour: on Unix the writer sends a newline and the terminal's EOF character when it is dropped.
# A program that reads lines on the other side receives the half-typed line as a whole one, and acts
# on it.
#
# Where it matters: tests of interactive programs. A test that "closes the terminal" submits
# whatever was typed last, and may see its program carry it out before the terminal is gone.
#
# Seen on 2026-11-28.
#
# Exit status: 0 behaves as stated, 1 has changed, any other: unclear.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/src"
cat >"$folder/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"
publish = false

[dependencies]
portable-pty = "=0.9.0"
TOML
cat >"$folder/src/main.rs" <<'RUST'
use portable_pty::{native_pty_system, CommandBuilder, PtySize};
use std::io::{Read, Write};

/// Returns the first line that a shell on a new terminal receives when this is typed and the writer
/// is dropped.
fn received(typed: &str) -> String {
    let pair = native_pty_system().openpty(PtySize::default()).expect("a terminal");
    let mut command = CommandBuilder::new("sh");
    command.args(["-c", "if read -r line; then echo \"whole line <$line>\"; else echo cut off; fi"]);
    let mut shell = pair.slave.spawn_command(command).expect("a shell");
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().expect("a reader");
    let mut writer = pair.master.take_writer().expect("a writer");
    writer.write_all(typed.as_bytes()).expect("an open terminal");
    drop(writer);
    shell.wait().expect("a shell that ends");
    let mut output = Vec::new();
    let mut some = [0; 1024];
    // The end of a terminal is an error on Linux.
    while let Ok(count @ 1..) = reader.read(&mut some) {
        output.extend_from_slice(&some[..count]);
        if String::from_utf8_lossy(&output).contains("line <") {
            break;
        }
    }
    String::from_utf8_lossy(&output).into_owned()
}

fn main() {
    println!("portable-pty 0.9.0");
    let output = received("half a line");
    println!("typed without a newline: {output:?}");
    if !output.contains("whole line <half a line>") {
        println!("CHANGED: dropping the writer no longer submits the line");
        std::process::exit(1);
    }
}
RUST
cd "$folder"
cargo build --quiet
timeout 30 cargo run --quiet
