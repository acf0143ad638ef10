//! Hosts the chat engine on Tokio.
//!
//! One task owns the engine, so that there is no lock and everybody sees the same order. *Front
//! ends* bring connections to it, each in its own [dialect](chat_dialects); a program can also open
//! a [session in the same process](Hub::open_in_process). What is sent to a session waits in a
//! bounded queue, and a reader that is too slow holds up nobody.
//!
//! ```
//! use chat_runtime::chat_core::{Command, Config, Event, Peer};
//! use chat_runtime::{Server, SessionEvent};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Without front ends: a server that only this program can talk to.
//! let server = Server::new().start();
//!
//! let mut bot = server.hub().open_in_process(Peer::default()).await?;
//! bot.command(Command::identify("bot")).await?;
//! let Some(SessionEvent::Reply { event, .. }) = bot.next().await else { panic!("a reply") };
//! let Event::Welcomed { user, .. } = event else { panic!("the name is free") };
//! assert_eq!(user.nickname.shown(), "bot");
//!
//! server.stop();
//! server.wait().await?;
//! # Ok(())
//! # }
//! ```
//!
//! The engine and the dialects are re-exported as [`chat_core`] and [`chat_dialects`], and so is
//! what a [`FrontEnd`] or a [`Listener`] of one's own is written with ([`Bytes`],
//! [`macro@async_trait`], [`CancellationToken`], [`TaskTracker`]), so that one dependency is
//! enough.

mod accept;
mod admission;
mod authenticator;
mod background_thread;
mod cloak;
mod clock;
mod engine;
mod history_source;
mod idle;
mod io;
mod limits;
mod metrics;
mod outbound;
mod passwords;
mod places;
mod priority;
mod proxies;
mod server;
mod session;
mod signal;
mod store_history;
mod store_writer;

pub use async_trait::async_trait;
pub use bytes::Bytes;
pub use chat_core;
pub use chat_dialects;
pub use chat_store;
pub use tokio_util::sync::CancellationToken;
pub use tokio_util::task::TaskTracker;

pub use accept::{
    Acceptor, FrontEnd, FrontEndError, Incoming, Listener, Plain, RefusedConnection, bind,
};
#[cfg(unix)]
pub use accept::{UnixSocket, bind_unix};
pub use admission::Permit;
pub use authenticator::{Authenticator, Unavailable};
pub use cloak::Cloak;
pub use clock::{Clock, ManualClock, SystemClock};
pub use engine::{
    EngineLook, EngineStart, HistoryError, HistoryPage, HostError, Hub, LogEvent, LogFailure,
    OrderedLog, Stopped,
};
pub use history_source::HistorySource;
pub use io::{FrameSource, Framing, PeerAddress, Reader, Received, Writer, read_some, split};
pub use limits::Limits;
#[cfg(feature = "metrics")]
pub use metrics::MetricsFormat;
pub use outbound::{SessionEvent, Shards};
pub use passwords::Passwords;
pub use priority::lower_priority;
pub use proxies::{ForwardedHeader, ProxyError, TrustedProxies};
pub use server::{Running, Server, ServerError};
pub use session::{CommandSender, Connection, InProcessSession};
pub use signal::stop_signal;
