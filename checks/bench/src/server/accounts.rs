//! This server with accounts, started again and again with the same store.

use super::{Kind, OwnedProcess, Programs, Server, StartError};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};
use tempfile::TempDir;

/// This server with JSON over TCP, accounts, and a store that outlasts a loss of power.
#[derive(Debug)]
pub(crate) struct AccountServer {
    program: PathBuf,
    /// The directory of the store that all servers begin with.
    store: TempDir,
}

impl AccountServer {
    /// Finds the program. The store is empty.
    pub(crate) fn new(programs: &Programs) -> Result<Self, StartError> {
        let program = programs.of(Kind::Json)?;
        Ok(Self { program, store: TempDir::new().map_err(failed)? })
    }

    /// Starts a server that changes the store with which all later ones begin. It must have ended
    /// before the next one starts.
    pub(crate) fn prepare(&self) -> Result<Server, StartError> {
        self.start_on(self.store.path())
    }

    /// Starts a server with a copy of the store.
    pub(crate) fn start(&self) -> Result<Server, StartError> {
        let own = TempDir::new().map_err(failed)?;
        copy_files(self.store.path(), own.path()).map_err(failed)?;
        let server = self.start_on(own.path())?;
        Ok(Server { _store: Some(own), ..server })
    }

    fn start_on(&self, store: &Path) -> Result<Server, StartError> {
        let directory = TempDir::new().map_err(failed)?;
        let config = directory.path().join("chat.toml");
        fs::write(&config, CONFIG).map_err(failed)?;
        let mut command = Command::new(&self.program);
        command.arg("serve").arg("--config").arg(config);
        command.arg("--store").arg(store.join("chat.db"));
        command.args(["--listen", "tcp+json://127.0.0.1:0"]).env("RUST_LOG", "warn");
        OwnedProcess::spawn(command, directory)?.announced(Kind::Json)
    }
}

fn copy_files(from: &Path, to: &Path) -> io::Result<()> {
    for file in fs::read_dir(from)? {
        let file = file?;
        fs::copy(file.path(), to.join(file.file_name()))?;
    }
    Ok(())
}

fn failed(error: io::Error) -> StartError {
    StartError::Configuration { kind: Kind::Json, error }
}

/// The limits that a load generator would exceed from one address are lifted, and thousands of
/// guests are not told of each other.
const CONFIG: &str = "\
[accounts]
register = \"open\"
login_burst = 0
[limits]
commands_per_second = 0
announce_up_to = 0
listing = 1
";
