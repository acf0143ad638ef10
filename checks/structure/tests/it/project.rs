//! The structure of this project.

use chat_structure::{Cycle, cycles, layers, lengths};
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

#[test]
fn files_do_not_use_each_other() {
    let cycles = cycles(project()).unwrap();
    let known =
        |cycle: &Cycle| KNOWN_CYCLES.iter().find(|entry| cycle.files[0].starts_with(**entry));
    let unknown: Vec<_> =
        cycles.iter().filter(|cycle| known(cycle).is_none()).map(ToString::to_string).collect();
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
    let used: Vec<_> = cycles.iter().filter_map(known).collect();
    let needless: Vec<_> = KNOWN_CYCLES.iter().filter(|entry| !used.contains(entry)).collect();
    assert!(needless.is_empty(), "no longer needed, remove from KNOWN_CYCLES: {needless:?}");
}

#[test]
fn crates_depend_on_lower_layers_only() {
    let faults = layers(project(), LAYERS).unwrap();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_file_is_too_long() {
    let long = lengths(project(), LONGEST_FILE).unwrap();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

fn project() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}
