//! Answers WebSocket requests.

use crate::address::address;
use crate::guard::ask_login;
use crate::login::Login;
use crate::page;
use crate::problem::Problem;
use crate::shared::Shared;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use chat_runtime::Permit;
use chat_runtime::chat_core::Peer;
use chat_runtime::chat_dialects::TurnedAway;
use http::StatusCode;
use http::header::SEC_WEBSOCKET_KEY;

/// Answers requests for the page. Clients of IRC open their WebSockets there.
pub(crate) async fn or_page(State(shared): State<Shared>, request: Request) -> Response {
    if request.headers().contains_key(SEC_WEBSOCKET_KEY) {
        return open(State(shared), request).await;
    }
    page::index(request.headers().clone(), request).await
}

pub(crate) async fn open(State(shared): State<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let address = address(&parts);
    let permit = match parts.extensions.get::<Permit>() {
        Some(permit) => match &address {
            Some(client) => shared.hub.admit_client(permit, client),
            None => Ok(permit.clone()),
        },
        // The connection comes from the application's own listener, without a permit.
        None => shared.hub.admit(address.as_ref()),
    };
    let permit = match permit {
        Ok(permit) => permit,
        Err(why) => return turned_away(why).into_response(),
    };
    let login = match ask_login(&shared, &parts).await {
        Ok(login) => login,
        Err(problem) => {
            shared.hub.note_refused("login_refused");
            return problem.into_response();
        }
    };
    let address = address.map(|address| address.to_string().into());
    let mut peer = Peer { address, ..Peer::default() };
    match login {
        Login::As { nickname, account } => {
            peer.nickname = Some(nickname.into());
            peer.account = account.map(Into::into);
        }
        Login::Anybody | Login::Refused(_) => {
            let token = shared.endpoint.token(&shared.hub, &parts.headers, peer.address.as_ref());
            peer.token = token.await;
        }
    }
    let mut request = Request::from_parts(parts, body);
    let (response, accepted) = shared.endpoint.answer(&shared.hub, &mut request, peer, permit);
    if let Some(accepted) = accepted {
        let (hub, tasks) = (shared.hub.clone(), shared.tasks.clone());
        shared.tasks.spawn(async move { accepted.spawn(&hub, &tasks).await });
        return response.into_response();
    }
    let (parts, reason) = response.into_parts();
    let mut response = Problem::new(parts.status, reason.trim_end()).into_response();
    response.headers_mut().extend(parts.headers);
    response
}

fn turned_away(why: TurnedAway) -> Problem {
    let status = match why {
        TurnedAway::Full { .. } => StatusCode::SERVICE_UNAVAILABLE,
        TurnedAway::TooManyFromAddress { .. } | TurnedAway::TooFast => {
            StatusCode::TOO_MANY_REQUESTS
        }
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    Problem::new(status, why.to_string())
}
