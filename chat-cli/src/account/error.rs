//! The error of a command for accounts.

use crate::store::OpenError;
use chat_server::accounts::{Busy, PasswordError};
use chat_server::engine::Refusal;
use chat_server::store::StoreError;
use std::io;

/// The reason for which a command is not carried out, in one line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Place(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the store has no account {0} with a password; chat account list shows all")]
    NoAccount(String),
    #[error("{0}")]
    Refused(Refusal),
    #[error("{0}")]
    Password(#[from] PasswordError),
    #[error("cannot read the password from {from}: {error}")]
    Unreadable { from: String, error: io::Error },
    #[error("the two passwords are not the same")]
    Different,
    #[error("nothing was changed")]
    Interrupted,
    #[error("nothing was deleted: a deleted account is lost, so confirm it with --yes")]
    Unconfirmed,
    #[error("nothing was deleted")]
    NotDeleted,
    #[error("the password cannot be hashed: the system starts no thread")]
    NoThread(#[from] Busy),
    #[error("cannot start the runtime: {0}")]
    Runtime(io::Error),
    #[error("cannot write to standard output: {0}")]
    Output(io::Error),
}
