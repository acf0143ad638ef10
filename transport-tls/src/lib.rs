//! TLS for the front ends of the chat engine, with certificates that can be reloaded while the
//! server runs.
//!
//! [`TlsListener`] wraps any listener, so front ends serve its connections like any others. The
//! handshake runs in the connection's own task, and has to succeed within
//! [`Limits::handshake`](chat_runtime::Limits::handshake). The crate installs no process-wide
//! cryptography provider, so an application may use TLS with another provider.
//!
//! ```no_run
//! use chat_runtime::chat_dialects::TextDialect;
//! use chat_runtime::{Server, bind};
//! use transport_tcp::TcpFrontEnd;
//! use transport_tls::{Certificates, TlsListener};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let certificates = Certificates::load("chain.pem", "key.pem")?;
//! let tcp = bind("127.0.0.1:7443".parse()?)?;
//! let listener = TlsListener::new(tcp, certificates.server_config(&[]));
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
//! Client certificates are not requested. The crate contains no TLS client.

mod certificates;
mod error;
mod listener;
mod pem;

pub use certificates::Certificates;
pub use error::CertificateError;
pub use listener::{TlsIncoming, TlsListener};
pub use pem::read_certificates;

/// The TLS library, re-exported for the [`ServerConfig`](rustls::ServerConfig) of a
/// [`TlsListener`].
pub use tokio_rustls::rustls;
