//! The PROXY protocol for the front ends of the chat engine: a proxy in front of a server says in a
//! header, before anything else, where a connection comes from (versions 1 and 2,
//! <https://www.haproxy.org/download/2.6/doc/proxy-protocol.txt>).
//!
//! [`ProxyListener`] wraps any listener. What it accepts is a connection like any other, from its
//! real address, so that the limits for one address apply to clients and not to their proxy. The
//! header comes before a TLS handshake, so a `TlsListener` goes around this one.
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
//! A listener expects the header of every connection or of none, as the specification demands:
//! guessing would let clients send one themselves. It is accepted from trusted proxies only.

mod header;
mod listener;

pub use listener::ProxyListener;
