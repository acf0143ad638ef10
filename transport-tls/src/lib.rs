//! TLS for the front ends of the chat engine: around any listener, with certificates that can be
//! replaced while it runs.
//!
//! The front ends do not know of it: what [`TlsListener`] accepts is a connection like any other.
//! The handshake happens in the connection's own task, and has
//! [`Limits::handshake`](chat_runtime::Limits::handshake) to succeed in. Nothing is installed for
//! the whole process: an application may have TLS of its own, with another provider of
//! cryptography.
//!
//! ```no_run
//! use chat_runtime::chat_core::Config;
//! use chat_runtime::chat_dialects::TextDialect;
//! use chat_runtime::{Server, bind};
//! use transport_tcp::TcpFrontEnd;
//! use transport_tls::{Certificates, TlsListener};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let certificates = Certificates::load("chain.pem", "key.pem")?;
//! let listener = TlsListener::new(bind("127.0.0.1:7443".parse()?)?, certificates.server_config(&[]));
//! let front_end = TcpFrontEnd::on(listener, TextDialect::bracket())?;
//! let running = Server::new().front_end(front_end).start();
//!
//! // Later, when the files have been replaced:
//! certificates.reload()?;
//! # running.wait().await?;
//! # Ok(())
//! # }
//! ```
//!
//! It does not ask clients for certificates, and has nothing for clients to connect with.

mod certificates;
mod error;
mod listener;
mod pem;

pub use certificates::Certificates;
pub use error::CertificateError;
pub use listener::{TlsIncoming, TlsListener};
pub use pem::read_certificates;

/// The TLS library, whose [`ServerConfig`](rustls::ServerConfig) a [`TlsListener`] takes.
pub use tokio_rustls::rustls;
