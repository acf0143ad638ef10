//! The reasons why a check cannot be carried out.

use std::io;
use std::path::{Path, PathBuf};

/// A file that a check could not read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or directory is missing or unreadable.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file or directory.
        path: PathBuf,
        /// The reason that the system gives.
        source: io::Error,
    },
    /// A source file is not valid Rust.
    #[error("{}:{}: {source}", path.display(), source.span().start().line)]
    Rust {
        /// The source file.
        path: PathBuf,
        /// The reason that the parser gives.
        source: syn::Error,
    },
    /// A `Cargo.toml` is not valid TOML.
    #[error("{}: {source}", path.display())]
    Toml {
        /// The `Cargo.toml`.
        path: PathBuf,
        /// The reason that the parser gives.
        source: toml::de::Error,
    },
    /// A `mod name;` has no file.
    #[error("{}: no file for `mod {module};`", path.display())]
    Module {
        /// The file with the declaration.
        path: PathBuf,
        /// The name of the module.
        module: String,
    },
}

/// Reads a text file.
pub(crate) fn read(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|source| Error::Read { path: path.to_owned(), source })
}
