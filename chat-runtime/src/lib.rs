//! Hosts the chat engine on Tokio.
//!
//! One task owns the engine, so that there is no lock and everybody sees the same order. *Front
//! ends* bring connections to it, each in its own [dialect](dialects); a program can also open a
//! [session in the same process](Hub::open_in_process). What is sent to a session waits in a
//! bounded queue, and a reader that is too slow holds up nobody.
//!
//! ```
//! use chat_runtime::core::{Command, Config, Event, Peer};
//! use chat_runtime::{Server, SessionEvent};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Without front ends: a server that only this program can talk to.
//! let server = Server::new(Config::default()).start();
//!
//! let mut bot = server.hub().open_in_process(Peer::default()).await?;
//! bot.command(Command::identify("bot")).await?;
//! let Some(SessionEvent::Reply { event: Event::Welcomed { nickname, .. }, .. }) = bot.next().await else {
//!     panic!("the name is free");
//! };
//! assert_eq!(nickname.shown(), "bot");
//!
//! server.stop();
//! server.wait().await?;
//! # Ok(())
//! # }
//! ```
//!
//! The engine and the dialects are re-exported as [`core`] and [`dialects`], and so is what a
//! [`FrontEnd`] or a [`Listener`] of one's own is written with ([`Bytes`], [`macro@async_trait`],
//! [`CancellationToken`]), so that one dependency is enough.

mod acceptor;
mod admission;
mod authenticator;
mod clock;
mod close_on_drop;
mod connection;
mod dispatch;
mod engine_task;
mod framing;
mod front_end;
mod halves;
mod hub;
mod in_process;
mod limits;
mod listener;
mod metrics;
mod metrics_format;
mod outbox;
mod peer_address;
mod proxies;
mod reading;
mod round;
mod server;
mod shard_batch;
mod shards;
mod signal;
mod socket_queue;
#[cfg(unix)]
mod unix_socket;

pub use async_trait::async_trait;
pub use bytes::Bytes;
pub use chat_core as core;
pub use chat_dialects as dialects;
pub use tokio_util::sync::CancellationToken;

pub use acceptor::Acceptor;
pub use admission::Permit;
pub use authenticator::{Authenticator, Unavailable};
pub use clock::{Clock, ManualClock, SystemClock};
pub use connection::{Connection, DialectSwitch, FrameSource, Received};
pub use framing::Framing;
pub use front_end::{FrontEnd, FrontEndError};
pub use halves::{Reader, Writer, split};
pub use hub::{Hub, Stopped};
pub use in_process::{CommandSender, InProcessSession, SessionEvent};
pub use limits::Limits;
pub use listener::{Incoming, Listener, Plain, RefusedConnection, bind};
pub use metrics_format::MetricsFormat;
pub use peer_address::PeerAddress;
pub use proxies::{ForwardedHeader, ProxyError, TrustedProxies};
pub use reading::read_some;
pub use server::{Running, Server, ServerError};
pub use shards::Shards;
pub use signal::stop_signal;
#[cfg(unix)]
pub use unix_socket::{UnixSocket, bind_unix};
