//! A login of the page with somebody else's site, such as an identity provider.

use async_trait::async_trait;
use chat_runtime::chat_core::Secret;

/// Logs users of the page in with another site, to which their browser goes and from which it comes
/// back. The server has to keep accounts ([`Config::accounts`](chat_runtime::chat_core::Config)).
///
/// The crate `chat-oidc` has an implementation for OpenID Connect.
#[async_trait]
pub trait PageLogin: Send + Sync {
    /// Returns the name of the site, for the link `Log in with NAME`.
    fn label(&self) -> &str;

    /// Returns the address of the page, with which its cookies are limited to its path, and to
    /// HTTPS if it uses that.
    fn page(&self) -> &str;

    /// Begins a login of a browser.
    ///
    /// # Errors
    ///
    /// If the site cannot be asked.
    async fn begin(&self) -> Result<BegunLogin, LoginFailure>;

    /// Ends a login. `cookie` is that of the browser that comes back, which may be another one.
    ///
    /// # Errors
    ///
    /// If the callback is not that of this browser, or the site does not confirm the login.
    async fn finish(
        &self,
        cookie: Option<Secret>,
        callback: Callback,
    ) -> Result<ConfirmedLogin, LoginFailure>;
}

/// A login that has begun.
#[derive(Clone, Debug)]
#[allow(clippy::exhaustive_structs)]
pub struct BegunLogin {
    /// The address to which the browser is sent.
    pub location: String,
    /// The content of a cookie that only this browser gets, and sends when it comes back: letters,
    /// digits, `.`, `-` and `_`.
    pub cookie: Secret,
}

/// The parameters with which a browser comes back (RFC 6749 §4.1.2). They may come from anybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs)]
pub struct Callback {
    /// The `state` of the login.
    pub state: Option<String>,
    /// The code.
    pub code: Option<Secret>,
    /// The error, instead of a code.
    pub error: Option<String>,
}

/// A user whom the site has logged in: the arguments of
/// [`HostCommand::LogIn`](chat_runtime::chat_core::HostCommand::LogIn).
#[derive(Clone, Debug)]
#[allow(clippy::exhaustive_structs)]
pub struct ConfirmedLogin {
    /// Names for a new account, the best first.
    pub names: Vec<String>,
    /// The credentials of the account, which name the person.
    pub credentials: Secret,
    /// A new session token, chosen at random.
    pub token: Secret,
}

/// The reason for which a login does not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs)]
pub struct LoginFailure {
    /// A sentence for the user. It has nothing that somebody else could have chosen.
    pub message: &'static str,
    /// True if the same may succeed later.
    pub is_temporary: bool,
}
