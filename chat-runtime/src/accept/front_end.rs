//! Front ends, which bring connections to the engine.

use crate::engine::Hub;
use async_trait::async_trait;
use std::fmt::Display;
use std::io;
use tokio_util::sync::CancellationToken;

/// A front end accepts connections and [hands them over](Hub::serve_connection). Any number of
/// front ends run at once on one engine.
#[async_trait]
pub trait FrontEnd: Send {
    /// Serves until `stop` is cancelled, and returns when its last session is done.
    ///
    /// It does not return because a connection cannot be accepted or fails.
    async fn serve(self: Box<Self>, hub: Hub, stop: CancellationToken)
    -> Result<(), FrontEndError>;
}

#[async_trait]
impl FrontEnd for Box<dyn FrontEnd> {
    async fn serve(
        self: Box<Self>,
        hub: Hub,
        stop: CancellationToken,
    ) -> Result<(), FrontEndError> {
        (*self).serve(hub, stop).await
    }
}

/// The error of a front end that cannot go on.
#[derive(Debug, thiserror::Error)]
#[error("{context}: {source}")]
pub struct FrontEndError {
    context: String,
    source: io::Error,
}

impl FrontEndError {
    /// Makes the error from an action that failed, and its cause.
    pub fn new(context: impl Display, source: io::Error) -> Self {
        Self { context: context.to_string(), source }
    }

    /// The cause.
    pub fn kind(&self) -> io::ErrorKind {
        self.source.kind()
    }
}
