//! What brings connections to the engine.

use crate::Hub;
use async_trait::async_trait;
use std::fmt::Display;
use std::io;
use tokio_util::sync::CancellationToken;

/// A way for people to reach the chat: it accepts connections and
/// [hands them over](Hub::serve_connection). Any number of front ends run at once on one engine.
#[async_trait]
pub trait FrontEnd: Send {
    /// Serves until `stop` is cancelled, and comes back when its last session is done.
    ///
    /// A connection that cannot be accepted or that fails is never a reason to come back.
    async fn serve(self: Box<Self>, hub: Hub, stop: CancellationToken)
    -> Result<(), FrontEndError>;
}

/// Why a front end cannot go on.
#[derive(Debug, thiserror::Error)]
#[error("{context}: {source}")]
pub struct FrontEndError {
    context: String,
    source: io::Error,
}

impl FrontEndError {
    /// An error, and what was being done when it came.
    pub fn new(context: impl Display, source: io::Error) -> Self {
        Self { context: context.to_string(), source }
    }

    /// What the machine said.
    pub fn kind(&self) -> io::ErrorKind {
        self.source.kind()
    }
}
