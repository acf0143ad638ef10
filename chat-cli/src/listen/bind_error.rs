//! The reasons why listening fails.

use chat_server::accounts::HasherConfigError;
use chat_server::runtime::FrontEndError;

/// The reason for which a listener cannot be bound.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BindError {
    #[error(transparent)]
    FrontEnd(#[from] FrontEndError),
    #[error(
        "TLS on {0} needs a certificate and its key; name their files with --tls-cert and \
         --tls-key, or with cert and key in [tls] of the configuration file"
    )]
    NoCertificate(String),
    #[error(
        "{0} needs proxies whose PROXY headers are trusted; name their addresses with trusted in \
         [proxy] of the configuration file, as in trusted = [\"127.0.0.1\"]"
    )]
    NoProxies(String),
    #[error(
        "{0} needs gateways that may connect to it; name them with gateways in [irc] of the \
         configuration file"
    )]
    NoGateways(String),
    #[error("[irc] gateways: {0}")]
    Gateways(#[from] HasherConfigError),
    #[error(
        "the service manager has passed no socket with the name '{name}'; it has passed: {passed}"
    )]
    NoSocket { name: String, passed: String },
    #[error(
        "the socket '{name}' that the service manager has passed is {is}; write {scheme}:// for it"
    )]
    OtherSocket { name: String, is: &'static str, scheme: &'static str },
    #[error(
        "the socket '{0}' that the service manager has passed is not a listening stream socket"
    )]
    NoStreamSocket(String),
}
