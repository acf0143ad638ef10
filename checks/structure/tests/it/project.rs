//! The structure of this project.

use chat_structure::{cycles, layers, lengths};
use std::path::Path;

/// The layers of the crates, the lowest first. A crate depends only on crates of lower layers;
/// dev-dependencies may point anywhere. A new crate needs an entry.
const LAYERS: &[&[&str]] = &[
    &["chat-core"],
    &["chat-dialects"],
    &["chat-runtime"],
    &["transport-tcp", "transport-proxy", "transport-tls", "transport-ws", "chat-jwt"],
    &["chat-web"],
    &[
        "chat-cli",
        "chat-examples",
        "chat-tests",
        "chat-bench",
        "chat-budgets",
        "chat-fuzz",
        "chat-simulation",
        "chat-structure",
        "chat-core-no-std",
    ],
];

/// The directories whose files may still use each other. No entry may be added. An entry that is no
/// longer needed has to be removed: the check fails until it is.
const KNOWN_CYCLES: &[&str] = &[];

/// The longest that a Rust file may be, in lines.
const LONGEST_FILE: usize = 600;

/// The files that are still longer than [`LONGEST_FILE`], under the same rules as
/// [`KNOWN_CYCLES`].
const KNOWN_LONG_FILES: &[&str] =
    &["chat-dialects/tests/it/terminal_safety.rs", "tests/tests/servers/rooms.rs"];

#[test]
fn files_do_not_use_each_other() {
    let cycles = cycles(project()).unwrap();
    let cycles = cycles.iter().map(|cycle| (cycle.files[0].as_str(), cycle.to_string()));
    assert_none_but(KNOWN_CYCLES, cycles.collect());
}

#[test]
fn crates_depend_on_lower_layers_only() {
    let faults = layers(project(), LAYERS).unwrap();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_file_is_too_long() {
    let long = lengths(project(), LONGEST_FILE).unwrap();
    assert_none_but(
        KNOWN_LONG_FILES,
        long.iter().map(|line| (line.as_str(), line.clone())).collect(),
    );
}

/// Fails if there is a fault that no known entry starts, or an entry that starts no fault. Each
/// fault is the path that it is about, and its description.
#[track_caller]
fn assert_none_but(known: &[&str], faults: Vec<(&str, String)>) {
    let needless =
        known.iter().filter(|entry| !faults.iter().any(|(path, _)| path.starts_with(**entry)));
    let needless: Vec<_> = needless.collect();
    assert!(needless.is_empty(), "no longer needed, remove from the list: {needless:?}");
    let unknown =
        faults.iter().filter(|(path, _)| !known.iter().any(|entry| path.starts_with(entry)));
    let unknown: Vec<_> = unknown.map(|(_, description)| description.as_str()).collect();
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
}

fn project() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}
