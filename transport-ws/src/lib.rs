//! A front end of the chat engine for WebSocket (RFC 6455). Each text message carries one dialect
//! frame.
//!
//! [`WsFrontEnd`] has its own listener. An application with an HTTP server passes the requests for
//! its chat to a [`WsEndpoint`], which answers them and serves the upgraded connections.
//!
//! ```
//! use transport_ws::{WsEndpoint, WsFrontEnd};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let front_end = WsFrontEnd::bind("127.0.0.1:0".parse()?, WsEndpoint::default())?;
//! println!("npx wscat -c ws://{}/ws", front_end.local_addr());
//! # Ok(())
//! # }
//! ```

mod close_code;
mod credentials;
mod endpoint;
mod forwarded;
mod frame_buffer;
mod framing;
mod front_end;
mod handshake;
mod host;
mod http_server;
mod http_stream;
mod origin;
mod refusal_log;
mod socket;

pub use close_code::{FINAL_CLOSE_CODES, close_code};
pub use endpoint::{Accepted, WsEndpoint};
pub use front_end::WsFrontEnd;
pub use http_server::{ALPN, serve_http};
pub use origin::{Origin, OriginError};
