//! What the fuzz targets do with their bytes. Each function is one target; it panics if something
//! is wrong.
//!
//! See `README.md` for how to run them.

#![forbid(unsafe_code)]

#[path = "../../../transport-ws/src/arrived.rs"]
mod arrived;
#[expect(dead_code, unreachable_pub, reason = "the transport exports what is not used here")]
#[path = "../../../transport-ws/src/close_code.rs"]
mod close_code;
mod engine;
#[path = "../../../transport-ws/src/framing.rs"]
mod framing;
mod json;
#[path = "../../../transport-tcp/src/lines.rs"]
mod line_decoder;
mod lines;
#[path = "../../../chat-core/tests/it/model/mod.rs"]
mod model;
mod script;
#[path = "../../../transport-ws/src/socket.rs"]
mod socket;
mod stage;
mod telnet;
mod text;
mod txtchat;
mod websocket;

pub use engine::engine;
pub use json::json;
pub use lines::lines;
pub use telnet::telnet;
pub use text::text;
pub use txtchat::txtchat;
pub use websocket::websocket;

use chat_core::Timestamp;

/// When everything begins.
const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);
