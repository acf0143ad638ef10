//! The option that names the file of a store.

use crate::store::{OpenError, default_file};
use std::path::PathBuf;

/// The file of the store.
#[derive(Debug, clap::Args)]
pub(crate) struct StoreFile {
    /// The file of the store [default: that of `chat serve`, chat.db in $STATE_DIRECTORY, or in
    /// $XDG_STATE_HOME/chat, which is mostly ~/.local/state/chat].
    #[arg(long = "store", value_name = "FILE")]
    pub(crate) path: Option<PathBuf>,
}

impl StoreFile {
    pub(crate) fn path(self) -> Result<PathBuf, OpenError> {
        self.path.map_or_else(default_file, Ok)
    }
}
