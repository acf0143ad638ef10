//! The reasons for which a login does not succeed.

/// The reason for which a login does not succeed. `Display` is for the log;
/// [`message`](Self::message) is for the user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OidcError {
    /// The configuration cannot be used.
    #[error("{0}")]
    Config(String),
    /// The provider cannot be asked at the moment.
    #[error("the identity provider cannot be asked: {0}")]
    Unavailable(String),
    /// The browser has not begun a login, or the callback is that of another one.
    #[error("the callback does not belong to a login of this browser")]
    OtherLogin,
    /// The login has taken too long.
    #[error("the login has expired")]
    Expired,
    /// The provider has refused the login, for instance because its user did.
    #[error("the identity provider answers with the error {0}")]
    Refused(String),
    /// The provider does not accept the code.
    #[error("the identity provider does not accept the code: {0}")]
    Code(String),
    /// The ID token is missing or not valid.
    #[error("the ID token is not valid: {0}")]
    IdToken(String),
}

impl OidcError {
    /// Returns the message for the user. It has nothing that somebody else could have chosen.
    pub fn message(&self) -> &'static str {
        match self {
            Self::Config(_) => "The login is not configured correctly. Tell the operator.",
            Self::Unavailable(_) => {
                "The login cannot be reached at the moment. Try again in a minute."
            }
            Self::OtherLogin => {
                "This login was not begun in this browser, or is over already. Log in again."
            }
            Self::Expired => "The login has taken too long. Log in again.",
            Self::Refused(_) => "The login was refused or cancelled. Log in again.",
            Self::Code(_) => "The login is over already. Log in again.",
            Self::IdToken(_) => "The login has sent an answer that is not valid. Log in again.",
        }
    }

    /// Returns true if the provider is the cause, and not the browser.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Config(_))
    }
}
