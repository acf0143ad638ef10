//! The routes and their access rules, in one place so that no rule is forgotten.

use crate::shared::Shared;
use crate::{api, auth, guard, page, web_socket};
use axum::extract::Request;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use http::header::{ALLOW, AUTHORIZATION};
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};
use std::sync::Arc;
use std::time::Duration;
use tower_http::cors::{AllowCredentials, AllowOrigin, CorsLayer};
use transport_ws::Origin;

/// A route below the prefix of the router.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Page,
    Asset,
    Status,
    Users,
    Channels,
    Messages,
    Health,
    Metrics,
    WebSocket,
    Auth,
    LogIn,
    LoginCallback,
}

/// The access rule of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Everybody. These routes reveal nothing about users or messages.
    Anybody,
    /// Clients that the application's login admits. If it does not identify them, the server's
    /// authenticator has to accept them, as an account or as a guest.
    Readers,
    /// Clients that the application's login admits. If it does not identify them and the server has
    /// an authenticator, they need an account.
    Metrics,
    /// Clients that the application's login admits. The engine asks the authenticator itself.
    Sessions,
}

impl Route {
    pub(crate) const ALL: [Self; 12] = [
        Self::Page,
        Self::Asset,
        Self::Status,
        Self::Users,
        Self::Channels,
        Self::Messages,
        Self::Health,
        Self::Metrics,
        Self::WebSocket,
        Self::Auth,
        Self::LogIn,
        Self::LoginCallback,
    ];

    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Page => "/",
            Self::Asset => "/assets/{name}",
            Self::Status => "/api/status",
            Self::Users => "/api/users",
            Self::Channels => "/api/channels",
            Self::Messages => "/api/channels/{channel}/messages",
            Self::Health => "/healthz",
            Self::Metrics => "/metrics",
            Self::WebSocket => "/ws",
            Self::Auth => "/auth",
            Self::LogIn => "/auth/login",
            Self::LoginCallback => "/auth/callback",
        }
    }

    /// Returns true if the route exists only with a [login of the page](crate::PageLogin).
    pub(crate) fn is_login(self) -> bool {
        matches!(self, Self::LogIn | Self::LoginCallback)
    }

    pub(crate) fn access(self) -> Access {
        match self {
            Self::Page
            | Self::Asset
            | Self::Health
            | Self::Auth
            | Self::LogIn
            | Self::LoginCallback => Access::Anybody,
            Self::Status | Self::Users | Self::Channels | Self::Messages => Access::Readers,
            Self::Metrics => Access::Metrics,
            Self::WebSocket => Access::Sessions,
        }
    }

    /// Returns the handler of the route, behind its access check.
    pub(crate) fn handler(self, shared: &Shared) -> MethodRouter<Shared> {
        let handler = match self {
            Self::Page => get(web_socket::or_page),
            Self::Asset => get(page::asset),
            Self::Status => get(api::status),
            Self::Users => get(api::users),
            Self::Channels => get(api::channels),
            Self::Messages => get(api::messages),
            Self::Health => get(async || "ok"),
            Self::Metrics => get(api::metrics),
            Self::WebSocket => get(web_socket::open),
            Self::Auth => get(auth::describe),
            Self::LogIn => get(auth::begin),
            Self::LoginCallback => get(auth::finish),
        };
        let guarded = match self.access() {
            Access::Anybody | Access::Sessions => handler,
            Access::Readers => handler.layer(from_fn_with_state(shared.clone(), guard::readers)),
            Access::Metrics => handler.layer(from_fn_with_state(shared.clone(), guard::metrics)),
        };
        // OPTIONS is not guarded: a browser sends a preflight without credentials (Fetch §4.8).
        let handler = guarded.options(async || StatusCode::OK);
        let handler = match self.access() {
            Access::Readers => handler.layer(cross_origin(shared.endpoint.origins())),
            Access::Anybody | Access::Metrics | Access::Sessions => handler,
        };
        handler.layer(from_fn(add_allow))
    }
}

/// Adds `Allow` to the response to `OPTIONS` (RFC 9110 §9.3.7).
async fn add_allow(request: Request, next: Next) -> Response {
    let is_options = request.method() == Method::OPTIONS;
    let mut response = next.run(request).await;
    if is_options {
        response.headers_mut().insert(ALLOW, METHODS);
    }
    response
}

/// The methods that every route supports.
pub(crate) const METHODS: HeaderValue = HeaderValue::from_static("GET,HEAD,OPTIONS");

/// Allows pages of these origins to read the API with the cookies of their visitors, as they may
/// open a WebSocket too. Pages of other origins cannot read any response.
fn cross_origin(origins: &[Origin]) -> CorsLayer {
    let origins: Arc<[Origin]> = origins.into();
    let is_allowed = move |sent: &HeaderValue, _: &Parts| {
        let sent = sent.to_str().ok().and_then(|sent| sent.parse().ok());
        sent.is_some_and(|sent| origins.contains(&sent))
    };
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(is_allowed.clone()))
        .allow_credentials(AllowCredentials::predicate(is_allowed))
        .allow_methods([Method::GET, Method::HEAD])
        .allow_headers([AUTHORIZATION])
        .max_age(PREFLIGHT_MAX_AGE)
}

/// The time for which a browser may cache a preflight response. Most browsers cap it at this value.
const PREFLIGHT_MAX_AGE: Duration = Duration::from_secs(7_200);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::MetricsAccess;
    use crate::{ChatWeb, Login};
    use axum::Router;
    use axum::body::Body;
    use chat_runtime::chat_core::{Answer, Identity, Text};
    use chat_runtime::chat_dialects::AuthRequest;
    use chat_runtime::{Authenticator, Running, Server, Unavailable};
    use http::HeaderMap;
    use http::header::WWW_AUTHENTICATE;
    use tower::ServiceExt;

    /// An authenticator that accepts one token, and guests if `guests` is set.
    struct OneToken {
        guests: bool,
    }

    #[async_trait::async_trait]
    impl Authenticator for OneToken {
        async fn authenticate(&self, request: &AuthRequest) -> Result<Answer, Unavailable> {
            let identity = Identity::new("al");
            Ok(match request.token.as_ref().map(|token| token.expose()) {
                Some("right") => Answer::Account(identity),
                None if self.guests => Answer::Guest,
                Some(_) | None => Answer::Refused(Text::clean("a token is needed")),
            })
        }
    }

    fn server() -> Running {
        Server::new().start()
    }

    fn server_with_tokens(guests: bool) -> Running {
        Server::new().authenticator(OneToken { guests }).start()
    }

    /// The status of a route for a client that may use it. A WebSocket needs more headers than
    /// these requests have.
    fn status_if_allowed(route: Route) -> StatusCode {
        match route {
            Route::Asset | Route::WebSocket => StatusCode::BAD_REQUEST,
            Route::Page
            | Route::Status
            | Route::Users
            | Route::Channels
            | Route::Messages
            | Route::Health
            | Route::Auth
            | Route::Metrics => StatusCode::OK,
            // These servers have no login with another site.
            Route::LogIn | Route::LoginCallback => StatusCode::NOT_FOUND,
        }
    }

    /// The status of a route for a client that is not logged in, if there is a login.
    fn status_if_refused(route: Route) -> StatusCode {
        // There is no wildcard, so that a new route does not compile until its rule is decided.
        match route {
            Route::Page
            | Route::Asset
            | Route::Health
            | Route::Auth
            | Route::LogIn
            | Route::LoginCallback => status_if_allowed(route),
            Route::Status
            | Route::Users
            | Route::Channels
            | Route::Messages
            | Route::Metrics
            | Route::WebSocket => StatusCode::UNAUTHORIZED,
        }
    }

    async fn get(router: &Router, route: Route, token: Option<&str>) -> (StatusCode, HeaderMap) {
        let path = route.path().replace("{channel}", "lobby").replace("{name}", "%ff");
        let mut request = http::Request::get(path).body(Body::empty()).expect("a request");
        if let Some(token) = token {
            let value = HeaderValue::from_str(&format!("Bearer {token}")).expect("a value");
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        let response = router.clone().oneshot(request).await.expect("a router does not fail");
        (response.status(), response.headers().clone())
    }

    #[tokio::test]
    async fn login_of_an_application_guards_every_route() {
        let server = server();
        let chat = || ChatWeb::new(server.hub().clone()).metrics(true).open_api(true);
        let refused = || Login::Refused("log in first".into());
        let alice = || Login::As { nickname: "Alice".into(), account: None };
        let closed = [
            chat().login(move |_| refused()).router(),
            chat().login_async(move |_| async move { refused() }).router(),
        ];
        let open = [
            chat().router(),
            chat().login(move |_| alice()).router(),
            chat().login_async(move |_| async move { alice() }).router(),
        ];
        for route in Route::ALL {
            for router in &closed {
                let (status, headers) = get(router, route, None).await;
                assert_eq!(status, status_if_refused(route), "{route:?}");
                let challenge = headers.get(WWW_AUTHENTICATE).map(HeaderValue::as_bytes);
                let expected =
                    (status == StatusCode::UNAUTHORIZED).then_some(&b"Bearer realm=\"chat\""[..]);
                assert_eq!(challenge, expected, "{route:?}");
            }
            for router in &open {
                let status = get(router, route, None).await.0;
                assert_eq!(status, status_if_allowed(route), "{route:?}");
            }
        }
    }

    #[tokio::test]
    async fn authenticator_of_a_server_guards_every_route() {
        let [without_guests, with_guests] = [false, true].map(server_with_tokens);
        for route in Route::ALL {
            for (server, guests) in [(&without_guests, false), (&with_guests, true)] {
                let chat = ChatWeb::new(server.hub().clone());
                let router = chat.metrics_for(MetricsAccess::Accounts).router();
                // The engine authenticates WebSocket sessions itself, in their dialect.
                let without = match route.access() {
                    Access::Sessions => status_if_allowed(route),
                    Access::Readers if guests => status_if_allowed(route),
                    Access::Anybody | Access::Readers | Access::Metrics => status_if_refused(route),
                };
                assert_eq!(get(&router, route, None).await.0, without, "{route:?} {guests}");
                let wrong = match route.access() {
                    Access::Sessions => status_if_allowed(route),
                    Access::Anybody | Access::Readers | Access::Metrics => status_if_refused(route),
                };
                let (status, headers) = get(&router, route, Some("wrong")).await;
                assert_eq!(status, wrong, "{route:?} {guests}");
                if status == StatusCode::UNAUTHORIZED {
                    let challenge = "Bearer realm=\"chat\", error=\"invalid_token\"";
                    assert_eq!(headers[WWW_AUTHENTICATE], challenge, "{route:?} {guests}");
                }
                let right = get(&router, route, Some("right")).await.0;
                assert_eq!(right, status_if_allowed(route), "{route:?} {guests}");
            }
        }
    }

    #[tokio::test]
    async fn open_api_and_metrics_need_no_token() {
        let server = server_with_tokens(false);
        let chat = ChatWeb::new(server.hub().clone()).open_api(true).metrics(true);
        let router = chat.router();
        for route in Route::ALL {
            let status = get(&router, route, None).await.0;
            assert_eq!(status, status_if_allowed(route), "{route:?}");
        }
    }

    #[tokio::test]
    async fn nested_router_has_no_metrics_unless_enabled() {
        let server = server();
        let chat = || ChatWeb::new(server.hub().clone());
        let status = get(&chat().router(), Route::Metrics, None).await.0;
        assert_eq!(status, StatusCode::NOT_FOUND);
        let status = get(&chat().metrics(true).router(), Route::Metrics, None).await.0;
        assert_eq!(status, StatusCode::OK);
    }

    #[tokio::test(start_paused = true)]
    async fn request_is_answered_with_503_if_the_login_hangs() {
        let server = server();
        let chat = ChatWeb::new(server.hub().clone());
        let router = chat.login_async(|_| std::future::pending()).router();
        let (status, headers) = get(&router, Route::Users, None).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(headers.contains_key(http::header::RETRY_AFTER));
    }

    #[tokio::test]
    async fn application_can_set_the_challenge() {
        let server = server();
        let chat = ChatWeb::new(server.hub().clone()).login(|_| Login::Refused("who?".into()));
        let basic = HeaderValue::from_static("Basic realm=\"chat\"");
        let router = chat.challenge(basic.clone()).router();
        assert_eq!(get(&router, Route::Users, None).await.1[WWW_AUTHENTICATE], basic);
    }
}
