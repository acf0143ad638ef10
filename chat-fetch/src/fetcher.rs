//! Requests over HTTPS.

use crate::{FetchError, FetchUrl};
use bytes::Bytes;
use http::header::{ACCEPT, USER_AGENT};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// A client for small documents. A clone shares its settings.
#[derive(Clone)]
pub struct Fetcher {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    patience: Duration,
    longest: usize,
}

impl Fetcher {
    /// The default time limit for a request, from the look-up of the name to the last byte.
    pub const PATIENCE: Duration = Duration::from_secs(5);
    /// The longest answer, in bytes.
    pub const LONGEST: usize = 262_144;

    /// Makes a client that trusts the certificates that the system trusts. Blocks while it reads
    /// them.
    ///
    /// # Errors
    ///
    /// If the system has none.
    pub fn new() -> Result<Self, FetchError> {
        let found = rustls_native_certs::load_native_certs();
        let mut roots = RootCertStore::empty();
        let (added, _) = roots.add_parsable_certificates(found.certs);
        if added == 0 {
            let errors = found.errors.iter().map(ToString::to_string).collect::<Vec<_>>();
            let why = if errors.is_empty() { "there are none".into() } else { errors.join("; ") };
            return Err(FetchError::Roots(why));
        }
        Ok(Self::trusting(roots))
    }

    /// Makes a client that trusts these certificates.
    pub fn trusting(roots: RootCertStore) -> Self {
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider supports the default versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(config)
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        let client = Client::builder(TokioExecutor::new())
            // Minutes pass between requests.
            .pool_max_idle_per_host(0)
            .build(connector);
        Self { client, patience: Self::PATIENCE, longest: Self::LONGEST }
    }

    /// Sets the time limit for a request.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Fetches a JSON document.
    ///
    /// # Errors
    ///
    /// If there is no complete answer with the status 200 in time.
    pub async fn get(&self, url: &FetchUrl) -> Result<Vec<u8>, FetchError> {
        let mut request = Request::new(Vec::new());
        *request.uri_mut() = url.uri().clone();
        *request.method_mut() = Method::GET;
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
        let response = self.send(request).await?;
        if response.status() != StatusCode::OK {
            let status = response.status().as_u16();
            return Err(FetchError::Status { host: url.host().to_owned(), status });
        }
        Ok(response.into_body())
    }

    /// Sends a request, and returns the response of any status.
    ///
    /// # Errors
    ///
    /// If there is no complete response in time, or the address of the request is not a valid
    /// [`FetchUrl`].
    pub async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, FetchError> {
        let url = FetchUrl::new(request.uri().clone())?;
        let host = url.host().to_owned();
        let patience = self.patience;
        match timeout(patience, self.exchange(request, &host)).await {
            Ok(response) => response,
            Err(_) => Err(FetchError::TooSlow { host, patience }),
        }
    }

    async fn exchange(
        &self,
        request: Request<Vec<u8>>,
        host: &str,
    ) -> Result<Response<Vec<u8>>, FetchError> {
        let mut request = request.map(|body| Full::new(Bytes::from(body)));
        request.headers_mut().insert(USER_AGENT, HeaderValue::from_static(AGENT));
        let response = self.client.request(request).await;
        let response = response.map_err(|error| FetchError::Unreachable {
            host: host.to_owned(),
            cause: innermost(&error),
        })?;
        let (parts, body) = response.into_parts();
        match Limited::new(body, self.longest).collect().await {
            Ok(body) => Ok(Response::from_parts(parts, body.to_bytes().into())),
            Err(error) if error.is::<LengthLimitError>() => {
                Err(FetchError::TooLong { host: host.to_owned(), longest: self.longest })
            }
            Err(error) => {
                Err(FetchError::BrokenOff { host: host.to_owned(), cause: innermost(&*error) })
            }
        }
    }
}

impl fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client: _, patience, longest } = self;
        let mut debug = f.debug_struct("Fetcher");
        debug.field("patience", patience).field("longest", longest).finish_non_exhaustive()
    }
}

/// Returns the text of the innermost cause, which says most about a failed connection.
fn innermost(error: &dyn Error) -> String {
    let mut innermost = error;
    while let Some(cause) = innermost.source() {
        innermost = cause;
    }
    innermost.to_string()
}

const AGENT: &str = concat!("chat/", env!("CARGO_PKG_VERSION"));
