//! Who may read the API: what an application's login decides, and a server's authenticator.

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

/// Lets those through who may read the API.
pub(crate) async fn readers(
    State(shared): State<Shared>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let login = ask_login(&shared, &parts).await?;
    if login == Login::Anybody && !shared.open_api {
        match authenticate(&shared, &parts).await {
            // Guests may read what they could read in the chat: the public channels.
            Answer::Account(_) | Answer::Guest => {}
            Answer::Refused(reason) => {
                return Err(unauthorized(&shared, &parts, reason.to_string()));
            }
            Answer::Unavailable => return Err(Problem::cannot_tell()),
            _ => return Err(Problem::cannot_tell()),
        }
    }
    Ok(next.run(Request::from_parts(parts, body)).await)
}

/// Lets those through who may read the metrics.
pub(crate) async fn watchers(
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
            Answer::Unavailable => return Err(Problem::cannot_tell()),
            _ => return Err(Problem::cannot_tell()),
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
        Err(_) => Err(Problem::cannot_tell()),
    }
}

async fn authenticate(shared: &Shared, parts: &Parts) -> Answer {
    let host = address(parts).map(|address| address.to_string().into());
    shared.endpoint.authenticate(&shared.hub, &parts.headers, host.as_ref()).await
}

fn unauthorized(shared: &Shared, parts: &Parts, reason: impl Into<String>) -> Problem {
    // RFC 6750 §3.1: only a client that has sent a token is told that it is not valid.
    let has_token = parts.headers.contains_key(AUTHORIZATION);
    let challenge = if has_token { INVALID_TOKEN } else { shared.challenge.clone() };
    Problem::unauthorized(challenge, reason)
}

const INVALID_TOKEN: HeaderValue =
    HeaderValue::from_static("Bearer realm=\"chat\", error=\"invalid_token\"");
const METRICS_NEED_ACCOUNT: &str = "the metrics of a chat with a login need the token of an \
    account; a listener with ?metrics=true shows them to everybody who can reach it";
