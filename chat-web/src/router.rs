//! The router and its settings.

use crate::auth::SESSION_COOKIE;
use crate::login::Login;
use crate::login_routes::LoginRoutes;
use crate::page;
use crate::page_login::PageLogin;
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
use std::fmt;
use std::future::ready;
use std::sync::Arc;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;
use transport_ws::WsEndpoint;

/// A builder for the chat's router. Create it, change its settings, and take its
/// [router](Self::router).
pub struct ChatWeb {
    shared: Shared,
}

impl ChatWeb {
    /// Makes a builder for a server's chat. By default, clients may take any name unless the server
    /// has an [`Authenticator`](chat_runtime::Authenticator), and only pages of the server's own
    /// host may open a WebSocket.
    pub fn new(hub: Hub) -> Self {
        let shared = Shared {
            hub,
            started: Instant::now(),
            endpoint: WsEndpoint::default(),
            login: Arc::new(|_| Box::pin(ready(Login::Anybody))),
            page_login: None,
            challenge: HeaderValue::from_static("Bearer realm=\"chat\""),
            open_api: false,
            metrics: MetricsAccess::Nobody,
            tasks: TaskTracker::new(),
        };
        Self { shared }
    }

    /// Sets the WebSocket's dialects, the origins that may open one, and the cookie for tokens.
    #[must_use]
    pub fn endpoint(mut self, endpoint: WsEndpoint) -> Self {
        self.shared.endpoint = endpoint;
        self
    }

    /// Sets the application's login, which identifies the user of a request, for instance by its
    /// cookie. It is called for every request except those for the static files of the page and for
    /// `/healthz`.
    ///
    /// The login takes precedence: the [`Authenticator`](chat_runtime::Authenticator) is asked only
    /// if it returns [`Login::Anybody`].
    #[must_use]
    pub fn login(mut self, hook: impl Fn(&Parts) -> Login + Send + Sync + 'static) -> Self {
        self.shared.login = Arc::new(move |parts| Box::pin(ready(hook(parts))));
        self
    }

    /// Sets an asynchronous [login](Self::login), which may query a database, for instance. If it
    /// takes longer than [`answer_timeout`](chat_runtime::chat_core::Config::answer_timeout), it is
    /// cancelled, and the response is 503.
    #[must_use]
    pub fn login_async<F>(mut self, hook: impl Fn(Parts) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Login> + Send + 'static,
    {
        self.shared.login = Arc::new(move |parts| Box::pin(hook(parts.clone())));
        self
    }

    /// Lets users of the page log in with another site, on `/auth/login` and `/auth/callback`. The
    /// server has to keep accounts. A browser that is logged in has the session token in the
    /// [cookie](WsEndpoint::cookie) of the endpoint; if it has none, its name is `chat_session`.
    #[must_use]
    pub fn page_login(mut self, login: Arc<dyn PageLogin>) -> Self {
        self.shared.page_login = Some(LoginRoutes::new(login));
        self
    }

    /// Sets the challenge of 401 responses, in `WWW-Authenticate`. The default is
    /// `Bearer realm="chat"`. With `Basic realm="chat"`, a browser asks its user for a name and a
    /// password.
    #[must_use]
    pub fn challenge(mut self, challenge: HeaderValue) -> Self {
        self.shared.challenge = challenge;
        self
    }

    /// Sets whether the API is open to everybody even if the server has an
    /// [`Authenticator`](chat_runtime::Authenticator). The default is false. The application's own
    /// [login](Self::login) still applies.
    #[must_use]
    pub fn open_api(mut self, open: bool) -> Self {
        self.shared.open_api = open;
        self
    }

    /// Sets the tracker in which WebSocket sessions are spawned, so that the application can wait
    /// for them.
    #[must_use]
    pub fn tasks(mut self, tasks: TaskTracker) -> Self {
        self.shared.tasks = tasks;
        self
    }

    /// Sets whether [`/metrics`](Hub::metrics) is available, for everybody whom the application's
    /// own [login](Self::login) does not refuse. The default is false.
    #[must_use]
    pub fn metrics(self, metrics: bool) -> Self {
        self.metrics_for(if metrics { MetricsAccess::Anybody } else { MetricsAccess::Nobody })
    }

    pub(crate) fn metrics_for(mut self, access: MetricsAccess) -> Self {
        self.shared.metrics = access;
        self
    }

    /// Returns the router: the page on `/`, the API below `/api`, the WebSocket on `/ws`,
    /// `/healthz`, and [`/metrics`](Self::metrics) if it is enabled.
    pub fn router(self) -> Router {
        let Self { mut shared } = self;
        if shared.page_login.is_some() && shared.endpoint.cookie_name().is_none() {
            shared.endpoint = shared.endpoint.cookie(SESSION_COOKIE);
        }
        Route::ALL
            .into_iter()
            .filter(|route| *route != Route::Metrics || shared.metrics != MetricsAccess::Nobody)
            .filter(|route| !route.is_login() || shared.page_login.is_some())
            .fold(Router::new(), |router, route| router.route(route.path(), route.handler(&shared)))
            .fallback(not_found)
            .method_not_allowed_fallback(wrong_method)
            .with_state(shared)
    }
}

impl fmt::Debug for ChatWeb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChatWeb")
            .field("endpoint", &self.shared.endpoint)
            .field("open_api", &self.shared.open_api)
            .field("metrics", &self.shared.metrics)
            .finish_non_exhaustive()
    }
}

/// Answers requests without a route. A router that is nested at `/chat` serves the page at `/chat/`
/// too; all other paths are not found.
async fn not_found(method: Method, headers: HeaderMap, request: Request) -> Response {
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
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, format!("{method} is not supported; use GET"))
}
