//! The login as one of the page.

use crate::{Oidc, OidcError, OidcUser};
use async_trait::async_trait;
use chat_accounts::SessionToken;
use chat_core::Secret;
use chat_runtime::{Clock, SystemClock};
use chat_web::{BegunLogin, Callback, ConfirmedLogin, LoginFailure, PageLogin};
use tracing::info;

#[async_trait]
impl PageLogin for Oidc {
    fn label(&self) -> &str {
        &self.config().label
    }

    fn page(&self) -> &str {
        &self.config().page
    }

    async fn begin(&self) -> Result<BegunLogin, LoginFailure> {
        self.begin(SystemClock::new().now()).await.map_err(|error| failure(&error))
    }

    async fn finish(
        &self,
        cookie: Option<Secret>,
        callback: Callback,
    ) -> Result<ConfirmedLogin, LoginFailure> {
        let cookie = cookie.map(|cookie| cookie.expose().to_owned());
        let user = self.finish(cookie.as_deref(), callback, SystemClock::new().now()).await;
        let OidcUser { login, names } = user.map_err(|error| failure(&error))?;
        let token = SessionToken::random().into_secret();
        Ok(ConfirmedLogin { names, credentials: login.to_secret(), token })
    }
}

fn failure(error: &OidcError) -> LoginFailure {
    info!(%error, "a login with the identity provider did not succeed");
    LoginFailure { message: error.message(), is_temporary: error.is_unavailable() }
}
