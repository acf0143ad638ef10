//! The login of a user with a provider.

use crate::login_flow::LoginFlow;
use crate::provider::Provider;
use crate::{OidcConfig, OidcError};
use base64ct::{Base64UrlUnpadded, Encoding};
use chat_accounts::ExternalLogin;
use chat_core::{Timestamp, TokenDigest};
use chat_fetch::Fetcher;
use chat_web::{BegunLogin, Callback};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreJwsSigningAlgorithm, CoreProviderMetadata,
    CoreTokenResponse, CoreUserInfoClaims,
};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, Nonce, OAuth2TokenResponse, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, SignatureVerificationError,
    TokenResponse,
};
use serde_json::{Map, Value};
use std::fmt;

/// Logs users in with a provider.
pub struct Oidc {
    config: OidcConfig,
    provider: Provider,
    redirect: RedirectUrl,
}

/// A user whom the provider has logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OidcUser {
    /// The credentials of the account.
    pub login: ExternalLogin,
    /// Names for a new account, the best first. The last one is always free.
    pub names: Vec<String>,
}

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

impl Oidc {
    /// The time within which a login has to end.
    pub const PATIENCE: std::time::Duration = LoginFlow::PATIENCE;

    /// Prepares logins. The provider is asked when the first user logs in.
    ///
    /// # Errors
    ///
    /// If an address in the configuration is not valid.
    pub fn new(config: OidcConfig, fetcher: Fetcher) -> Result<Self, OidcError> {
        let (issuer, redirect) = config.addresses()?;
        Ok(Self { config, provider: Provider::new(fetcher, issuer), redirect })
    }

    /// Returns the configuration.
    pub fn config(&self) -> &OidcConfig {
        &self.config
    }

    /// Begins a login of a browser.
    ///
    /// # Errors
    ///
    /// If the provider cannot be asked.
    pub async fn begin(&self, now: Timestamp) -> Result<BegunLogin, OidcError> {
        let client = self.client(&*self.provider.metadata().await?);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let request = client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
        let scopes = self.config.scopes.iter().cloned().map(Scope::new);
        let (url, state, nonce) = request.add_scopes(scopes).set_pkce_challenge(challenge).url();
        let flow = LoginFlow {
            begun: now,
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
        };
        Ok(BegunLogin { location: url.into(), cookie: flow.to_cookie() })
    }

    /// Ends a login: checks that the callback belongs to the cookie of this browser, exchanges its
    /// code for an ID token, and verifies that.
    ///
    /// # Errors
    ///
    /// If the callback is not that of a login of this browser, the login has taken too long, or the
    /// provider does not confirm it.
    pub async fn finish(
        &self,
        cookie: Option<&str>,
        callback: Callback,
        now: Timestamp,
    ) -> Result<OidcUser, OidcError> {
        let flow = LoginFlow::of(cookie, &callback, now)?;
        if let Some(error) = callback.error {
            let known =
                error.len() <= 64 && error.bytes().all(|c| c == b'_' || c.is_ascii_lowercase());
            return Err(OidcError::Refused(if known { error } else { "(unknown)".to_owned() }));
        }
        let code = callback.code.ok_or(OidcError::OtherLogin)?;
        let code = AuthorizationCode::new(code.expose().to_owned());
        let metadata = self.provider.metadata().await?;
        let client = self.client(&metadata);
        let tokens = self.exchange(&client, code, flow.verifier).await?;
        let id_token = tokens.id_token().ok_or_else(|| invalid(&"there is none"))?;
        let nonce = Nonce::new(flow.nonce);
        let subject = match self.subject(&client, &tokens, id_token, &nonce) {
            Err(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey,
            )) => {
                // The provider may have a new key.
                let client = self.client(&*self.provider.renewed().await?);
                self.subject(&client, &tokens, id_token, &nonce)
            }
            subject => subject,
        };
        let subject = subject.map_err(|error| invalid(&error))?;
        let mut claims = claims(id_token);
        if !self.config.name_claims.iter().any(|name| claims.contains_key(name)) {
            claims = self.user_info(&client, &tokens, &subject).await.unwrap_or_default();
        }
        let login = ExternalLogin { issuer: self.config.issuer.clone(), subject };
        let names = names(&self.config.name_claims, &claims, &login);
        Ok(OidcUser { login, names })
    }

    fn client(&self, metadata: &CoreProviderMetadata) -> Client {
        let id = ClientId::new(self.config.client_id.clone());
        let secret = self.config.client_secret.as_ref();
        let secret = secret.map(|secret| ClientSecret::new(secret.expose().to_owned()));
        CoreClient::from_provider_metadata(metadata.clone(), id, secret)
            .set_redirect_uri(self.redirect.clone())
    }

    async fn exchange(
        &self,
        client: &Client,
        code: AuthorizationCode,
        verifier: String,
    ) -> Result<CoreTokenResponse, OidcError> {
        let request = client.exchange_code(code);
        let request = request.map_err(|error| OidcError::Unavailable(error.to_string()))?;
        let answer = request.set_pkce_verifier(PkceCodeVerifier::new(verifier));
        match answer.request_async(self.provider.client()).await {
            Ok(tokens) => Ok(tokens),
            Err(RequestTokenError::ServerResponse(refused)) => {
                Err(OidcError::Code(refused.error().to_string()))
            }
            Err(RequestTokenError::Request(error)) => {
                Err(OidcError::Unavailable(error.to_string()))
            }
            // The texts of these errors could show a part of a token.
            Err(RequestTokenError::Parse(..) | RequestTokenError::Other(_)) => {
                Err(OidcError::Unavailable("its answer is not valid".to_owned()))
            }
        }
    }

    /// Verifies an ID token (OpenID Connect Core §3.1.3.7). Returns its `sub`.
    fn subject(
        &self,
        client: &Client,
        tokens: &CoreTokenResponse,
        id_token: &CoreIdToken,
        nonce: &Nonce,
    ) -> Result<String, ClaimsVerificationError> {
        let other = |error: &dyn fmt::Display| ClaimsVerificationError::Other(error.to_string());
        let verifier = client.id_token_verifier().set_allowed_algs([
            CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
            CoreJwsSigningAlgorithm::EcdsaP256Sha256,
            CoreJwsSigningAlgorithm::EdDsa,
        ]);
        let claims = id_token.claims(&verifier, nonce)?;
        if let Some(expected) = claims.access_token_hash() {
            let algorithm = id_token.signing_alg().map_err(|error| other(&error))?;
            let key = id_token.signing_key(&verifier).map_err(|error| other(&error))?;
            let token = tokens.access_token();
            let found = AccessTokenHash::from_token(token, algorithm, key);
            if found.map_err(|error| other(&error))? != *expected {
                return Err(other(&"the access token is that of somebody else"));
            }
        }
        let subject = claims.subject().as_str();
        let is_valid = !subject.is_empty() && subject.len() <= LONGEST_SUBJECT;
        if is_valid { Ok(subject.to_owned()) } else { Err(other(&"its sub is not valid")) }
    }

    /// Asks the provider for claims that are not in the ID token.
    async fn user_info(
        &self,
        client: &Client,
        tokens: &CoreTokenResponse,
        subject: &str,
    ) -> Option<Map<String, Value>> {
        let subject = openidconnect::SubjectIdentifier::new(subject.to_owned());
        let request = client.user_info(tokens.access_token().clone(), Some(subject)).ok()?;
        let found: CoreUserInfoClaims = request.request_async(self.provider.client()).await.ok()?;
        match serde_json::to_value(found).ok()? {
            Value::Object(claims) => Some(claims),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => None,
        }
    }
}

impl fmt::Debug for Oidc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Oidc").field("config", &self.config).finish_non_exhaustive()
    }
}

fn invalid(why: &dyn fmt::Display) -> OidcError {
    OidcError::IdToken(why.to_string())
}

/// Returns all claims of an ID token that has been verified.
fn claims(id_token: &CoreIdToken) -> Map<String, Value> {
    let token = id_token.to_string();
    let payload = token.split('.').nth(1).and_then(|part| Base64UrlUnpadded::decode_vec(part).ok());
    payload.and_then(|payload| serde_json::from_slice(&payload).ok()).unwrap_or_default()
}

/// Returns names for an account: those of the claims, then the first of them with a number, and at
/// last one that nobody else has.
fn names(wanted: &[String], claims: &Map<String, Value>, login: &ExternalLogin) -> Vec<String> {
    let claims = wanted.iter().filter_map(|name| claims.get(name)?.as_str());
    let mut names = Vec::new();
    for claim in claims.take(MOST_CLAIMS).filter(|claim| claim.len() <= LONGEST_NAME) {
        // An address cannot be a name, and the part before its @ mostly can.
        let name = claim.split('@').next().unwrap_or_default().trim();
        if !name.is_empty() {
            names.push(name.to_owned());
            if name.contains(char::is_whitespace) {
                names.push(name.split_whitespace().collect::<Vec<_>>().join("_"));
            }
        }
    }
    let first = names.iter().find(|name| !name.contains(char::is_whitespace)).cloned();
    names.extend(
        first.iter().flat_map(|first| (2..10).map(move |number| format!("{first}{number}"))),
    );
    names.push(format!("member-{}", TokenDigest::of(&login.to_secret()).id()));
    names
}

/// The longest `sub` (OpenID Connect Core §2).
const LONGEST_SUBJECT: usize = 255;
/// Claims beyond it are not looked at, so that the list has a place for the last name.
const MOST_CLAIMS: usize = 8;
const LONGEST_NAME: usize = 256;
