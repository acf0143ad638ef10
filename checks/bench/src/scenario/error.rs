//! The reasons why a scenario cannot be measured.

use crate::generator;
use crate::server::StartError;
use std::io;

/// Why something could not be measured.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Load(#[from] generator::Error),
    #[error("cannot give way to the server: {0}")]
    GiveWay(#[source] thread_priority::Error),
    #[error("cannot read what the server has used: {0}")]
    Usage(#[source] io::Error),
}
