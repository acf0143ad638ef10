//! The PROXY protocol for the front ends of the chat engine. A proxy in front of a server sends a
//! header as the first bytes of a connection, which states the address of the client (versions 1
//! and 2, <https://www.haproxy.org/download/2.6/doc/proxy-protocol.txt>).
//!
//! [`ProxyListener`] wraps any listener. It returns each connection with the address of its client,
//! so that the limits per address apply to clients and not to their proxy. The header comes before
//! a TLS handshake, so a `TlsListener` wraps a `ProxyListener`.
//!
//! ```no_run
//! use chat_runtime::chat_dialects::TextDialect;
//! use chat_runtime::{Limits, Server, TrustedProxies, bind};
//! use transport_proxy::ProxyListener;
//! use transport_tcp::TcpFrontEnd;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let proxies = TrustedProxies::default().trust("192.0.2.7")?;
//! let listener = ProxyListener::new(bind("0.0.0.0:7000".parse()?)?, proxies.clone());
//! let front_end = TcpFrontEnd::on(listener, TextDialect::bracket())?;
//! Server::new().limits(Limits { proxies, ..Limits::default() }).front_end(front_end).run().await?;
//! # Ok(())
//! # }
//! ```
//!
//! A `ProxyListener` requires the header on every connection, and other listeners never accept one,
//! as the specification demands: with an optional header, clients could forge their address. The
//! header is accepted from trusted proxies only.
//!
//! [`WebircListener`] does the same for gateways of IRC, whose connections begin with `WEBIRC`.

mod header;
mod listener;
mod pending;
mod webirc;
mod webirc_line;

pub use listener::ProxyListener;
pub use webirc::{Gateway, WebircListener};
