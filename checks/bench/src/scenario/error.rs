//! The error of a measurement.

use crate::generator;
use crate::server::StartError;
use std::io;

/// The error of a measurement.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Load(#[from] generator::Error),
    #[error("cannot set the scheduling policy of the load generator: {0}")]
    Scheduling(#[source] thread_priority::Error),
    #[error("cannot read the resource usage of the server: {0}")]
    Usage(#[source] io::Error),
}
