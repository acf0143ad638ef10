//! The structure of this project.

use chat_structure::{cycles, exhaustive_enums, layers, lengths};
use std::path::Path;

/// The layers of the crates, the lowest first. A crate depends only on crates of lower layers;
/// dev-dependencies may point anywhere. A new crate needs an entry.
const LAYERS: &[&[&str]] = &[
    &["chat-core", "chat-fetch"],
    &["chat-dialects", "chat-store"],
    &["chat-irc", "chat-runtime", "chat-store-sqlite"],
    &[
        "transport-tcp",
        "transport-proxy",
        "transport-tls",
        "transport-ws",
        "chat-cluster",
        "chat-accounts",
        "chat-jwt",
    ],
    &["chat-web"],
    &["chat-oidc"],
    &["chat-server"],
    &[
        "chat-cli",
        "chat-examples",
        "chat-tests",
        "chat-bench",
        "chat-budgets",
        "chat-fuzz",
        "chat-public-api",
        "chat-simulation",
        "chat-structure",
        "chat-core-no-std",
        "embedder",
    ],
];

/// The longest that a Rust file may be, in lines.
const LONGEST_FILE: usize = 600;

#[test]
fn files_do_not_use_each_other() {
    let cycles: Vec<_> = cycles(project()).unwrap().iter().map(ToString::to_string).collect();
    assert!(cycles.is_empty(), "{}", cycles.join("\n"));
}

#[test]
fn crates_depend_on_lower_layers_only() {
    let faults = layers(project(), LAYERS).unwrap();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn public_enums_of_libraries_can_grow() {
    let libraries = LAYERS.iter().take(5).flat_map(|layer| layer.iter());
    let found = libraries.flat_map(|library| exhaustive_enums(project(), library).unwrap());
    let found: Vec<_> = found.collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_file_is_too_long() {
    let long = lengths(project(), LONGEST_FILE).unwrap();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

fn project() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}
