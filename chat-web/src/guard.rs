//! Access control for the API, by the application's login and the server's authenticator.

use crate::address::address;
use crate::login::Login;
use crate::problem::Problem;
use crate::shared::{MetricsAccess, Shared};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use chat_runtime::chat_core::Answer;
use http::HeaderValue;
use http::header::AUTHORIZATION;
use http::request::Parts;
use tokio::time::timeout;

/// Passes on the requests of clients that may read the API.
pub(crate) async fn readers(
    State(shared): State<Shared>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let login = ask_login(&shared, &parts).await?;
    if login == Login::Anybody && !shared.open_api {
        match authenticate(&shared, &parts).await {
            // Guests can read the public channels in the chat as well.
            Answer::Account(_) | Answer::Guest => {}
            Answer::Refused(reason) => {
                return Err(unauthorized(&shared, &parts, reason.to_string()));
            }
            Answer::Password { .. }
            | Answer::Challenge { .. }
            | Answer::PasswordRefused(_)
            | Answer::Unavailable
            | Answer::Messages { .. }
            | Answer::Found { .. } => return Err(Problem::login_unavailable()),
            _ => return Err(Problem::login_unavailable()),
        }
    }
    Ok(next.run(Request::from_parts(parts, body)).await)
}

/// Passes on the requests of clients that may read the metrics.
pub(crate) async fn metrics(
    State(shared): State<Shared>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let login = ask_login(&shared, &parts).await?;
    let is_open = shared.metrics == MetricsAccess::Anybody || !shared.hub.has_authenticator();
    if login == Login::Anybody && !is_open {
        match authenticate(&shared, &parts).await {
            Answer::Account(_) => {}
            Answer::Guest | Answer::Refused(_) => {
                return Err(unauthorized(&shared, &parts, METRICS_NEED_ACCOUNT));
            }
            Answer::Password { .. }
            | Answer::Challenge { .. }
            | Answer::PasswordRefused(_)
            | Answer::Unavailable
            | Answer::Messages { .. }
            | Answer::Found { .. } => return Err(Problem::login_unavailable()),
            _ => return Err(Problem::login_unavailable()),
        }
    }
    Ok(next.run(Request::from_parts(parts, body)).await)
}

/// Asks the application's login about a request.
pub(crate) async fn ask_login(shared: &Shared, parts: &Parts) -> Result<Login, Problem> {
    let patience = shared.hub.limits().engine.answer_timeout;
    match timeout(patience, (shared.login)(parts)).await {
        Ok(Login::Refused(reason)) => Err(Problem::unauthorized(shared.challenge.clone(), reason)),
        Ok(login) => Ok(login),
        Err(_) => Err(Problem::login_unavailable()),
    }
}

async fn authenticate(shared: &Shared, parts: &Parts) -> Answer {
    let host = address(parts).map(|address| address.to_string().into());
    shared.endpoint.authenticate(&shared.hub, &parts.headers, host.as_ref()).await
}

fn unauthorized(shared: &Shared, parts: &Parts, reason: impl Into<String>) -> Problem {
    // RFC 6750 §3.1: the error code is sent only to a client that has sent a token.
    let has_token = parts.headers.contains_key(AUTHORIZATION);
    let challenge = if has_token { INVALID_TOKEN } else { shared.challenge.clone() };
    Problem::unauthorized(challenge, reason)
}

const INVALID_TOKEN: HeaderValue =
    HeaderValue::from_static("Bearer realm=\"chat\", error=\"invalid_token\"");
const METRICS_NEED_ACCOUNT: &str = "the metrics of a server with a login require the token of an \
    account; a listener with ?metrics=true shows them to everybody who can reach it";
