#!/usr/bin/env bash
# Package: rusqlite 0.40.2 with the feature `bundled` (libsqlite3-sys 0.38.2, SQLite 3.53.2), Linux.
#
# Expectation: SQLite syncs with `fdatasync`, as the packages of Linux distributions do. A commit in
# WAL mode with `synchronous=FULL` overwrites blocks of a log that has its length already, so that
# only the bytes have to reach the disk.
#
# Behaviour: SQLite uses `fdatasync` only if it is compiled with `HAVE_FDATASYNC`, which its own
# configure script finds out and the build script of libsqlite3-sys does not define. The bundled
# SQLite calls `fsync`, at each commit and each checkpoint. `PRAGMA compile_options` says nothing
# about it. `LIBSQLITE3_FLAGS=-DHAVE_FDATASYNC` in the environment of the build changes it.
#
# Where it matters: `fsync` also waits for the file's times to reach the disk, which on ext4 is a
# commit of the journal. The kernel changes them only once a clock tick (1 to 4 ms), so that fast
# disks hardly show a difference between the two, and slow disks pay at each commit.
#
# Seen on 2026-11-29.
set -euo pipefail

[ "$(uname -s)" = Linux ] || { echo "CANNOT TELL: this is not Linux"; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/src"

cat >"$dir/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"
[dependencies]
libsqlite3-sys = "=0.38.2"
rusqlite = { version = "=0.40.2", features = ["bundled"] }
[workspace]
TOML

# A program's own `fsync` and `fdatasync` come before those of the C library: they count the calls.
cat >"$dir/src/main.rs" <<'RUST'
use std::ffi::c_int;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

static FSYNCS: AtomicU32 = AtomicU32::new(0);
static FDATASYNCS: AtomicU32 = AtomicU32::new(0);

#[no_mangle]
extern "C" fn fsync(_: c_int) -> c_int {
    FSYNCS.fetch_add(1, Relaxed);
    0
}

#[no_mangle]
extern "C" fn fdatasync(_: c_int) -> c_int {
    FDATASYNCS.fetch_add(1, Relaxed);
    0
}

fn main() {
    let path = std::env::args().nth(1).expect("a path");
    let database = rusqlite::Connection::open(path).unwrap();
    database.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;").unwrap();
    database.execute_batch("CREATE TABLE numbers (number INTEGER)").unwrap();
    FSYNCS.store(0, Relaxed);
    FDATASYNCS.store(0, Relaxed);
    for number in 0..100 {
        database.execute("INSERT INTO numbers VALUES (?)", [number]).unwrap();
    }
    let mut options = database.prepare("PRAGMA compile_options").unwrap();
    let options = options.query_map((), |row| row.get::<_, String>(0)).unwrap();
    let told = options.filter(|option| option.as_ref().unwrap().contains("FDATASYNC")).count();
    eprintln!(
        "SQLite {}, 100 commits: {FSYNCS:?} calls of fsync, {FDATASYNCS:?} of fdatasync; \
         {told} compile options about it.",
        rusqlite::version()
    );
    println!("{FSYNCS:?} {FDATASYNCS:?}");
}
RUST

# Prints the numbers of calls of a program that was built with these flags for SQLite.
calls() {
    export LIBSQLITE3_FLAGS="$1" CARGO_TARGET_DIR="$dir/target$2"
    timeout 900 nice cargo build --quiet || { echo "CANNOT TELL: the build failed" >&2; return 2; }
    timeout 60 "$CARGO_TARGET_DIR/debug/finding" "$dir/file$2"
}

cd "$dir"
default=$(calls "" 1) || exit 2
cargo pkgid libsqlite3-sys | sed 's/.*#/Package: /'
[ "$default" = "100 0" ] || { echo "CHANGED: $default calls of fsync and fdatasync"; exit 1; }
echo "With LIBSQLITE3_FLAGS=-DHAVE_FDATASYNC:"
flagged=$(calls "-DHAVE_FDATASYNC" 2) || exit 2
[ "$flagged" = "0 100" ] || { echo "CHANGED: with the flag, $flagged calls"; exit 1; }
echo "As stated: the bundled SQLite calls fsync for each commit, unless the flag is set."
