//! Small programs around the chat engine, one idea each: see the folder `examples/`, and run one
//! with `cargo run --example NAME`.

/// The code in the README compiles and does what it says.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// So does the code in the guide for embedding.
#[cfg(doctest)]
#[doc = include_str!("../../docs/embedding.md")]
struct Embedding;
