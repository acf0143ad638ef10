//! The keys that verify tokens. They can be reloaded while the server runs.

use crate::auth::{AuthConfig, KeyFileError};
use crate::fetched_keys::fetch_keys;
use async_trait::async_trait;
use chat_server::dialects::AuthRequest;
use chat_server::engine::Answer;
use chat_server::fetch::{FetchError, Fetcher};
use chat_server::jwt::{JwtAuthenticator, RemoteKeys};
use chat_server::runtime::{Authenticator, Unavailable};
use std::sync::{Arc, PoisonError, RwLock};

/// An authenticator that verifies tokens with the keys that were read last. A clone is another
/// handle to the same keys.
#[derive(Clone)]
pub(crate) struct ReloadableKeys(Arc<Shared>);

struct Shared {
    config: AuthConfig,
    fetched: Option<RemoteKeys>,
    passwords: bool,
    current: RwLock<Arc<JwtAuthenticator>>,
}

/// The reason for which there are no keys.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeysError {
    #[error(transparent)]
    File(#[from] KeyFileError),
    #[error("[auth]: jwks: {0}")]
    Fetch(#[from] FetchError),
}

impl ReloadableKeys {
    /// Reads the keys, and starts to fetch those that have an address, on the current Tokio
    /// runtime. Blocks while it reads the files.
    pub(crate) fn load(config: &AuthConfig, passwords: bool) -> Result<Self, KeysError> {
        let fetched = match config.jwks() {
            Some((url, refresh)) => Some(fetch_keys(Fetcher::new()?, url, refresh)),
            None => None,
        };
        let current = RwLock::new(Arc::new(config.authenticator(fetched.as_ref(), passwords)?));
        Ok(Self(Arc::new(Shared { config: config.clone(), fetched, passwords, current })))
    }

    /// Reads the files again, and verifies further tokens with the new keys. Existing sessions stay
    /// open. On an error, the current keys stay in use. Keys with an address are fetched again.
    pub(crate) fn reload(&self) -> Result<(), KeyFileError> {
        self.0.fetched.iter().for_each(RemoteKeys::refresh);
        let Shared { config, fetched, passwords, .. } = &*self.0;
        let fresh = Arc::new(config.authenticator(fetched.as_ref(), *passwords)?);
        *self.0.current.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }
}

#[async_trait]
impl Authenticator for ReloadableKeys {
    async fn authenticate(&self, request: &AuthRequest) -> Result<Answer, Unavailable> {
        let current = self.0.current.read().unwrap_or_else(PoisonError::into_inner).clone();
        current.authenticate(request).await
    }
}
