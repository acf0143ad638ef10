//! Faults of the disk, at a chosen call of the server.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A library that is preloaded into the server. `disk_fault.c` has the meaning of the words.
pub(crate) struct FaultLibrary {
    path: PathBuf,
    _folder: TempDir,
}

/// A fault at one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) file: &'static str,
    pub(crate) call: &'static str,
    pub(crate) nth: u64,
    /// True if the calls after that one fail, too.
    pub(crate) lasts: bool,
    pub(crate) action: &'static str,
}

impl FaultLibrary {
    /// Compiles the library.
    ///
    /// # Errors
    ///
    /// A text with the reason if this system cannot preload libraries or has no C compiler.
    pub(crate) fn compile() -> Result<Self, String> {
        if !cfg!(target_os = "linux") {
            return Err("faults of the disk need Linux".into());
        }
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let path = folder.path().join("disk_fault.so");
        compile(&["-shared", "-fPIC"], "disk_fault.c", &path)?;
        Ok(Self { path, _folder: folder })
    }

    /// Returns the variables of the environment that cause a fault.
    pub(crate) fn variables(&self, fault: &Fault) -> Vec<(String, String)> {
        let library = self.path.display().to_string();
        vec![("LD_PRELOAD".into(), library), ("DISK_FAULT".into(), fault.to_string())]
    }
}

/// Compiles one of the C files of this folder.
pub(crate) fn compile(options: &[&str], source: &str, output: &Path) -> Result<(), String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/durability");
    let compiler = Command::new("cc")
        .args(options)
        .args(["-O1", "-o"])
        .args([output, &folder.join(source)])
        .output();
    match compiler {
        Ok(done) if done.status.success() => Ok(()),
        Ok(done) => Err(format!("{source}: {}", String::from_utf8_lossy(&done.stderr))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err("there is no C compiler (cc)".into())
        }
        Err(error) => Err(format!("cc: {error}")),
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, call, nth, lasts, action } = self;
        write!(f, "{file} {call} {nth}{} {action}", if *lasts { "+" } else { "" })
    }
}
