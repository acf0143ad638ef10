//! Checks of the project's structure. `cargo test -p chat-structure` runs them.
//!
//! - [`cycles`]: no two files of a crate may use each other, directly or through other files.
//! - [`layers`]: a crate depends only on crates of lower layers.
//! - [`exhaustive_enums`]: the public enums of libraries can grow.
//! - [`lengths`]: no Rust file is longer than a limit.
//!
//! The checks read `Cargo.toml` files and Rust source text. They compile nothing and expand no
//! macros. `tests/it/project.rs` applies them to this project, `tests/it/planted.rs` to small
//! projects with known faults.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the enums of syn are non-exhaustive, and the checks look for few of their variants"
)]

mod cycles;
mod enums;
mod error;
mod files;
mod layers;
mod lengths;
mod names;
mod packages;
mod test_only;
mod tree;
mod uses;

pub use cycles::{Cycle, Use, cycles};
pub use enums::exhaustive_enums;
pub use error::Error;
pub use layers::layers;
pub use lengths::lengths;
