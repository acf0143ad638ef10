//! Answers upgrade requests, and serves the upgraded connections.

use crate::credentials::tokens;
use crate::handshake::{PROTOCOL, Refused, accept, check_origin, offered};
use crate::http_stream::HttpStream;
use crate::origin::Origin;
use crate::refusal_log::RefusalLog;
use crate::socket::{Messages, serve_socket, spawn_socket};
use bytes::BytesMut;
use chat_runtime::chat_core::{Answer, Peer, Secret, Text};
use chat_runtime::chat_dialects::{Dialect, JsonDialect, TextDialect};
use chat_runtime::{Connection, Hub, Permit, Reader, TaskTracker, Writer, split};
use http::{HeaderMap, HeaderValue, Request, Response};
use hyper::upgrade::Parts;
use hyper_util::rt::TokioIo;
use std::fmt;
use std::sync::Arc;
use tokio::net::TcpStream;
use tracing::{debug, warn};

/// The WebSocket endpoint of a server: its dialects and the origins whose pages may connect. Start
/// from [`WsEndpoint::default`].
///
/// A client selects the dialect with `Sec-WebSocket-Protocol`: `chat.json` or `chat.text`, and
/// `text.ircv3.net` or `binary.ircv3.net` if the endpoint has [IRC](Self::irc). A client that
/// offers no protocol gets text.
#[derive(Clone)]
pub struct WsEndpoint {
    text: Arc<dyn Dialect>,
    json: Arc<dyn Dialect>,
    irc: Option<Arc<dyn Dialect>>,
    origins: Vec<Origin>,
    cookie: Option<String>,
    /// The refusals that have been logged. All clones share it.
    refusals: Arc<RefusalLog>,
}

/// A valid upgrade request.
struct CheckedRequest {
    response: Response<String>,
    dialect: Arc<dyn Dialect>,
    messages: Messages,
    token: Option<Secret>,
}

/// A protocol that a client has offered.
struct Choice {
    dialect: Arc<dyn Dialect>,
    protocol: Option<&'static str>,
    messages: Messages,
}

/// A request that has been answered with an upgrade.
pub struct Accepted(Box<Upgrading>);

struct Upgrading {
    connection: Connection,
    messages: Messages,
    upgrade: hyper::upgrade::OnUpgrade,
}

impl fmt::Debug for WsEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text, json, irc, origins, cookie, refusals: _ } = self;
        let mut debug = f.debug_struct("WsEndpoint");
        debug.field("text", &text.name()).field("json", &json.name());
        debug.field("irc", &irc.as_ref().map(|irc| irc.name()));
        debug.field("origins", origins).field("cookie", cookie).finish_non_exhaustive()
    }
}

impl fmt::Debug for Accepted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Accepted").field(&self.0.connection).finish()
    }
}

impl Default for WsEndpoint {
    /// Returns an endpoint with text in style `plain` and JSON, for pages of its own host, without
    /// a cookie.
    fn default() -> Self {
        Self {
            text: Arc::new(TextDialect::plain()),
            json: Arc::new(JsonDialect::default().with_early_requests()),
            irc: None,
            origins: Vec::new(),
            cookie: None,
            refusals: Arc::default(),
        }
    }
}

impl WsEndpoint {
    /// Sets the dialect for `chat.text` and for clients that offer no protocol.
    #[must_use]
    pub fn text(mut self, dialect: impl Dialect + 'static) -> Self {
        self.text = Arc::new(dialect);
        self
    }

    /// Sets the dialect for `chat.json`. It is used with
    /// [early requests](Dialect::with_early_requests).
    #[must_use]
    pub fn json(mut self, dialect: impl Dialect + 'static) -> Self {
        self.json = Arc::new(dialect.with_early_requests());
        self
    }

    /// Adds IRC, for clients that offer `text.ircv3.net` or `binary.ircv3.net` (IRCv3 WebSocket
    /// transport).
    #[must_use]
    pub fn irc(mut self, dialect: impl Dialect + 'static) -> Self {
        self.irc = Some(Arc::new(dialect));
        self
    }

    /// Allows pages of another origin to connect, such as `https://example.org`.
    #[must_use]
    pub fn allow_origin(mut self, origin: Origin) -> Self {
        self.origins.push(origin);
        self
    }

    /// Returns the other origins whose pages may connect.
    pub fn origins(&self) -> &[Origin] {
        &self.origins
    }

    /// Reads the [token](Peer::token) for the [`Authenticator`](chat_runtime::Authenticator) from
    /// the cookie of this name if a request has no `Authorization: Bearer`.
    ///
    /// A browser sends a server's cookies regardless of the page that opens the WebSocket. The
    /// cookie can be trusted only because pages of foreign origins are refused: a page of an
    /// [allowed origin](Self::allow_origin) acts in the name of its visitors. The login that sets
    /// the cookie should make it `HttpOnly`, `Secure` and `SameSite`.
    #[must_use]
    pub fn cookie(mut self, name: impl Into<String>) -> Self {
        self.cookie = Some(name.into());
        self
    }

    /// Returns the name of the [cookie](Self::cookie) with the token.
    pub fn cookie_name(&self) -> Option<&str> {
        self.cookie.as_deref()
    }

    /// Answers a request, either with 101 and a connection to [serve](Accepted::serve) in a task of
    /// its own, or with an error response whose body explains the error to people.
    ///
    /// If `peer` has no token, it gets the token of `Authorization: Bearer`, or of the first
    /// [cookie](Self::cookie) of the name. [`token`](Self::token) finds the one that is valid.
    ///
    /// Refused requests are counted in the metrics. Refusals of foreign origins are logged, at most
    /// once a minute for each origin.
    ///
    /// The request has to come from hyper, as requests of axum do, and its response has to be sent
    /// on the same connection.
    pub fn answer<B>(
        &self,
        hub: &Hub,
        request: &mut Request<B>,
        mut peer: Peer,
        permit: Permit,
    ) -> (Response<String>, Option<Accepted>) {
        match self.check(request) {
            Ok(CheckedRequest { response, dialect, messages, token }) => {
                peer.token = peer.token.or(token);
                let connection = Connection { transport: "ws", peer, dialect, permit };
                let upgrade = hyper::upgrade::on(request);
                (response, Some(Accepted(Box::new(Upgrading { connection, messages, upgrade }))))
            }
            Err(refused) => {
                hub.note_refused(refused.code());
                self.log(&refused);
                (refused.response(), None)
            }
        }
    }

    fn log(&self, refused: &Refused) {
        if let Refused::Foreign { origin, host } = refused
            && self.refusals.is_due(origin)
        {
            warn!(origin, host, "refused a WebSocket: {}", refused.reason().trim_end());
        }
    }

    /// Returns the token of a request: the token of `Authorization: Bearer`, otherwise the value of
    /// the [cookie](Self::cookie). If there are several cookies of that name, as after a login has
    /// changed its path or domain, it is the first that the server's authenticator accepts, or the
    /// first one if none is accepted.
    pub async fn token(
        &self,
        hub: &Hub,
        headers: &HeaderMap,
        address: Option<&Arc<str>>,
    ) -> Option<Secret> {
        let tokens = tokens(headers, self.cookie.as_deref()).unwrap_or_default();
        if tokens.len() > 1 {
            for token in &tokens {
                let answer = hub.authenticate(address.cloned(), Some(token.clone())).await;
                if matches!(answer, Answer::Account(_)) {
                    return Some(token.clone());
                }
            }
        }
        tokens.into_iter().next()
    }

    /// Authenticates a request that is not for a WebSocket by its [token](Self::token).
    pub async fn authenticate(
        &self,
        hub: &Hub,
        headers: &HeaderMap,
        address: Option<&Arc<str>>,
    ) -> Answer {
        let tokens = match tokens(headers, self.cookie.as_deref()) {
            Ok(tokens) => tokens,
            Err(refused) => return Answer::Refused(Text::clean(&refused.reason())),
        };
        let mut first = None;
        for token in tokens {
            let answer = hub.authenticate(address.cloned(), Some(token)).await;
            if matches!(answer, Answer::Account(_)) {
                return answer;
            }
            first = first.or(Some(answer));
        }
        match first {
            Some(answer) => answer,
            None => hub.authenticate(address.cloned(), None).await,
        }
    }

    fn check<B>(&self, request: &Request<B>) -> Result<CheckedRequest, Refused> {
        let mut response = accept(request)?;
        check_origin(request, &self.origins)?;
        let Choice { dialect, protocol, messages } = self.choose(request)?;
        if let Some(protocol) = protocol {
            response.headers_mut().insert(PROTOCOL, HeaderValue::from_static(protocol));
        }
        let tokens = tokens(request.headers(), self.cookie.as_deref())?;
        let token = tokens.into_iter().next();
        Ok(CheckedRequest { response, dialect, messages, token })
    }

    /// Returns the first supported protocol that the client offers, or text if it offers none.
    fn choose<B>(&self, request: &Request<B>) -> Result<Choice, Refused> {
        let mut offers = offered(request.headers()).peekable();
        if offers.peek().is_none() {
            let (dialect, messages) = (self.text.clone(), Messages::Text);
            return Ok(Choice { dialect, protocol: None, messages });
        }
        let irc = self.irc.as_ref();
        offers
            .find_map(|offer| {
                let (dialect, protocol, messages) = match offer {
                    "chat.json" => (&self.json, "chat.json", Messages::Text),
                    "chat.text" => (&self.text, "chat.text", Messages::Text),
                    "text.ircv3.net" => (irc?, "text.ircv3.net", Messages::SentAsText),
                    "binary.ircv3.net" => (irc?, "binary.ircv3.net", Messages::SentAsBinary),
                    _ => return None,
                };
                Some(Choice { dialect: dialect.clone(), protocol: Some(protocol), messages })
            })
            .ok_or(Refused::UnknownProtocol)
    }
}

impl Accepted {
    /// Waits until the response has been sent, then serves the connection until it ends.
    pub async fn serve(self, hub: &Hub) {
        // Two boxes: the state of the upgrade is released before the session begins.
        if let Some((session, messages, halves, early)) = Box::pin(self.upgraded()).await {
            Box::pin(serve_socket(hub, session, messages, halves, early)).await;
        }
    }

    /// Waits until the response has been sent, then serves the connection in a task of its own,
    /// which takes less memory than [`serve`](Self::serve) in the task of the upgrade. `tasks`
    /// counts the connection until it has ended.
    pub async fn spawn(self, hub: &Hub, tasks: &TaskTracker) {
        if let Some((session, messages, halves, early)) = self.upgraded().await {
            spawn_socket(hub, session, messages, halves, early, tasks);
        }
    }

    /// Waits until the response has been sent. Returns `None` if the client has disconnected.
    async fn upgraded(self) -> Option<(Connection, Messages, (Reader, Writer), BytesMut)> {
        let Upgrading { connection, messages, upgrade } = *self.0;
        let upgraded = upgrade
            .await
            .inspect_err(|error| debug!(%error, "a client disconnected before the upgrade"));
        // In most cases the stream below hyper is a plain socket. Without its wrappers it is
        // smaller and faster.
        let (halves, early) = match upgraded.ok()?.downcast::<TokioIo<HttpStream<TcpStream>>>() {
            // The bytes are copied, because they may be a small part of a large buffer.
            Ok(Parts { io, read_buf, .. }) => {
                (split(io.into_inner().into_inner()), BytesMut::from(&*read_buf))
            }
            Err(upgraded) => match upgraded.downcast::<TokioIo<TcpStream>>() {
                Ok(Parts { io, read_buf, .. }) => {
                    (split(io.into_inner()), BytesMut::from(&*read_buf))
                }
                Err(upgraded) => (split(TokioIo::new(upgraded)), BytesMut::new()),
            },
        };
        Some((connection, messages, halves, early))
    }
}
