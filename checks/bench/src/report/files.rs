//! Writes reports to files.

use crate::arguments::ReportArguments;
use serde::Serialize;
use std::error::Error;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::{env, fs};

impl ReportArguments {
    /// Returns the directory of the report.
    pub(crate) fn directory(&self) -> PathBuf {
        self.output.clone().unwrap_or_else(default_output)
    }

    /// Prints the report that has been written.
    pub(crate) fn print(
        &self,
        report: &impl Serialize,
        markdown: String,
    ) -> Result<(), Box<dyn Error>> {
        let text = if self.json { serde_json::to_string_pretty(report)? + "\n" } else { markdown };
        io::stdout().write_all(text.as_bytes())?;
        eprintln!("written to {}", self.directory().display());
        Ok(())
    }
}

/// Returns `docs/benchmarks` of the workspace if cargo runs this program, or of the current
/// directory otherwise.
fn default_output() -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let workspace = package.and_then(|package| package.ancestors().nth(2).map(Path::to_owned));
    workspace.unwrap_or_default().join("docs/benchmarks")
}

/// Writes files into a directory, which is created if it does not exist.
pub(crate) fn write_files<const N: usize>(
    directory: &Path,
    files: [(&str, String); N],
) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(directory)
        .map_err(|error| format!("cannot create the directory {}: {error}", directory.display()))?;
    for (name, content) in files {
        let path = directory.join(name);
        fs::write(&path, content)
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    }
    Ok(())
}
