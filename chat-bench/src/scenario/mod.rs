//! What servers are made to do.

mod fanout;

pub(crate) use fanout::{Fanout, Throughput};

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
    #[error("cannot read what the server has used: {0}")]
    Usage(#[source] io::Error),
}
