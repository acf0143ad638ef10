//! The folders of the tests. They are kept, so that the files of a failed test can be inspected.

use std::fs;
use std::path::{Path, PathBuf};

/// Creates the folder of a test, and returns its path. `test` is unique among all tests.
pub(crate) fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// Returns a path as an argument of the program.
pub(crate) fn path(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}
