//! The keys that verify tokens. They can be reloaded while the server runs.

use crate::auth::{AuthConfig, KeyFileError};
use async_trait::async_trait;
use chat_server::dialects::AuthRequest;
use chat_server::engine::Answer;
use chat_server::jwt::JwtAuthenticator;
use chat_server::runtime::{Authenticator, Unavailable};
use std::sync::{Arc, PoisonError, RwLock};

/// An authenticator that verifies tokens with the keys that were read last. A clone is another
/// handle to the same keys.
#[derive(Clone)]
pub(crate) struct ReloadableKeys(Arc<Shared>);

struct Shared {
    config: AuthConfig,
    current: RwLock<Arc<JwtAuthenticator>>,
}

impl ReloadableKeys {
    /// Reads the keys. Blocks while it reads the files.
    pub(crate) fn load(config: &AuthConfig) -> Result<Self, KeyFileError> {
        let current = RwLock::new(Arc::new(config.authenticator()?));
        Ok(Self(Arc::new(Shared { config: config.clone(), current })))
    }

    /// Reads the files again, and verifies further tokens with the new keys. Existing sessions stay
    /// open. On an error, the current keys stay in use.
    pub(crate) fn reload(&self) -> Result<(), KeyFileError> {
        let fresh = Arc::new(self.0.config.authenticator()?);
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
