//! The program `chat`, from the outside: each test runs it as processes of its own.

mod connect;
mod folder;
#[cfg(unix)]
mod serve;

/// The path of the program.
const CHAT: &str = env!("CARGO_BIN_EXE_chat");
