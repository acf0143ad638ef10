//! IRC for the chat engine: a [`Dialect`](chat_dialects::Dialect) for existing clients, whose users
//! share channels with everybody else.
//!
//! The crate is pure, as all dialects are: lines in, lines out. It follows the modern
//! description of IRC (<https://modern.ircdocs.horse>), and the specifications of IRCv3 for the
//! capabilities that it offers.
//!
//! ```
//! use chat_core::{Config, Engine, Peer, SessionId, Timestamp};
//! use chat_dialects::{Recorder, Switchboard};
//! use chat_irc::{IrcDialect, IrcSettings};
//! use std::sync::Arc;
//!
//! let now = Timestamp::from_millis(1_767_225_600_000);
//! let config = Config::default();
//! let dialect = IrcDialect::new(IrcSettings::new("chat.example.org"), &config);
//! let mut switchboard = Switchboard::new(Engine::new(config, now));
//! let (session, port) = (SessionId(1), Recorder::default());
//! switchboard.open(now, session, Peer::default(), Arc::new(dialect), port.clone());
//!
//! for line in ["NICK alice", "USER al 0 * :Alice"] {
//!     switchboard.receive_frame(now, session, line.as_bytes());
//! }
//! let welcome = port.take();
//! assert!(welcome[0].starts_with(":chat.example.org 001 alice :Welcome to the"), "{welcome:?}");
//! ```

mod capability;
mod change;
mod client;
mod client_tags;
mod commands;
mod conversation;
mod ctcp;
mod dialect;
mod encode;
mod form;
mod history;
mod identity;
mod line;
mod list_filter;
mod message_id;
mod metadata;
mod mode;
mod multiline;
mod output;
mod pending;
mod read_marks;
mod refusal;
mod reloadable;
mod replies;
mod response;
mod sasl;
mod service;
mod settings;
mod split;
mod strict_transport;
mod tags;

pub use dialect::IrcDialect;
pub use settings::IrcSettings;
pub use strict_transport::StrictTransport;
