//! The routes, and who may use each of them: in one place, so that none is forgotten.

use crate::shared::Shared;
use crate::{api, guard, page, web_socket};
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

/// What there is below the prefix of the router.
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
}

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anybody: nothing that people say or do can be seen there.
    Anybody,
    /// Those whom the application's login lets in, and the server's authenticator after it.
    Readers,
    /// Those whom the application's login lets in, and if the server has an authenticator, those
    /// who have an account.
    Watchers,
    /// Those whom the application's login lets in. The engine asks the authenticator itself.
    Sessions,
}

impl Route {
    pub(crate) const ALL: [Self; 9] = [
        Self::Page,
        Self::Asset,
        Self::Status,
        Self::Users,
        Self::Channels,
        Self::Messages,
        Self::Health,
        Self::Metrics,
        Self::WebSocket,
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
        }
    }

    pub(crate) fn access(self) -> Access {
        match self {
            Self::Page | Self::Asset | Self::Health => Access::Anybody,
            Self::Status | Self::Users | Self::Channels | Self::Messages => Access::Readers,
            Self::Metrics => Access::Watchers,
            Self::WebSocket => Access::Sessions,
        }
    }

    /// What answers the requests, behind what checks who sends them.
    pub(crate) fn handler(self, shared: &Shared) -> MethodRouter<Shared> {
        let handler = match self {
            Self::Page => get(page::index),
            Self::Asset => get(page::asset),
            Self::Status => get(api::status),
            Self::Users => get(api::users),
            Self::Channels => get(api::channels),
            Self::Messages => get(api::messages),
            Self::Health => get(async || "ok"),
            Self::Metrics => get(api::metrics),
            Self::WebSocket => get(web_socket::open),
        };
        let guarded = match self.access() {
            Access::Anybody | Access::Sessions => handler,
            Access::Readers => handler.layer(from_fn_with_state(shared.clone(), guard::readers)),
            Access::Watchers => handler.layer(from_fn_with_state(shared.clone(), guard::watchers)),
        };
        // Behind no guard: a browser asks this without credentials (Fetch §4.8).
        let handler = guarded.options(async || StatusCode::OK);
        let handler = match self.access() {
            Access::Readers => handler.layer(cross_origin(shared.endpoint.origins())),
            Access::Anybody | Access::Watchers | Access::Sessions => handler,
        };
        handler.layer(from_fn(say_methods))
    }
}

/// Says in the answer to `OPTIONS` which methods there are (RFC 9110 §9.3.7).
async fn say_methods(request: Request, next: Next) -> Response {
    let is_asked = request.method() == Method::OPTIONS;
    let mut response = next.run(request).await;
    if is_asked {
        response.headers_mut().insert(ALLOW, METHODS);
    }
    response
}

/// What every route understands.
pub(crate) const METHODS: HeaderValue = HeaderValue::from_static("GET,HEAD,OPTIONS");

/// Lets pages of these origins read the API, with the cookies of their visitors: they may open a
/// WebSocket with them as well. No answer can be read by other pages.
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
        .max_age(PREFLIGHT)
}

/// How long a browser may remember what it is allowed: as long as most of them do at most.
const PREFLIGHT: Duration = Duration::from_secs(7_200);

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

    /// Knows one token, and lets guests in if it is told so.
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

    /// What a route answers whoever may use it: a WebSocket takes more than these requests bring.
    fn let_in(route: Route) -> StatusCode {
        match route {
            Route::Asset | Route::WebSocket => StatusCode::BAD_REQUEST,
            Route::Page
            | Route::Status
            | Route::Users
            | Route::Channels
            | Route::Messages
            | Route::Health
            | Route::Metrics => StatusCode::OK,
        }
    }

    /// What somebody without a login gets from a route where there is one.
    fn shut_out(route: Route) -> StatusCode {
        // Without a wildcard, so that a new route does not compile before it is decided upon.
        match route {
            Route::Page | Route::Asset | Route::Health => let_in(route),
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
    async fn the_login_of_an_application_guards_every_route() {
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
                assert_eq!(status, shut_out(route), "{route:?}");
                let challenge = headers.get(WWW_AUTHENTICATE).map(HeaderValue::as_bytes);
                let expected =
                    (status == StatusCode::UNAUTHORIZED).then_some(&b"Bearer realm=\"chat\""[..]);
                assert_eq!(challenge, expected, "{route:?}");
            }
            for router in &open {
                assert_eq!(get(router, route, None).await.0, let_in(route), "{route:?}");
            }
        }
    }

    #[tokio::test]
    async fn the_authenticator_of_a_server_guards_every_route() {
        let [strict, kind] = [false, true].map(server_with_tokens);
        for route in Route::ALL {
            for (server, guests) in [(&strict, false), (&kind, true)] {
                let chat = ChatWeb::new(server.hub().clone());
                let router = chat.metrics_for(MetricsAccess::Accounts).router();
                // The engine asks whoever opens a WebSocket, in their own dialect.
                let without = match route.access() {
                    Access::Sessions => let_in(route),
                    Access::Readers if guests => let_in(route),
                    Access::Anybody | Access::Readers | Access::Watchers => shut_out(route),
                };
                assert_eq!(get(&router, route, None).await.0, without, "{route:?} {guests}");
                let wrong = match route.access() {
                    Access::Sessions => let_in(route),
                    Access::Anybody | Access::Readers | Access::Watchers => shut_out(route),
                };
                let (status, headers) = get(&router, route, Some("wrong")).await;
                assert_eq!(status, wrong, "{route:?} {guests}");
                if status == StatusCode::UNAUTHORIZED {
                    let challenge = "Bearer realm=\"chat\", error=\"invalid_token\"";
                    assert_eq!(headers[WWW_AUTHENTICATE], challenge, "{route:?} {guests}");
                }
                let right = get(&router, route, Some("right")).await.0;
                assert_eq!(right, let_in(route), "{route:?} {guests}");
            }
        }
    }

    #[tokio::test]
    async fn an_api_and_metrics_that_are_opened_are_open() {
        let server = server_with_tokens(false);
        let chat = ChatWeb::new(server.hub().clone()).open_api(true).metrics(true);
        let router = chat.router();
        for route in Route::ALL {
            assert_eq!(get(&router, route, None).await.0, let_in(route), "{route:?}");
        }
    }

    #[tokio::test]
    async fn a_nested_router_shows_no_metrics_unless_it_is_told_to() {
        let server = server();
        let chat = || ChatWeb::new(server.hub().clone());
        let status = get(&chat().router(), Route::Metrics, None).await.0;
        assert_eq!(status, StatusCode::NOT_FOUND);
        let status = get(&chat().metrics(true).router(), Route::Metrics, None).await.0;
        assert_eq!(status, StatusCode::OK);
    }

    #[tokio::test(start_paused = true)]
    async fn a_login_that_hangs_holds_nobody_up() {
        let server = server();
        let chat = ChatWeb::new(server.hub().clone());
        let router = chat.login_async(|_| std::future::pending()).router();
        let (status, headers) = get(&router, Route::Users, None).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(headers.contains_key(http::header::RETRY_AFTER));
    }

    #[tokio::test]
    async fn an_application_sets_what_its_login_demands() {
        let server = server();
        let chat = ChatWeb::new(server.hub().clone()).login(|_| Login::Refused("who?".into()));
        let basic = HeaderValue::from_static("Basic realm=\"chat\"");
        let router = chat.challenge(basic.clone()).router();
        assert_eq!(get(&router, Route::Users, None).await.1[WWW_AUTHENTICATE], basic);
    }
}
