//! The errors of `chat connect` and `chat send`.

use super::connection::ConnectionError;
use super::target::TargetError;
use std::io;
use std::path::PathBuf;

/// What went wrong, in one line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Target(#[from] TargetError),
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    #[error("--tls-ca is for TLS, and there is none at this address; with TLS it is {0}")]
    UnusedTrust(String),
    #[cfg(unix)]
    #[error("--tls-ca is for TLS, and there is none on a Unix socket; leave it out")]
    UnusedTrustOnUnix,
    #[error("cannot read the token from {}: {error}", path.display())]
    Token { path: PathBuf, error: io::Error },
    #[error("there is no token in {}", path.display())]
    NoToken { path: PathBuf },
    #[error(
        "--nickname is missing; only who has a token, in --token-file or CHAT_TOKEN, need not give a name"
    )]
    NoName,
    #[error("there is nothing to say in this text")]
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
