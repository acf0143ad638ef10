//! The parts of the environment that counts depend on.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::process::Command;

/// The toolchain of a counted program, and its C library.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Environment {
    /// The compiler and its target.
    pub(crate) compiler: String,
    /// The C library, which allocates, copies and compares memory.
    pub(crate) c_library: String,
}

impl Environment {
    /// Returns the environment of this program.
    pub(crate) fn current() -> Self {
        let asked = Command::new("getconf").arg("GNU_LIBC_VERSION").output();
        // Any other C library only has to differ from every version of glibc.
        let c_library = asked.ok().filter(|asked| asked.status.success()).map_or_else(
            || "not glibc".to_owned(),
            |asked| String::from_utf8_lossy(&asked.stdout).trim().to_owned(),
        );
        Self { compiler: env!("CHAT_BUDGETS_COMPILER").to_owned(), c_library }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { compiler, c_library } = self;
        write!(f, "{compiler}, {c_library}")
    }
}
