//! The provider's configuration and keys.

use crate::OidcError;
use chat_fetch::{FetchError, FetchUrl, Fetcher};
use openidconnect::core::CoreProviderMetadata;
use openidconnect::{AsyncHttpClient, DiscoveryError, HttpRequest, HttpResponse, IssuerUrl};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tracing::{info, warn};

/// The provider, whose configuration is fetched when it is needed, and then again from time to
/// time.
pub(crate) struct Provider {
    client: Client,
    issuer: IssuerUrl,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    metadata: Option<Arc<CoreProviderMetadata>>,
    /// The last attempt, and its failure if it failed.
    last: Option<(Instant, Option<String>)>,
}

impl Provider {
    pub(crate) fn new(fetcher: Fetcher, issuer: IssuerUrl) -> Self {
        Self { client: Client(fetcher), issuer, known: Mutex::default() }
    }

    /// Returns the client for requests to the provider.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Returns the configuration, which may be a few minutes old.
    pub(crate) async fn metadata(&self) -> Result<Arc<CoreProviderMetadata>, OidcError> {
        self.no_older_than(REFRESH).await
    }

    /// Returns the configuration with keys that are new, if they were not fetched a moment ago.
    pub(crate) async fn renewed(&self) -> Result<Arc<CoreProviderMetadata>, OidcError> {
        self.no_older_than(PAUSE).await
    }

    /// Many may wait for one fetch. After a failure the old configuration is good enough, and the
    /// next attempt has to wait.
    async fn no_older_than(&self, age: Duration) -> Result<Arc<CoreProviderMetadata>, OidcError> {
        let mut known = self.known.lock().await;
        let wait = match &known.last {
            Some((_, Some(_))) => PAUSE,
            Some((_, None)) => age,
            None => Duration::ZERO,
        };
        if known.last.as_ref().is_none_or(|(last, _)| last.elapsed() >= wait) {
            let was_failing = matches!(known.last, Some((_, Some(_))));
            let fetched = self.fetch().await;
            let failure = fetched.as_ref().err().cloned();
            match (&fetched, &failure) {
                (_, Some(why)) if !was_failing => {
                    warn!(issuer = %self.issuer.as_str(), %why, "the identity provider has failed");
                }
                (Ok(_), None) if was_failing => {
                    info!(issuer = %self.issuer.as_str(), "the identity provider is back");
                }
                _ => {}
            }
            known.last = Some((Instant::now(), failure));
            if let Ok(metadata) = fetched {
                known.metadata = Some(Arc::new(metadata));
            }
        }
        let why = || match &known.last {
            Some((_, Some(why))) => why.clone(),
            Some((_, None)) | None => String::new(),
        };
        known.metadata.clone().ok_or_else(|| OidcError::Unavailable(why()))
    }

    async fn fetch(&self) -> Result<CoreProviderMetadata, String> {
        let found = CoreProviderMetadata::discover_async(self.issuer.clone(), &self.client).await;
        let metadata = found.map_err(|error| {
            let failed =
                if let DiscoveryError::Request(error) = &error { Some(error) } else { None };
            failed.map_or_else(|| error.to_string(), ToString::to_string)
        })?;
        // A browser is sent there, and secrets go with it.
        let endpoint = metadata.authorization_endpoint().as_str();
        if endpoint.parse::<FetchUrl>().is_err() {
            return Err("its authorization endpoint does not begin with https://".to_owned());
        }
        Ok(metadata)
    }
}

/// The client as the library needs it.
pub(crate) struct Client(Fetcher);

impl<'c> AsyncHttpClient<'c> for Client {
    type Error = FetchError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, FetchError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.0.send(request))
    }
}

/// The time after which the configuration is fetched again.
const REFRESH: Duration = Duration::from_secs(15 * 60);
/// The time after a failure before the next attempt, and between fetches for unknown keys.
const PAUSE: Duration = Duration::from_secs(10);
