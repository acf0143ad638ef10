//! The errors of `chat connect` and `chat send`.

use super::connection::ConnectionError;
use super::target::TargetError;
use std::io;
use std::path::PathBuf;

/// The reason for which the client failed, in one line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Target(#[from] TargetError),
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    #[error("--tls-ca needs TLS, which this address does not use; the address with TLS is {0}")]
    UnusedTrust(String),
    #[cfg(unix)]
    #[error("--tls-ca needs TLS, which a Unix socket does not use; remove it")]
    UnusedTrustOnUnix,
    #[error("cannot read the token from {}: {error}", path.display())]
    Token { path: PathBuf, error: io::Error },
    #[error("there is no token in {}", path.display())]
    NoToken { path: PathBuf },
    #[error(
        "--nickname is missing; it is optional only with --account, or with a token, in \
         --token-file or CHAT_TOKEN"
    )]
    NoName,
    #[error("cannot read the password from {from}: {error}")]
    Password { from: String, error: io::Error },
    #[error(
        "there is no password for account {0}, and no terminal to ask for it: name a file with \
         --password-file, or set CHAT_PASSWORD"
    )]
    NoPassword(String),
    #[error("no password was given")]
    Interrupted,
    #[error("cannot read the saved login: {0}")]
    SavedLogin(#[source] io::Error),
    #[error("the text contains no message")]
    NoText,
    #[error("cannot read from standard input: {0}")]
    Input(#[source] io::Error),
    #[error("cannot write to standard output: {0}")]
    Output(#[source] io::Error),
    #[error("cannot use the terminal: {0}")]
    Terminal(#[source] io::Error),
    #[error("cannot start the runtime: {0}")]
    Runtime(#[source] io::Error),
}
