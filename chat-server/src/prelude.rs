//! The names that a server usually needs, for `use chat_server::prelude::*`.

#[cfg(feature = "accounts")]
pub use chat_accounts::{Argon2Passwords, Hasher, HasherConfig};
pub use chat_core::{
    Answer, Checked, CloseReason, Command, Config, Event, HostCommand, Identity, Message,
    MessageKind, Peer, Policy, Recipient, Refusal, RequestId, Secret, SessionId, Text, Timestamp,
    View,
};
#[cfg(feature = "json")]
pub use chat_dialects::JsonDialect;
#[cfg(feature = "text")]
pub use chat_dialects::TextDialect;
#[cfg(feature = "txtchat")]
pub use chat_dialects::TxtChatDialect;
#[cfg(feature = "jwt")]
pub use chat_jwt::{JwtAuthenticator, JwtKey};
pub use chat_runtime::{
    Authenticator, Clock, FrontEnd, HistorySource, HostError, Hub, InProcessSession, Limits,
    Running, Server, ServerError, SessionEvent, Stopped, SystemClock, stop_signal,
};
#[cfg(feature = "sqlite")]
pub use chat_store_sqlite::{Durability, SqliteOptions};
#[cfg(feature = "web")]
pub use chat_web::WebFrontEnd;
#[cfg(feature = "proxy")]
pub use transport_proxy::ProxyListener;
#[cfg(feature = "tcp")]
pub use transport_tcp::{AutoDialects, TcpFrontEnd};
#[cfg(feature = "tls")]
pub use transport_tls::{Certificates, TlsListener};
#[cfg(feature = "ws")]
pub use transport_ws::{WsEndpoint, WsFrontEnd};
