//! The files of a project.

use crate::Error;
use std::path::{Path, PathBuf};

/// Returns all files below a directory, sorted, without hidden directories and build directories.
pub(crate) fn files(directory: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    collect(directory, &mut found)?;
    found.sort();
    Ok(found)
}

/// Returns a path as it appears in reports: relative to the project's directory.
pub(crate) fn shown(path: &Path, project: &Path) -> String {
    path.strip_prefix(project).unwrap_or(path).display().to_string()
}

fn collect(directory: &Path, found: &mut Vec<PathBuf>) -> Result<(), Error> {
    let unreadable = |source| Error::Read { path: directory.to_owned(), source };
    for entry in directory.read_dir().map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(unreadable)?);
        if kind.is_file() {
            found.push(path);
        } else if kind.is_dir() && !is_hidden(&path) && !is_build_directory(&path) {
            collect(&path, found)?;
        }
    }
    Ok(())
}

fn is_hidden(directory: &Path) -> bool {
    directory.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

/// Returns true for a directory that Cargo builds in, whatever its name: Cargo puts a
/// `CACHEDIR.TAG` into it.
fn is_build_directory(directory: &Path) -> bool {
    directory.join("CACHEDIR.TAG").exists()
}
