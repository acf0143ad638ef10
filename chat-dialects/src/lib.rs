//! Wire formats of the chat engine: what a client sends becomes commands, and events become what it
//! reads.
//!
//! Everything in here is pure: bytes in, bytes out, no sockets and no clock. A *frame* is one
//! message without its terminator. TCP makes a line of it, WebSocket a text message, so every
//! [`Dialect`] works over both.
//!
//! A [`Switchboard`] joins an engine with the dialects of its sessions. A host hands it frames and
//! gives it a [`Port`] for each session; this is all that a host without Tokio needs, and what
//! `chat-runtime` drives.
//!
//! ```
//! use chat_core::{Config, Engine, Peer, SessionId, Timestamp};
//! use chat_dialects::{JsonDialect, Recorder, Switchboard, TextDialect};
//! use std::sync::Arc;
//!
//! let now = Timestamp::from_millis(1_767_225_600_000);
//! let mut switchboard = Switchboard::new(Engine::new(Config::default(), now));
//!
//! let (nc, program) = (SessionId(1), SessionId(2));
//! let (nc_port, program_port) = (Recorder::default(), Recorder::default());
//! // Sessions that share a dialect also share encoded events.
//! let (text, json) = (Arc::new(TextDialect::bracket()), Arc::new(JsonDialect::default()));
//! switchboard.open(now, nc, Peer::default(), text, nc_port.clone());
//! switchboard.open(now, program, Peer::default(), json, program_port.clone());
//!
//! let hello = br#"{"type":"hello","nickname":"bot"}"#;
//! switchboard.receive_frame(now, program, hello);
//! switchboard.receive_frame(now, nc, b"hello, bot");
//!
//! assert_eq!(nc_port.take(), ["* user1 joined the chat", "* bot joined the chat"]);
//! assert_eq!(
//!     program_port.take(),
//!     [
//!         r#"{"type":"welcome","nickname":"bot"}"#,
//!         r#"{"type":"roster","participants":["user1"]}"#,
//!         r#"{"type":"chat","nickname":"user1","text":"hello, bot"}"#,
//!     ]
//! );
//! ```

mod broadcast;
mod counters;
mod dialect;
mod encode_cache;
mod fault;
mod frame;
mod held;
mod hello;
mod hidden_secrets;
mod inbound;
mod input_order;
#[cfg(feature = "json")]
mod json;
mod keep_alive;
#[cfg(any(feature = "text", feature = "txtchat"))]
mod lines;
mod port;
mod request;
mod session;
mod session_kind;
mod session_table;
mod slow_consumer;
mod switchboard;
mod telnet;
#[cfg(feature = "text")]
mod text;
#[cfg(any(feature = "json", feature = "text"))]
mod times;
mod turned_away;
#[cfg(feature = "txtchat")]
mod txtchat;
mod write_log;

pub use counters::Counters;
pub use dialect::{Conversation, Dialect, Features, Form, Notice, Reaction, SendLimits};
pub use fault::Fault;
pub use frame::{Frame, Frames};
pub use hello::is_json_hello;
pub use hidden_secrets::token_stand_in;
pub use inbound::{DialectSwitch, Inbound};
#[cfg(feature = "json")]
pub use json::{AuditObject, JsonDialect, MessageObject};
pub use port::{EventPort, Full, NoEvents, Port, Recorder, SessionEventRef};
pub use request::{AuthRequest, HostRequest};
pub use slow_consumer::SlowConsumer;
pub use switchboard::Switchboard;
pub use telnet::Telnet;
#[cfg(feature = "text")]
pub use text::{AuditLine, Naming, Style, TextDialect, UserList};
#[cfg(any(feature = "json", feature = "text"))]
pub use times::{Rfc3339, parse_rfc3339};
pub use turned_away::TurnedAway;
#[cfg(feature = "txtchat")]
pub use txtchat::TxtChatDialect;
