//! Logins of a page with a small issuer on this machine.

use axum::Router;
use axum::body::Body;
use chat_core::{Config, Secret};
use chat_fetch::Fetcher;
use chat_oidc::{Oidc, OidcConfig};
use chat_runtime::{Running, Server};
use chat_tests::Issuer;
use chat_web::ChatWeb;
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use serde_json::json;
use std::sync::Arc;
use tokio_rustls::rustls::RootCertStore;
use tower::ServiceExt;
use url::Url;

/// A chat whose page logs its users in with an issuer.
struct Chat {
    router: Router,
    server: Running,
}

/// A login that has begun in a browser.
struct Begun {
    /// The address of the issuer.
    location: Url,
    /// The cookie of the browser.
    cookie: String,
}

#[tokio::test]
async fn user_is_logged_in_with_the_name_of_the_claims() {
    let issuer = Issuer::start().await;
    let chat = Chat::of(&issuer);
    issuer.claims(json!({ "sub": "1", "preferred_username": "ann", "name": "Ann B" }));
    let begun = chat.begin().await;
    assert_eq!(begun.parameter("response_type"), "code");
    assert_eq!(begun.parameter("client_id"), "chat");
    assert_eq!(begun.parameter("scope"), "openid profile");
    assert_eq!(begun.parameter("code_challenge_method"), "S256");
    assert_eq!(begun.parameter("redirect_uri"), "http://127.0.0.1/chat/auth/callback");
    let response = chat.callback(&begun.cookie, &issuer.approve(&begun.location)).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(response.headers()[LOCATION], "../#logged-in");
    assert_eq!(chat.account(&response).await.as_deref(), Some("ann"));
    let cookies = cookies(&response);
    let session = cookies.iter().find(|one| one.starts_with("chat_session=")).expect("a cookie");
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/chat/", "Max-Age=7776000"] {
        assert!(session.contains(attribute), "{session}");
    }
    assert!(cookies.iter().any(|one| one.starts_with("chat_login=;") && one.contains("Max-Age=0")));
}

#[tokio::test]
async fn account_is_that_of_the_subject_whatever_the_names_are() {
    let issuer = Issuer::start().await;
    let chat = Chat::of(&issuer);
    issuer.claims(json!({ "sub": "1", "preferred_username": "ann" }));
    assert_eq!(chat.log_in(&issuer).await.as_deref(), Some("ann"));
    // The user has another name now, and somebody else has the old one.
    issuer.claims(json!({ "sub": "1", "preferred_username": "anna" }));
    assert_eq!(chat.log_in(&issuer).await.as_deref(), Some("ann"));
    issuer.claims(json!({ "sub": "2", "preferred_username": "Ann" }));
    assert_eq!(chat.log_in(&issuer).await.as_deref(), Some("Ann2"));
    issuer.claims(json!({ "sub": "3", "email": "eve@example.org" }));
    let member = chat.log_in(&issuer).await.expect("an account");
    assert!(member.starts_with("member-"), "{member}");
    // An ID token without names: the issuer has them at another place.
    issuer.user_info(json!({ "sub": "4", "preferred_username": "four" }));
    issuer.claims(json!({ "sub": "4" }));
    assert_eq!(chat.log_in(&issuer).await.as_deref(), Some("four"));
}

#[tokio::test]
async fn callback_counts_once_and_in_its_own_browser() {
    let issuer = Issuer::start().await;
    let chat = Chat::of(&issuer);
    let (one, other) = (chat.begin().await, chat.begin().await);
    let query = issuer.approve(&one.location);
    let not_begun = "This login was not begun in this browser";
    chat.refused(&other.cookie, &query, not_begun).await;
    chat.refused("", &query, not_begun).await;
    chat.refused("chat_login=x", &query, not_begun).await;
    let state = one.parameter("state");
    for (query, said) in [
        (String::new(), not_begun),
        ("state=&code=x".to_owned(), not_begun),
        (query.replace(&state, &other.parameter("state")), not_begun),
        (format!("state={state}"), not_begun),
        (format!("state={state}&error=access_denied"), "The login was refused or cancelled."),
        (format!("state={state}&error=%3Cscript%3E"), "The login was refused or cancelled."),
        (format!("state={state}&code=invented"), "The login is over already."),
        (format!("{query}&code=x"), "This is not the answer of a login."),
        (format!("state={state}&code={}", "x".repeat(5_000)), "This is not the answer of a login."),
    ] {
        chat.refused(&one.cookie, &query, said).await;
    }
    assert_eq!(issuer.codes_used(), 0);
    let response = chat.callback(&one.cookie, &query).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    // A browser that has kept the cookie: the issuer does not accept the code again.
    chat.refused(&one.cookie, &query, "The login is over already.").await;
}

#[tokio::test]
async fn id_token_that_is_not_valid_is_refused() {
    let issuer = Issuer::start().await;
    let chat = Chat::of(&issuer);
    let invalid = "The login has sent an answer that is not valid.";
    for claims in [
        json!({ "sub": "1", "nonce": "of-another-login-that-somebody-has-stolen" }),
        json!({ "sub": "1", "nonce": null }),
        json!({ "sub": "1", "aud": "another-client" }),
        json!({ "sub": "1", "iss": "https://login.example.org" }),
        json!({ "sub": "1", "exp": 1_000 }),
        json!({ "sub": "" }),
        json!({ "sub": "x".repeat(256) }),
    ] {
        issuer.claims(claims.clone());
        let begun = chat.begin().await;
        let query = issuer.approve(&begun.location);
        chat.refused(&begun.cookie, &query, invalid).await;
    }
    issuer.claims(json!({ "sub": "1", "preferred_username": "ann" }));
    issuer.sign_with_a_key_of_somebody_else();
    let begun = chat.begin().await;
    chat.refused(&begun.cookie, &issuer.approve(&begun.location), invalid).await;
}

#[tokio::test]
async fn issuer_that_is_away_is_asked_again_later() {
    let issuer = Issuer::start().await;
    let chat = Chat::of(&issuer);
    issuer.fails(true);
    let response = chat.get("/auth/login", "").await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(
        text(response).await,
        "The login cannot be reached at the moment. \
        Try again in a minute.\n"
    );
    // A login that has begun before.
    let chat = Chat::of(&issuer);
    issuer.fails(false);
    let begun = chat.begin().await;
    let query = issuer.approve(&begun.location);
    issuer.fails(true);
    let response = chat.callback(&begun.cookie, &query).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn page_is_told_of_the_login() {
    let issuer = Issuer::start().await;
    let chat = Chat::of(&issuer);
    assert_eq!(text(chat.get("/auth", "").await).await, r#"{"label":"Example"}"#);
    let without = ChatWeb::new(chat.server.hub().clone()).router();
    let chat = Chat { router: without, ..chat };
    assert_eq!(text(chat.get("/auth", "").await).await, r#"{"label":null}"#);
    assert_eq!(chat.get("/auth/login", "").await.status(), StatusCode::NOT_FOUND);
}

#[test]
fn addresses_in_the_configuration_are_checked() {
    for (issuer, page, said) in [
        ("http://login.example.org", "https://chat.example.org/", "issuer: it has to begin with"),
        ("login.example.org", "https://chat.example.org/", "issuer: it is not a URL"),
        ("https://login.example.org", "http://chat.example.org/", "page: it has to begin with"),
        ("https://login.example.org", "https://chat.example.org", "has to end with /"),
        ("https://login.example.org", "https://chat.example.org/?a/", "has to end with /"),
    ] {
        let fetcher = Fetcher::trusting(RootCertStore::empty());
        let refused = Oidc::new(OidcConfig::new(issuer, "chat", page), fetcher);
        let said_here = refused.expect_err("an error").to_string();
        assert!(said_here.contains(said), "{said_here}");
    }
}

impl Chat {
    fn of(issuer: &Issuer) -> Self {
        let mut config = OidcConfig::new(issuer.url(), "chat", "http://127.0.0.1/chat/");
        config.label = "Example".to_owned();
        config.client_secret = Some(Secret::new("hush"));
        let fetcher = Fetcher::trusting(RootCertStore::empty());
        let oidc = Oidc::new(config, fetcher).expect("a valid configuration");
        let server = Server::new().config(Config { accounts: true, ..Config::default() }).start();
        let router = ChatWeb::new(server.hub().clone()).page_login(Arc::new(oidc)).router();
        Self { router, server }
    }

    async fn get(&self, path: &str, cookie: &str) -> Response<Body> {
        let request = Request::get(path).header(COOKIE, cookie).body(Body::empty());
        let response = self.router.clone().oneshot(request.expect("a request")).await;
        response.expect("a router does not fail")
    }

    async fn begin(&self) -> Begun {
        let response = self.get("/auth/login", "").await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        let location = response.headers()[LOCATION].to_str().expect("a text");
        let location = location.parse().expect("a URL");
        let [cookie] = &cookies(&response)[..] else { panic!("one cookie") };
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
        let cookie = cookie.split(';').next().expect("a pair").to_owned();
        Begun { location, cookie }
    }

    async fn callback(&self, cookie: &str, query: &str) -> Response<Body> {
        self.get(&format!("/auth/callback?{query}"), cookie).await
    }

    async fn refused(&self, cookie: &str, query: &str, said: &str) {
        let response = self.callback(cookie, query).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{query}");
        assert!(cookies(&response).iter().all(|one| !one.starts_with("chat_session")));
        let text = text(response).await;
        assert!(text.starts_with(said), "{query}: {text}");
    }

    /// Logs a user in. Returns the account.
    async fn log_in(&self, issuer: &Issuer) -> Option<String> {
        let begun = self.begin().await;
        self.account(&self.callback(&begun.cookie, &issuer.approve(&begun.location)).await).await
    }

    /// Returns the account of the session token that a response sets.
    async fn account(&self, response: &Response<Body>) -> Option<String> {
        let cookies = cookies(response);
        let token = cookies.iter().find_map(|one| one.strip_prefix("chat_session="))?;
        let token = Secret::new(token.split(';').next()?);
        let look = move |view: chat_core::View<'_>| {
            view.account_of_token(&token).map(|account| account.to_string())
        };
        self.server.hub().look(look).await.expect("a running server")
    }
}

impl Begun {
    fn parameter(&self, name: &str) -> String {
        let found = self.location.query_pairs().find(|(one, _)| one == name);
        found.unwrap_or_else(|| panic!("{name}")).1.into_owned()
    }
}

fn cookies(response: &Response<Body>) -> Vec<String> {
    let cookies = response.headers().get_all(SET_COOKIE).iter();
    cookies.map(|one| one.to_str().expect("a text").to_owned()).collect()
}

async fn text(response: Response<Body>) -> String {
    let bytes = response.into_body().collect().await.expect("a body").to_bytes();
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}
