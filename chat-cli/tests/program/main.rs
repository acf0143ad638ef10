//! The program `chat`, from the outside: each test runs it as processes of its own.

mod connect;
#[cfg(unix)]
mod serve;
