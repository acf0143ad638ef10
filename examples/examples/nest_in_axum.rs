//! The chat nested in an axum application with its own routes and its own login. Open
//! http://127.0.0.1:3000/.

#![allow(clippy::print_stdout, reason = "an example prints its result")]

use axum::Router;
use axum::response::{Html, Redirect};
use axum::routing::get;
use chat_runtime::Server;
use chat_web::{ChatWeb, Login};
use http::header::{COOKIE, SET_COOKIE};
use http::request::Parts;
use std::error::Error;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = Server::new().start();

    let application = Router::new()
        .route(
            "/",
            get(async || Html("<a href=/login/alice>I am Alice</a>, <a href=/login/bob>Bob</a>")),
        )
        .route("/login/{name}", get(log_in))
        .nest_service("/chat", ChatWeb::new(server.hub().clone()).login(login).router());

    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    println!("http://{}/", listener.local_addr()?);
    axum::serve(listener, application).with_graceful_shutdown(stopped()).await?;

    server.stop();
    server.wait().await?;
    Ok(())
}

/// The application's own login. It accepts any name; a real one checks a password, and signs its
/// cookie.
async fn log_in(
    axum::extract::Path(name): axum::extract::Path<String>,
) -> impl axum::response::IntoResponse {
    (
        [(SET_COOKIE, format!("user={name}; HttpOnly; SameSite=Strict; Path=/"))],
        Redirect::to("/chat/"),
    )
}

/// Maps the application's user to a user of the chat.
fn login(request: &Parts) -> Login {
    let cookies =
        request.headers.get(COOKIE).and_then(|cookies| cookies.to_str().ok()).unwrap_or_default();
    match cookies.split("; ").find_map(|cookie| cookie.strip_prefix("user=")) {
        Some(name) => Login::As { nickname: name.into(), account: Some(name.into()) },
        None => Login::Refused("log in first".into()),
    }
}

async fn stopped() {
    // If the process cannot listen for signals, the server stops at once.
    let _ = chat_runtime::stop_signal().await;
}
