//! The routes of the [login](crate::PageLogin) with another site.

use crate::login_routes::LoginRoutes;
use crate::page_login::{BegunLogin, Callback, ConfirmedLogin, LoginFailure};
use crate::shared::Shared;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use chat_runtime::HostError;
use chat_runtime::chat_core::{HostCommand, Secret};
use cookie::{Cookie, SameSite};
use http::header::{
    CACHE_CONTROL, CONTENT_TYPE, COOKIE, LOCATION, REFERRER_POLICY, RETRY_AFTER, SET_COOKIE,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// The parameters of a callback. Others are ignored.
#[derive(Deserialize)]
pub(crate) struct Parameters {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
}

/// Tells the page whether there is a login, and its name.
pub(crate) async fn describe(State(shared): State<Shared>) -> Json<Value> {
    let label = shared.page_login.as_ref().map(|routes| routes.login.label());
    Json(json!({ "label": label }))
}

/// Sends the browser to the other site.
pub(crate) async fn begin(State(shared): State<Shared>) -> Response {
    let Some(routes) = &shared.page_login else { return failed(NO_LOGIN) };
    let Ok(_place) = routes.places.try_acquire() else { return failed(BUSY) };
    let BegunLogin { location, cookie } = match routes.login.begin().await {
        Ok(begun) => begun,
        Err(failure) => return failed(failure),
    };
    // Without a path, the cookie is sent to the routes beside this one only. It has to be sent when
    // the browser comes from the other site.
    let mut cookie = routes.cookie(FLOW_COOKIE, cookie.expose());
    cookie.set_same_site(SameSite::Lax);
    redirect(&location, [&cookie])
}

/// Ends the login of a browser that comes back, and sends it to the page with a session token.
pub(crate) async fn finish(
    State(shared): State<Shared>,
    headers: HeaderMap,
    parameters: Result<Query<Parameters>, QueryRejection>,
) -> Response {
    let Some(routes) = &shared.page_login else { return failed(NO_LOGIN) };
    let mut flow = routes.cookie(FLOW_COOKIE, "");
    flow.make_removal();
    let mut response = match end(&shared, routes, &headers, parameters).await {
        Ok(token) => {
            let name = shared.endpoint.cookie_name().unwrap_or(SESSION_COOKIE);
            let mut session = routes.cookie(name, token.expose());
            session.set_same_site(SameSite::Strict);
            session.set_path(routes.path().to_owned());
            let age = shared.hub.limits().engine.token_age.unwrap_or(LONGEST_AGE).min(LONGEST_AGE);
            session.set_max_age(cookie::time::Duration::seconds(age.as_secs().cast_signed()));
            redirect("../#logged-in", [&session])
        }
        Err(failure) => failed(failure),
    };
    // A callback counts once.
    let removal = HeaderValue::from_str(&flow.to_string());
    response.headers_mut().append(SET_COOKIE, removal.expect("a cookie without a value"));
    response
}

async fn end(
    shared: &Shared,
    routes: &LoginRoutes,
    headers: &HeaderMap,
    parameters: Result<Query<Parameters>, QueryRejection>,
) -> Result<Secret, LoginFailure> {
    let Ok(Query(Parameters { state, code, error })) = parameters else { return Err(MALFORMED) };
    let longest = [&state, &code, &error].into_iter().flatten().map(String::len).max();
    if longest.is_some_and(|longest| longest > LONGEST_PARAMETER) {
        return Err(MALFORMED);
    }
    let callback = Callback { state, code: code.map(Secret::new), error };
    let _place = routes.places.try_acquire().map_err(|_| BUSY)?;
    let confirmed = routes.login.finish(flow_cookie(headers), callback).await?;
    let ConfirmedLogin { names, credentials, token } = confirmed;
    let device = Some("the page".to_owned());
    let log_in = HostCommand::LogIn { names, credentials, token: token.clone(), device };
    match shared.hub.host(log_in).await {
        Ok(_) => Ok(token),
        Err(HostError::Refused(_)) => Err(REFUSED),
        Err(HostError::Stopped(_)) => Err(BUSY),
        Err(_) => Err(BUSY),
    }
}

/// Returns the first cookie of a login that has begun.
fn flow_cookie(headers: &HeaderMap) -> Option<Secret> {
    let headers = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
    let mut cookies = headers.flat_map(Cookie::split_parse).filter_map(Result::ok);
    cookies.find(|cookie| cookie.name() == FLOW_COOKIE).map(|cookie| Secret::new(cookie.value()))
}

fn redirect(location: &str, cookies: [&Cookie<'_>; 1]) -> Response {
    let Ok(location) = HeaderValue::from_str(location) else { return failed(BUSY) };
    let mut response = (StatusCode::SEE_OTHER, HEADERS).into_response();
    response.headers_mut().insert(LOCATION, location);
    for cookie in cookies {
        let Ok(cookie) = HeaderValue::from_str(&cookie.to_string()) else { return failed(BUSY) };
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// Shows a failure to the user.
fn failed(LoginFailure { message, is_temporary }: LoginFailure) -> Response {
    let status =
        if is_temporary { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::BAD_REQUEST };
    let text = format!("{message}\n");
    let media_type = [(CONTENT_TYPE, "text/plain; charset=utf-8")];
    let mut response = (status, HEADERS, media_type, text).into_response();
    if is_temporary {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("10"));
    }
    response
}

/// The callback's address has a code, which goes to nobody else.
const HEADERS: [(HeaderName, &str); 3] = [
    (CACHE_CONTROL, "no-store"),
    (REFERRER_POLICY, "no-referrer"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
];
const NO_LOGIN: LoginFailure =
    LoginFailure { message: "This server has no such login.", is_temporary: false };
const BUSY: LoginFailure = LoginFailure {
    message: "The login is not possible at the moment. Try again in a minute.",
    is_temporary: true,
};
const MALFORMED: LoginFailure = LoginFailure {
    message: "This is not the answer of a login. Log in again.",
    is_temporary: false,
};
const REFUSED: LoginFailure = LoginFailure {
    message: "The chat does not admit this account: it is banned, or there are too many accounts.",
    is_temporary: false,
};
/// The cookie of a login that has begun.
const FLOW_COOKIE: &str = "chat_login";
/// The cookie of a session, if the endpoint has none.
pub(crate) const SESSION_COOKIE: &str = "chat_session";
/// Browsers keep no cookie longer (RFC 6265bis §5.5).
const LONGEST_AGE: Duration = Duration::from_secs(400 * 24 * 60 * 60);
/// The longest parameter of a callback, in bytes. Codes of large providers have some 2,000.
const LONGEST_PARAMETER: usize = 4_096;
