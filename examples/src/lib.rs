//! Small programs around the chat engine, one idea each: see the folder `examples/`, and run one with
//! `cargo run --example NAME`.
