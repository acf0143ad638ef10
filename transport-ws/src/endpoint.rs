//! Answering a request for an upgrade, and serving the connection that it becomes.

use crate::credentials::tokens;
use crate::handshake::{PROTOCOL, Refused, accept, check_origin, offered};
use crate::http_stream::HttpStream;
use crate::origin::Origin;
use crate::refusal_log::RefusalLog;
use crate::socket::serve_socket;
use bytes::BytesMut;
use chat_runtime::chat_core::{Answer, Peer, Secret, Text};
use chat_runtime::chat_dialects::{Dialect, JsonDialect, TextDialect};
use chat_runtime::{Connection, Hub, Permit, split};
use http::{HeaderMap, HeaderValue, Request, Response};
use hyper::upgrade::Parts;
use hyper_util::rt::TokioIo;
use std::sync::Arc;
use tokio::net::TcpStream;
use tracing::{debug, warn};

/// What a WebSocket can speak here, and who may open one. Start from [`WsEndpoint::default`].
///
/// A client chooses with `Sec-WebSocket-Protocol`: `chat.json` or `chat.text`. One that offers
/// nothing gets text.
#[derive(Clone)]
pub struct WsEndpoint {
    text: Arc<dyn Dialect>,
    json: Arc<dyn Dialect>,
    origins: Vec<Origin>,
    cookie: Option<String>,
    /// What has been logged, by all clones.
    refusals: Arc<RefusalLog>,
}

/// A request that may become a WebSocket.
struct Checked {
    response: Response<String>,
    dialect: Arc<dyn Dialect>,
    token: Option<Secret>,
}

/// A request that has been answered with an upgrade.
pub struct Accepted(Box<Upgrading>);

struct Upgrading {
    connection: Connection,
    upgrade: hyper::upgrade::OnUpgrade,
}

impl Default for WsEndpoint {
    /// Text in style `plain`, JSON, pages of the own host, no cookie.
    fn default() -> Self {
        Self {
            text: Arc::new(TextDialect::plain()),
            json: Arc::new(JsonDialect::default().with_early_requests()),
            origins: Vec::new(),
            cookie: None,
            refusals: Arc::default(),
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

    /// Sets what is spoken with `chat.json`, with [early requests](Dialect::with_early_requests).
    #[must_use]
    pub fn json(mut self, dialect: impl Dialect + 'static) -> Self {
        self.json = Arc::new(dialect.with_early_requests());
        self
    }

    /// Lets pages of another origin in, such as `https://example.org`.
    #[must_use]
    pub fn allow_origin(mut self, origin: Origin) -> Self {
        self.origins.push(origin);
        self
    }

    /// The other origins whose pages are let in.
    pub fn origins(&self) -> &[Origin] {
        &self.origins
    }

    /// Takes the cookie of this name for the [token](Peer::token) that proves who somebody is, for
    /// an [`Authenticator`](chat_runtime::Authenticator) to look at, where a request has no
    /// `Authorization: Bearer`.
    ///
    /// A browser sends the cookies of a place along whichever page opens the WebSocket. They are to
    /// be trusted since foreign pages are turned away: whoever is [let in](Self::allow_origin)
    /// speaks for their visitors. The login that sets the cookie makes it `HttpOnly`, `Secure` and
    /// `SameSite`.
    #[must_use]
    pub fn cookie(mut self, name: impl Into<String>) -> Self {
        self.cookie = Some(name.into());
        self
    }

    /// Answers a request: with 101 and a connection to [serve](Accepted::serve) in a task of its
    /// own, or with what is wrong with it. The body is for people.
    ///
    /// If the peer has no token yet, it gets that of `Authorization: Bearer`, or of the first
    /// [cookie](Self::cookie) of the name. [`token`](Self::token) finds the one that is valid.
    ///
    /// What is refused is counted in the metrics, and foreign pages are logged, each origin once a
    /// minute.
    ///
    /// The request has to come from hyper, as those of axum do, and its response to go back the
    /// same way.
    pub fn answer<B>(
        &self,
        hub: &Hub,
        request: &mut Request<B>,
        mut peer: Peer,
        permit: Permit,
    ) -> (Response<String>, Option<Accepted>) {
        match self.check(request) {
            Ok(Checked { response, dialect, token }) => {
                peer.token = peer.token.or(token);
                let connection = Connection { transport: "ws", peer, dialect, permit };
                let upgrade = hyper::upgrade::on(request);
                (response, Some(Accepted(Box::new(Upgrading { connection, upgrade }))))
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

    /// The token of a request: that of `Authorization: Bearer`, else of the [cookie](Self::cookie).
    /// Of several cookies with that name, which a login leaves behind that has changed its path or
    /// domain, it is the first that the server's authenticator takes, or just the first.
    pub async fn token(
        &self,
        hub: &Hub,
        headers: &HeaderMap,
        host: Option<&Arc<str>>,
    ) -> Option<Secret> {
        let tokens = tokens(headers, self.cookie.as_deref()).unwrap_or_default();
        if tokens.len() > 1 {
            for token in &tokens {
                let answer = hub.authenticate(host.cloned(), Some(token.clone())).await;
                if matches!(answer, Answer::Account(_)) {
                    return Some(token.clone());
                }
            }
        }
        tokens.into_iter().next()
    }

    /// Asks the server's authenticator who has sent a request that is not for a WebSocket, by its
    /// [token](Self::token).
    pub async fn authenticate(
        &self,
        hub: &Hub,
        headers: &HeaderMap,
        host: Option<&Arc<str>>,
    ) -> Answer {
        let tokens = match tokens(headers, self.cookie.as_deref()) {
            Ok(tokens) => tokens,
            Err(refused) => return Answer::Refused(Text::clean(&refused.reason())),
        };
        let mut first = None;
        for token in tokens {
            let answer = hub.authenticate(host.cloned(), Some(token)).await;
            if matches!(answer, Answer::Account(_)) {
                return answer;
            }
            first = first.or(Some(answer));
        }
        match first {
            Some(answer) => answer,
            None => hub.authenticate(host.cloned(), None).await,
        }
    }

    fn check<B>(&self, request: &Request<B>) -> Result<Checked, Refused> {
        let mut response = accept(request)?;
        check_origin(request, &self.origins)?;
        let (dialect, protocol) = self.choose(request)?;
        if let Some(protocol) = protocol {
            response.headers_mut().insert(PROTOCOL, HeaderValue::from_static(protocol));
        }
        let tokens = tokens(request.headers(), self.cookie.as_deref())?;
        Ok(Checked { response, dialect, token: tokens.into_iter().next() })
    }

    /// The dialect of the first offer that is known, with the protocol's name; text if nothing is
    /// offered.
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
            .ok_or(Refused::UnknownProtocol)
    }
}

impl Accepted {
    /// Waits until the response has been sent, then serves the connection until it ends.
    pub async fn serve(self, hub: &Hub) {
        // In boxes, so that nothing of the upgrade is kept for as long as the session.
        if let Some(serving) = Box::pin(self.upgraded(hub)).await {
            Box::pin(serving).await;
        }
    }

    /// Waits until the response has been sent. Returns what serves the connection until it ends: in
    /// a task of its own it takes less memory than behind the upgrade. `None` if the connection has
    /// gone away.
    pub async fn upgraded(self, hub: &Hub) -> Option<impl Future<Output = ()> + Send + use<>> {
        let Upgrading { connection, upgrade } = *self.0;
        let upgraded = upgrade
            .await
            .inspect_err(|error| debug!(%error, "a connection went away before it was upgraded"));
        // Below hyper is mostly a plain socket: without what is wrapped around it, it is smaller
        // and faster.
        let (halves, early) = match upgraded.ok()?.downcast::<TokioIo<HttpStream<TcpStream>>>() {
            // Copied, for it may be an empty piece of a large buffer.
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
        Some(serve_socket(hub, connection, halves, early))
    }
}
