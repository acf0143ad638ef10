//! A small issuer of OpenID Connect.

use axum::extract::{Form, RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64ct::{Base64UrlUnpadded, Encoding};
use http::StatusCode;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use p256::SecretKey;
use p256::elliptic_curve::JwkEcKey;
use p256::pkcs8::EncodePrivateKey;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;
use url::Url;

/// An issuer that logs everybody in with the claims that a test sets, and checks codes with PKCE.
#[derive(Clone)]
pub struct Issuer {
    address: SocketAddr,
    state: Arc<Mutex<Records>>,
}

struct Records {
    claims: Value,
    user_info: Value,
    /// The codes that are valid, with the challenge and the nonce of their login.
    codes: HashMap<String, (String, String)>,
    used: usize,
    fails: bool,
    signing_seed: u8,
}

impl Issuer {
    /// Starts an issuer whose user has the subject `1` and the name `ann`.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let records = Records {
            claims: json!({ "sub": "1", "name": "ann" }),
            user_info: json!({}),
            codes: HashMap::new(),
            used: 0,
            fails: false,
            signing_seed: 1,
        };
        let issuer = Self { address, state: Arc::new(Mutex::new(records)) };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(configuration))
            .route("/jwks", get(async || Json(json!({ "keys": [jwk(1), { "kty": "AKP" }] }))))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/user", get(user))
            .with_state(issuer.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        issuer
    }

    /// Returns the address by which it calls itself.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Sets the claims of further users, instead of those of a valid token.
    pub fn claims(&self, claims: Value) {
        self.records().claims = claims;
    }

    /// Sets the claims that only UserInfo has.
    pub fn user_info(&self, claims: Value) {
        self.records().user_info = claims;
    }

    /// Sets whether it answers all requests with an error.
    pub fn fails(&self, fails: bool) {
        self.records().fails = fails;
    }

    /// Signs further tokens with a key that is not among its published keys.
    pub fn sign_with_a_key_of_somebody_else(&self) {
        self.records().signing_seed = 2;
    }

    /// Returns the number of codes that were exchanged for tokens.
    pub fn codes_used(&self) -> usize {
        self.records().used
    }

    /// Logs the user of a browser in, who was sent to this address. Returns the query of the
    /// callback.
    ///
    /// # Panics
    ///
    /// If the address lacks a parameter.
    pub fn approve(&self, location: &Url) -> String {
        let parameters: HashMap<String, String> = location.query_pairs().into_owned().collect();
        let mut records = self.records();
        let code = format!("code-{}", records.codes.len() + records.used);
        let login = (parameters["code_challenge"].clone(), parameters["nonce"].clone());
        records.codes.insert(code.clone(), login);
        format!("code={code}&state={}&iss=ignored", parameters["state"])
    }

    fn records(&self) -> MutexGuard<'_, Records> {
        self.state.lock().expect("no panic")
    }
}

async fn configuration(State(issuer): State<Issuer>) -> Response {
    if issuer.records().fails {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let url = issuer.url();
    Json(json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "userinfo_endpoint": format!("{url}/user"),
        "jwks_uri": format!("{url}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
    }))
    .into_response()
}

/// Logs the user in without a question, and sends the browser back.
async fn authorize(State(issuer): State<Issuer>, RawQuery(query): RawQuery) -> Redirect {
    let location: Url =
        format!("{}/authorize?{}", issuer.url(), query.unwrap_or_default()).parse().expect("a URL");
    let back = location.query_pairs().find(|(name, _)| name == "redirect_uri");
    let (_, back) = back.expect("an address to return to");
    Redirect::to(&format!("{back}?{}", issuer.approve(&location)))
}

/// Exchanges a code, once, for an ID token (RFC 6749 §4.1.3, RFC 7636 §4.6).
async fn token(
    State(issuer): State<Issuer>,
    Form(parameters): Form<HashMap<String, String>>,
) -> Response {
    let url = issuer.url();
    let mut records = issuer.records();
    if records.fails {
        return (StatusCode::SERVICE_UNAVAILABLE, "<html>").into_response();
    }
    let login = records.codes.remove(&parameters["code"]);
    let challenge = Base64UrlUnpadded::encode_string(&Sha256::digest(&parameters["code_verifier"]));
    let Some((_, nonce)) = login.filter(|(expected, _)| *expected == challenge) else {
        let error = Json(json!({ "error": "invalid_grant" }));
        return (StatusCode::BAD_REQUEST, error).into_response();
    };
    records.used += 1;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_secs();
    let mut claims =
        json!({ "iss": url, "aud": "chat", "iat": now, "exp": now + 60, "nonce": nonce });
    let fields = claims.as_object_mut().expect("an object");
    for (name, value) in records.claims.as_object().expect("an object") {
        fields.insert(name.clone(), value.clone());
    }
    let header = Header { kid: Some("1".to_owned()), ..Header::new(Algorithm::ES256) };
    let der = key(records.signing_seed).to_pkcs8_der().expect("DER");
    let id_token = encode(&header, &claims, &EncodingKey::from_ec_der(der.as_bytes()));
    Json(json!({
        "access_token": "access",
        "token_type": "Bearer",
        "id_token": id_token.expect("a token"),
    }))
    .into_response()
}

async fn user(State(issuer): State<Issuer>) -> Json<Value> {
    Json(issuer.records().user_info.clone())
}

fn key(seed: u8) -> SecretKey {
    SecretKey::from_slice(&[seed; 32]).expect("a key")
}

fn jwk(seed: u8) -> Value {
    let mut jwk = serde_json::to_value(JwkEcKey::from(key(seed).public_key())).expect("JSON");
    jwk["kid"] = seed.to_string().into();
    jwk["use"] = "sig".into();
    jwk
}
