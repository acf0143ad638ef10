//! The chat for browsers: a page, an HTTP API and a WebSocket, as one axum
//! [`Router`](axum::Router).
//!
//! ```no_run
//! use axum::Router;
//! use chat_web::ChatWeb;
//!
//! # fn application(hub: chat_runtime::Hub) -> Router {
//! Router::new().nest_service("/chat", ChatWeb::new(hub).router())
//! # }
//! ```
//!
//! The router works under any prefix, nested with `nest_service` or `nest`: all addresses that the
//! page uses are relative. [`WebFrontEnd`] serves the same router on its own listener.

mod accept;
mod address;
mod api;
mod asset;
mod auth;
mod encoding;
mod front_end;
mod guard;
mod login;
mod login_routes;
mod page;
mod page_login;
mod problem;
mod route;
mod router;
mod shared;
mod web_socket;

pub use front_end::WebFrontEnd;
pub use login::Login;
pub use page_login::{BegunLogin, Callback, ConfirmedLogin, LoginFailure, PageLogin};
pub use router::ChatWeb;
