//! Support for tests of the whole: a server in this process, and small clients that say exactly
//! what they see.
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
//! Nothing in here sleeps to hope: everything waits for the thing itself, for at most [`PATIENCE`].

mod acts;
mod authority;
mod client;
mod server;

pub use acts::{Unsayable, json_1, json_2, text_line};
pub use authority::{Authority, Issued};
pub use client::Client;
pub use server::{Setup, TestServer, shards};

use std::time::Duration;

/// How long a test waits for something that is to happen. Far longer than it takes on the slowest
/// machine.
pub const PATIENCE: Duration = Duration::from_secs(30);
