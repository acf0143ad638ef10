//! An embeddable chat server behind one dependency.
//!
//! The crate adds no code of its own. It re-exports the libraries of the project under short names,
//! each behind a feature, and collects in [`prelude`] what a server usually needs:
//!
//! ```
//! use chat_server::prelude::*;
//!
//! struct NoAdvertising;
//!
//! impl Policy for NoAdvertising {
//!     fn review(
//!         &mut self,
//!         _: View<'_>,
//!         _: SessionId,
//!         mut command: Command<Checked>,
//!     ) -> Result<Command<Checked>, Text> {
//!         let advertises = command.texts_mut().any(|text| text.as_str().contains("buy now"));
//!         if advertises { Err(Text::clean("please do not advertise")) } else { Ok(command) }
//!     }
//! }
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let lines = TcpFrontEnd::bind("127.0.0.1:0".parse()?, TextDialect::bracket())?;
//!     let page = WebFrontEnd::bind("127.0.0.1:0".parse()?, WsEndpoint::default())?;
//!     let server = Server::new().policy(NoAdvertising).front_end(lines).front_end(page).start();
//!     let mut bot = server.hub().open_in_process(Peer::default()).await?;
//!     bot.command(Command::identify("greeter")).await?;
//!     # server.stop(); // The documentation's test does not wait for a signal.
//!     while let Some(event) = bot.next().await {
//!         if let SessionEvent::Event { event: Event::Joined { user, .. }, .. } = event {
//!             bot.command(Command::say("lobby", format!("welcome, {user}"))).await?;
//!         }
//!     }
//!     Ok(server.wait().await?)
//! }
//! ```
//!
//! | feature | module | what it adds |
//! | --- | --- | --- |
//! | | [`engine`] | the engine: users, channels, commands and events |
//! | `json`, `text`, `txtchat` | [`dialects`] | wire formats |
//! | `irc` | `irc` | the dialect of IRC |
//! | | [`runtime`] | the engine on Tokio |
//! | | [`store`] | the interface of durable stores |
//! | `tcp` | `tcp` | lines over TCP and Unix sockets |
//! | `ws` | `ws` | WebSocket |
//! | `web` | `web` | a page, an HTTP API and WebSocket as an axum router |
//! | `tls`, `proxy` | `tls`, `proxy` | TLS, and the PROXY protocol, around any listener |
//! | `accounts` | `accounts` | accounts with passwords |
//! | `fetch` | `fetch` | a client for small documents over HTTPS |
//! | `jwt` | `jwt` | an authenticator for JSON Web Tokens |
//! | `oidc` | `oidc` | a login of the page with OpenID Connect |
//! | `sqlite` | `sqlite` | a durable store in one SQLite file |
//! | `metrics` | | metrics for Prometheus: `Hub::metrics` |
//! | `serde` | | serialisation of inputs, commands and events, for recordings |
//!
//! On by default are `json`, `text`, `tcp`, `ws`, `web` and `metrics`.

pub mod prelude;

#[cfg(feature = "accounts")]
pub use chat_accounts as accounts;
pub use chat_core as engine;
pub use chat_dialects as dialects;
#[cfg(feature = "fetch")]
pub use chat_fetch as fetch;
#[cfg(feature = "irc")]
pub use chat_irc as irc;
#[cfg(feature = "jwt")]
pub use chat_jwt as jwt;
#[cfg(feature = "oidc")]
pub use chat_oidc as oidc;
pub use chat_runtime as runtime;
pub use chat_runtime::chat_store as store;
#[cfg(feature = "sqlite")]
pub use chat_store_sqlite as sqlite;
#[cfg(feature = "web")]
pub use chat_web as web;
#[cfg(feature = "proxy")]
pub use transport_proxy as proxy;
#[cfg(feature = "tcp")]
pub use transport_tcp as tcp;
#[cfg(feature = "tls")]
pub use transport_tls as tls;
#[cfg(feature = "ws")]
pub use transport_ws as ws;
