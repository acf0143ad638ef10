//! The fuzz targets: each function takes the bytes of one target, and panics if a property does not
//! hold.
//!
//! See `README.md` for how to run them.

#![forbid(unsafe_code)]

#[expect(dead_code, unreachable_pub, reason = "the transport uses more of it than these targets")]
#[path = "../../../transport-ws/src/close_code.rs"]
mod close_code;
mod engine;
mod engine_words;
#[path = "../../../transport-ws/src/frame_buffer.rs"]
mod frame_buffer;
#[path = "../../../transport-ws/src/framing.rs"]
mod framing;
mod harness;
mod irc;
mod json;
#[path = "../../../transport-tcp/src/lines.rs"]
mod line_decoder;
mod lines;
#[path = "../../../chat-core/tests/it/model/mod.rs"]
mod model;
mod profile;
mod script;
#[expect(dead_code, reason = "the transport uses more of it than this target")]
#[path = "../../../transport-ws/src/socket.rs"]
mod socket;
mod telnet;
mod text;
mod txtchat;
mod websocket;

pub use engine::engine;
pub use irc::irc;
pub use json::json;
pub use lines::lines;
pub use telnet::telnet;
pub use text::text;
pub use txtchat::txtchat;
pub use websocket::websocket;

use chat_core::Timestamp;

/// The time at which every run starts.
const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);
