//! The settings of a login with a provider.

use crate::OidcError;
use chat_core::Secret;
use chat_fetch::FetchUrl;
use openidconnect::{IssuerUrl, RedirectUrl};

/// The provider, and what it knows of this server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OidcConfig {
    /// The provider's issuer, as in its configuration: an address with `https://`.
    pub issuer: String,
    /// The name under which this server is registered with the provider.
    pub client_id: String,
    /// The secret of a confidential client.
    pub client_secret: Option<Secret>,
    /// The address of the page, which ends with `/`. The provider sends users back to
    /// `auth/callback` below it, which has to be registered with the provider.
    pub page: String,
    /// The name of the provider, for the page.
    pub label: String,
    /// The scopes besides `openid`. `profile`, which has the names.
    pub scopes: Vec<String>,
    /// The claims that the name of a new account is taken from, in order of preference.
    pub name_claims: Vec<String>,
}

impl OidcConfig {
    /// The default claims for the name of an account.
    pub const NAME_CLAIMS: [&str; 3] = ["preferred_username", "nickname", "name"];

    /// Makes a configuration of a public client with the default claims.
    pub fn new(
        issuer: impl Into<String>,
        client_id: impl Into<String>,
        page: impl Into<String>,
    ) -> Self {
        Self {
            issuer: issuer.into(),
            client_id: client_id.into(),
            client_secret: None,
            page: page.into(),
            label: "OpenID".to_owned(),
            scopes: vec!["profile".to_owned()],
            name_claims: Self::NAME_CLAIMS.map(str::to_owned).to_vec(),
        }
    }

    /// Checks the addresses.
    ///
    /// # Errors
    ///
    /// If one is not valid.
    pub fn check(&self) -> Result<(), OidcError> {
        self.addresses().map(drop)
    }

    /// Returns the issuer, and the address to which it sends browsers back.
    pub(crate) fn addresses(&self) -> Result<(IssuerUrl, RedirectUrl), OidcError> {
        let checked = |name: &str, url: &str| match url.parse::<FetchUrl>() {
            Ok(_) => Ok(url.to_owned()),
            Err(error) => Err(OidcError::Config(format!("{name}: {error}"))),
        };
        let invalid = |name: &str| OidcError::Config(format!("{name}: it is not a URL"));
        let issuer = IssuerUrl::new(checked("issuer", &self.issuer)?);
        let issuer = issuer.map_err(|_| invalid("issuer"))?;
        let page = checked("page", &self.page)?;
        if !page.ends_with('/') || page.contains(['?', '#']) {
            return Err(OidcError::Config("page: the address has to end with /".to_owned()));
        }
        let redirect = RedirectUrl::new(format!("{page}auth/callback"));
        Ok((issuer, redirect.map_err(|_| invalid("page"))?))
    }
}
