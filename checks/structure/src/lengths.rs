//! Long files.

use crate::Error;
use crate::error::read;
use crate::files::{files, shown};
use std::path::Path;

/// Returns a line of text for each Rust file below `project` with more than `limit` lines.
///
/// # Errors
///
/// Returns an error if a file cannot be read.
pub fn lengths(project: &Path, limit: usize) -> Result<Vec<String>, Error> {
    let mut long = Vec::new();
    for path in files(project)? {
        if path.extension().is_some_and(|extension| extension == "rs") {
            let lines = read(&path)?.lines().count();
            if lines > limit {
                let path = shown(&path, project);
                long.push(format!("{path} has {lines} lines, more than {limit}"));
            }
        }
    }
    Ok(long)
}
