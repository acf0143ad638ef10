//! The router, and what an application can decide about it.

use crate::login::Login;
use crate::page;
use crate::problem::Problem;
use crate::route::{METHODS, Route};
use crate::shared::{MetricsAccess, Shared};
use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use chat_runtime::Hub;
use http::header::ALLOW;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use std::future::ready;
use std::sync::Arc;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;
use transport_ws::WsEndpoint;

/// The chat of an application. Make one, set what is to be different, and take its
/// [router](Self::router).
pub struct ChatWeb {
    shared: Shared,
}

impl ChatWeb {
    /// The chat of a server: anybody may take any name, unless the server has an
    /// [`Authenticator`](chat_runtime::Authenticator), and only pages of the own host may open a
    /// WebSocket.
    pub fn new(hub: Hub) -> Self {
        let shared = Shared {
            hub,
            started: Instant::now(),
            endpoint: WsEndpoint::default(),
            login: Arc::new(|_| Box::pin(ready(Login::Anybody))),
            challenge: HeaderValue::from_static("Bearer realm=\"chat\""),
            open_api: false,
            metrics: MetricsAccess::Nobody,
            tasks: TaskTracker::new(),
        };
        Self { shared }
    }

    /// Sets what the WebSocket speaks, which origins may open one, and which cookie brings tokens.
    #[must_use]
    pub fn endpoint(mut self, endpoint: WsEndpoint) -> Self {
        self.shared.endpoint = endpoint;
        self
    }

    /// Lets the application say who has sent a request: by its cookie, for instance. It is asked
    /// about every request but those for the static files of the page and for `/healthz`.
    ///
    /// Its answer counts: an [`Authenticator`](chat_runtime::Authenticator) is asked only about
    /// [`Login::Anybody`].
    #[must_use]
    pub fn login(mut self, hook: impl Fn(&Parts) -> Login + Send + Sync + 'static) -> Self {
        self.shared.login = Arc::new(move |parts| Box::pin(ready(hook(parts))));
        self
    }

    /// The same with a login that has to wait, for a database for instance. One that takes longer
    /// than [`answer_timeout`](chat_runtime::chat_core::Config::answer_timeout) is dropped, and the
    /// request is answered with 503.
    #[must_use]
    pub fn login_async<F>(mut self, hook: impl Fn(Parts) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Login> + Send + 'static,
    {
        self.shared.login = Arc::new(move |parts| Box::pin(hook(parts.clone())));
        self
    }

    /// Sets the challenge that comes with 401, in `WWW-Authenticate`: what a client has to bring.
    /// `Bearer realm="chat"` unless this says otherwise; with `Basic realm="chat"` a browser asks
    /// its user for a name and a password.
    #[must_use]
    pub fn challenge(mut self, challenge: HeaderValue) -> Self {
        self.shared.challenge = challenge;
        self
    }

    /// Sets whether the API is open to everybody although the server has an
    /// [`Authenticator`](chat_runtime::Authenticator). It is not unless this says so. What the
    /// application's own [login](Self::login) refuses remains refused.
    #[must_use]
    pub fn open_api(mut self, open: bool) -> Self {
        self.shared.open_api = open;
        self
    }

    /// Puts the sessions of WebSockets into a tracker of one's own, to wait for them.
    #[must_use]
    pub fn tasks(mut self, tasks: TaskTracker) -> Self {
        self.shared.tasks = tasks;
        self
    }

    /// Sets whether [`/metrics`](Hub::metrics) is there, for everybody whom the application's own
    /// [login](Self::login) does not refuse. It is not unless this says so.
    #[must_use]
    pub fn metrics(self, metrics: bool) -> Self {
        self.metrics_for(if metrics { MetricsAccess::Anybody } else { MetricsAccess::Nobody })
    }

    pub(crate) fn metrics_for(mut self, access: MetricsAccess) -> Self {
        self.shared.metrics = access;
        self
    }

    /// The router: the page on `/`, the API below `/api`, the WebSocket on `/ws`, `/healthz`, and
    /// [`/metrics`](Self::metrics) if it is wanted.
    pub fn router(self) -> Router {
        let Self { shared } = self;
        Route::ALL
            .into_iter()
            .filter(|route| *route != Route::Metrics || shared.metrics != MetricsAccess::Nobody)
            .fold(Router::new(), |router, route| router.route(route.path(), route.handler(&shared)))
            .fallback(nothing)
            .method_not_allowed_fallback(wrong_method)
            .with_state(shared)
    }
}

/// `/chat/` is the page too, wherever the router is nested; everything else is not there.
async fn nothing(method: Method, headers: HeaderMap, request: Request) -> Response {
    let path = request.uri().path();
    let is_page = matches!(path, "" | "/");
    if method == Method::OPTIONS && (is_page || path == "*") {
        return [(ALLOW, METHODS)].into_response();
    }
    match method {
        Method::GET | Method::HEAD if is_page => page::index(headers, request).await,
        _ if is_page => {
            let mut response = wrong_method(method).await.into_response();
            response.headers_mut().insert(ALLOW, METHODS);
            response
        }
        _ => Problem::not_found(format!("there is nothing at {path}")).into_response(),
    }
}

async fn wrong_method(method: Method) -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, format!("{method} is not for this; use GET"))
}
