//! Small example programs for the chat engine, one idea each. They are in the folder `examples/`.
//! Run one with `cargo run --example NAME`.

/// Compiles and runs the code blocks of the README as doctests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// Compiles and runs the code blocks of the guide for embedding as doctests.
#[cfg(doctest)]
#[doc = include_str!("../../docs/embedding.md")]
struct Embedding;
