//! The reasons why a server cannot be started.

use super::kind::Kind;
use std::io;
use std::path::PathBuf;

/// Why a server could not be started.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    #[error("cannot start {program}: {error}")]
    Spawn { program: String, error: io::Error },
    #[error("cannot write the configuration of {kind}: {error}")]
    Configuration { kind: Kind, error: io::Error },
    #[error("{kind} does not listen; it says:\n{said}")]
    Silent { kind: Kind, said: String },
    #[error(
        "there is no server at {}: build it with cargo build --release -p chat-cli, or say with --chat where it is",
        .0.display()
    )]
    NotBuilt(PathBuf),
    #[error("{kind} is not installed: apt-get install {kind}")]
    NotInstalled { kind: Kind },
}
