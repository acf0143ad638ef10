//! Support for end-to-end tests: a server in this process, and small clients that check every frame
//! they receive.
//!
//! ```
//! use chat_tests::TestServer;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let server = TestServer::start();
//! let mut nc = server.bracket("nc").await;
//! nc.expect(["* user1 joined the chat"]).await;
//!
//! let mut program = server.ws_json("program").await;
//! program.send(r#"{"type":"hello","nickname":"bot"}"#).await;
//! nc.expect(["* bot joined the chat"]).await;
//!
//! server.stop().await;
//! nc.expect(["Server shutting down. Goodbye!"]).await;
//! nc.expect_closed().await;
//! # }
//! ```
//!
//! Nothing in here sleeps for a guessed time: every wait is for the expected event itself, and
//! lasts at most [`PATIENCE`].

#![expect(missing_debug_implementations, reason = "tests do not print their servers and clients")]

mod authority;
mod ban_target;
mod client;
#[cfg(feature = "issuer")]
mod issuer;
mod line_requests;
mod mask_requests;
mod profile_requests;
mod query_requests;
mod requests;
mod server;

pub use authority::{Authority, Issued};
pub use client::Client;
#[cfg(feature = "issuer")]
pub use issuer::Issuer;
pub use line_requests::text_line;
pub use requests::{Unsupported, json_1, json_2};
pub use server::{ANY_PORT, Setup, TestServer, connections, sample, shards, stop};

use std::time::Duration;

/// The time that a test waits for an expected event: far longer than it takes on the slowest
/// machine.
pub const PATIENCE: Duration = Duration::from_secs(30);
