//! The error of a server that could not be started.

use super::kind::Kind;
use std::io;
use std::path::PathBuf;

/// The error of a server that could not be started.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    #[error("cannot start {program}: {error}")]
    Spawn { program: String, error: io::Error },
    #[error("cannot write the configuration of {kind}: {error}")]
    Configuration { kind: Kind, error: io::Error },
    #[error("{kind} does not listen; its output:\n{said}")]
    Silent { kind: Kind, said: String },
    #[error(
        "there is no server at {}: build it with cargo build --release -p chat-cli, or give its \
         path with --chat",
        .0.display()
    )]
    NotBuilt(PathBuf),
    #[error("{kind} is not installed: apt-get install {kind}")]
    NotInstalled { kind: Kind },
}
