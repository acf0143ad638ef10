//! Answering a request for an upgrade, and serving the connection that it becomes.

use crate::handshake::{NO_HANDSHAKE, PROTOCOL, Refused, UNKNOWN_PROTOCOL, check_origin, offered};
use crate::socket::{Patience, serve_socket};
use chat_runtime::core::Peer;
use chat_runtime::dialects::{Dialect, JsonDialect, TextDialect};
use chat_runtime::{Connection, Hub};
use http::{HeaderValue, Request, Response};
use hyper::upgrade::Parts;
use hyper_util::rt::TokioIo;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tracing::debug;

/// What a WebSocket can speak here, and who may open one. Start from [`WsEndpoint::default`].
///
/// A client chooses with `Sec-WebSocket-Protocol`: `chat.json` or `chat.text`. One that offers nothing gets text.
#[derive(Clone)]
pub struct WsEndpoint {
    text: Arc<dyn Dialect>,
    json: Arc<dyn Dialect>,
    origins: Vec<String>,
    patience: Patience,
    frame_limit: usize,
}

/// A request that has been answered with an upgrade.
pub struct Accepted {
    connection: Connection,
    upgrade: hyper::upgrade::OnUpgrade,
    endpoint: WsEndpoint,
}

impl Default for WsEndpoint {
    /// Text in style `plain`, JSON, pages of the own host, frames of at most 8,192 bytes; a client that has been silent for
    /// 30 seconds is pinged, and closed after 90.
    fn default() -> Self {
        Self {
            text: Arc::new(TextDialect::plain()),
            json: Arc::new(JsonDialect::default()),
            origins: Vec::new(),
            patience: Patience { ping: Duration::from_secs(30), give_up: Duration::from_secs(90) },
            frame_limit: 8_192,
        }
    }
}

impl WsEndpoint {
    /// Sets what is spoken with `chat.text`, and with clients that offer nothing.
    #[must_use]
    pub fn text(mut self, dialect: impl Dialect + 'static) -> Self {
        self.text = Arc::new(dialect);
        self
    }

    /// Sets what is spoken with `chat.json`.
    #[must_use]
    pub fn json(mut self, dialect: impl Dialect + 'static) -> Self {
        self.json = Arc::new(dialect);
        self
    }

    /// Lets pages of another origin in, such as `https://example.org`.
    #[must_use]
    pub fn allow_origin(mut self, origin: impl Into<String>) -> Self {
        self.origins.push(origin.into());
        self
    }

    /// Sets after how much silence a client is pinged, and after how much it is closed.
    #[must_use]
    pub fn patience(mut self, ping: Duration, give_up: Duration) -> Self {
        self.patience = Patience { ping, give_up };
        self
    }

    /// Sets the longest message, in bytes; at most 65,536.
    #[must_use]
    pub fn frame_limit(mut self, bytes: usize) -> Self {
        self.frame_limit = bytes;
        self
    }

    /// Answers a request: with 101 and a connection to [serve](Accepted::serve) in a task of its own, or with what is wrong
    /// with it. The body is for people.
    ///
    /// The request has to come from hyper, as those of axum do, and its response to go back the same way.
    pub fn answer<B>(
        &self,
        request: &mut Request<B>,
        peer: Peer,
    ) -> (Response<String>, Option<Accepted>) {
        match self.check(request) {
            Ok((response, dialect)) => {
                let connection = Connection { transport: "ws", peer, dialect };
                let upgrade = hyper::upgrade::on(request);
                (response, Some(Accepted { connection, upgrade, endpoint: self.clone() }))
            }
            Err(Refused { status, reason }) => {
                let mut response = Response::new(reason.to_owned());
                *response.status_mut() = status;
                (response, None)
            }
        }
    }

    fn check<B>(
        &self,
        request: &Request<B>,
    ) -> Result<(Response<String>, Arc<dyn Dialect>), Refused> {
        let mut response =
            create_response_with_body(request, String::new).map_err(|_| NO_HANDSHAKE)?;
        check_origin(request.headers(), &self.origins)?;
        let (dialect, protocol) = self.choose(request)?;
        if let Some(protocol) = protocol {
            response.headers_mut().insert(PROTOCOL, HeaderValue::from_static(protocol));
        }
        Ok((response, dialect))
    }

    /// The dialect of the first offer that is known, with the protocol's name; text if nothing is offered.
    fn choose<B>(
        &self,
        request: &Request<B>,
    ) -> Result<(Arc<dyn Dialect>, Option<&'static str>), Refused> {
        let mut offers = offered(request.headers()).peekable();
        if offers.peek().is_none() {
            return Ok((self.text.clone(), None));
        }
        offers
            .find_map(|offer| match offer {
                "chat.json" => Some((self.json.clone(), Some("chat.json"))),
                "chat.text" => Some((self.text.clone(), Some("chat.text"))),
                _ => None,
            })
            .ok_or(UNKNOWN_PROTOCOL)
    }
}

impl Accepted {
    /// Waits until the response has been sent, then serves the connection until it ends.
    pub async fn serve(self, hub: &Hub) {
        let Self { connection, upgrade, endpoint } = self;
        let WsEndpoint { patience, frame_limit, .. } = endpoint;
        let upgraded = match upgrade.await {
            Ok(upgraded) => upgraded,
            Err(error) => {
                debug!(%error, "a connection went away before it was upgraded");
                return;
            }
        };
        // Below hyper is mostly a plain socket: without what is wrapped around it, it is smaller and faster.
        match upgraded.downcast::<TokioIo<TcpStream>>() {
            Ok(Parts { io, read_buf, .. }) => {
                // Copied, for it may be an empty piece of a large buffer, and it is kept for as long as the session.
                let early = read_buf.to_vec();
                drop(read_buf);
                serve_socket(hub, connection, io.into_inner(), early, patience, frame_limit).await;
            }
            Err(upgraded) => {
                let stream = TokioIo::new(upgraded);
                serve_socket(hub, connection, stream, Vec::new(), patience, frame_limit).await;
            }
        }
    }
}
