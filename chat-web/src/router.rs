//! The router, and what an application can decide about it.

use crate::problem::Problem;
use crate::{api, page};
use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use chat_runtime::core::Peer;
use chat_runtime::dialects::TurnedAway;
use chat_runtime::{Hub, PeerAddress, Permit};
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;
use transport_ws::WsEndpoint;

/// The chat of an application. Make one, set what is to be different, and take its [router](Self::router).
pub struct ChatWeb {
    shared: Shared,
    metrics: bool,
}

/// What an application's own login says about a request for a WebSocket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Login {
    /// Whoever it is may take any name.
    Anybody,
    /// It is this user, under this name and no other.
    As {
        /// The name.
        nickname: String,
        /// The account, if names are not enough to tell users apart.
        account: Option<String>,
    },
    /// It has to log in first: answered with 401 and this reason.
    Refused(String),
}

type Hook = dyn Fn(&Parts) -> Login + Send + Sync;

/// What all requests share.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) hub: Hub,
    pub(crate) started: Instant,
    endpoint: WsEndpoint,
    login: Arc<Hook>,
    tasks: TaskTracker,
}

impl ChatWeb {
    /// The chat of a server: anybody may take any name, and only pages of the own host may open a WebSocket.
    pub fn new(hub: Hub) -> Self {
        let shared = Shared {
            hub,
            started: Instant::now(),
            endpoint: WsEndpoint::default(),
            login: Arc::new(|_| Login::Anybody),
            tasks: TaskTracker::new(),
        };
        Self { shared, metrics: true }
    }

    /// Sets what the WebSocket speaks, and which origins may open one.
    #[must_use]
    pub fn endpoint(mut self, endpoint: WsEndpoint) -> Self {
        self.shared.endpoint = endpoint;
        self
    }

    /// Lets the application say who somebody is, from the request for a WebSocket: from its cookie, for instance.
    ///
    /// Who it says it is counts, and an [`Authenticator`](chat_runtime::Authenticator) is asked only about
    /// [`Login::Anybody`].
    #[must_use]
    pub fn login(mut self, hook: impl Fn(&Parts) -> Login + Send + Sync + 'static) -> Self {
        self.shared.login = Arc::new(hook);
        self
    }

    /// Puts the sessions of WebSockets into a tracker of one's own, to wait for them.
    #[must_use]
    pub fn tasks(mut self, tasks: TaskTracker) -> Self {
        self.shared.tasks = tasks;
        self
    }

    /// Sets whether [`/metrics`](Hub::metrics) is there. It is unless this says otherwise.
    #[must_use]
    pub fn metrics(mut self, metrics: bool) -> Self {
        self.metrics = metrics;
        self
    }

    /// The router: the page on `/`, the API below `/api`, the WebSocket on `/ws`, `/healthz` and
    /// [`/metrics`](Hub::metrics).
    pub fn router(self) -> Router {
        let router = Router::new();
        let router =
            if self.metrics { router.route("/metrics", get(api::metrics)) } else { router };
        router
            .route("/", get(page::index))
            .route("/assets/{name}", get(page::asset))
            .route("/api/status", get(api::status))
            .route("/api/users", get(api::users))
            .route("/api/channels", get(api::channels))
            .route("/api/channels/{channel}/messages", get(api::messages))
            .route("/healthz", get(async || "ok"))
            .route("/ws", any(web_socket))
            .fallback(nothing)
            .method_not_allowed_fallback(wrong_method)
            .with_state(self.shared)
    }
}

async fn web_socket(State(shared): State<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let address = address(&parts);
    let permit = match parts.extensions.get::<Permit>() {
        Some(permit) => Ok(permit.clone()),
        // The application's own listener has let it in without asking.
        None => shared.hub.admit(address.as_ref()),
    };
    let permit = match permit {
        Ok(permit) => permit,
        Err(why) => return turned_away(why).into_response(),
    };
    let host = address.map(|address| address.to_string().into());
    let mut peer = Peer { host, ..Peer::default() };
    match (shared.login)(&parts) {
        Login::Anybody => {}
        Login::As { nickname, account } => {
            peer.nickname = Some(nickname.into());
            peer.account = account.map(Into::into);
        }
        Login::Refused(reason) => {
            return Problem::new(StatusCode::UNAUTHORIZED, reason).into_response();
        }
    }
    let mut request = Request::from_parts(parts, body);
    let (response, accepted) = shared.endpoint.answer(&mut request, peer, permit);
    if let Some(accepted) = accepted {
        let (hub, tasks) = (shared.hub.clone(), shared.tasks.clone());
        shared.tasks.spawn(async move {
            if let Some(serving) = accepted.upgraded(&hub).await {
                tasks.spawn(serving);
            }
        });
        return response.into_response();
    }
    let (parts, reason) = response.into_parts();
    Problem::new(parts.status, reason.trim_end()).into_response()
}

/// Where a request comes from: an own listener says it, and so does that of an application, as axum does.
fn address(parts: &Parts) -> Option<PeerAddress> {
    let extensions = &parts.extensions;
    extensions.get::<PeerAddress>().cloned().or_else(|| {
        extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| (*address).into())
    })
}

fn turned_away(why: TurnedAway) -> Problem {
    let status = match why {
        TurnedAway::Full { .. } => StatusCode::SERVICE_UNAVAILABLE,
        TurnedAway::TooManyFromAddress { .. } | TurnedAway::TooFast => {
            StatusCode::TOO_MANY_REQUESTS
        }
    };
    Problem::new(status, why.to_string())
}

/// `/chat/` is the page too, wherever the router is nested; everything else is not there.
async fn nothing(method: Method, headers: HeaderMap, request: Request) -> Response {
    if matches!(request.uri().path(), "" | "/") && [Method::GET, Method::HEAD].contains(&method) {
        return page::index(headers, request).await;
    }
    Problem::not_found(format!("there is nothing at {}", request.uri().path())).into_response()
}

async fn wrong_method(method: Method) -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, format!("{method} is not for this; use GET"))
}
