//! The reasons for which a document cannot be fetched.

use std::time::Duration;

/// The reason for which a document cannot be fetched. It has no part of the document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The address is not a URL.
    #[error("it is not a URL such as https://login.example.org/jwks.json")]
    Url,
    /// The address is neither HTTPS nor on this machine.
    #[error(
        "it has to begin with https://; http:// is possible for 127.0.0.1, [::1] and localhost"
    )]
    NotHttps,
    /// The system has no certificates to trust.
    #[error("the system's trusted certificates cannot be read: {0}")]
    Roots(String),
    /// The server cannot be reached, its certificate is not valid, or it does not speak HTTP.
    #[error("{host} cannot be reached: {cause}")]
    Unreachable {
        /// The name or address, with the port if there is one.
        host: String,
        /// The innermost cause.
        cause: String,
    },
    /// The server has broken the connection off.
    #[error("the answer of {host} broke off: {cause}")]
    BrokenOff {
        /// The name or address, with the port if there is one.
        host: String,
        /// The innermost cause.
        cause: String,
    },
    /// The server has answered with another status than 200.
    #[error("{host} answers with the status {status}")]
    Status {
        /// The name or address, with the port if there is one.
        host: String,
        /// The status.
        status: u16,
    },
    /// The answer is too long.
    #[error("the answer of {host} is longer than {longest} bytes")]
    TooLong {
        /// The name or address, with the port if there is one.
        host: String,
        /// The longest answer that is read.
        longest: usize,
    },
    /// There was no complete answer in time.
    #[error("{host} did not answer within {patience:?}")]
    TooSlow {
        /// The name or address, with the port if there is one.
        host: String,
        /// The time limit.
        patience: Duration,
    },
}
