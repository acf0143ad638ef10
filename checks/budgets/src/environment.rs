//! What counts depend on, besides the code.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::process::Command;

/// What has made a program, and what it runs on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Environment {
    /// The compiler, and what it compiled for.
    pub(crate) compiler: String,
    /// The library that memory comes from, and that copies and compares it.
    pub(crate) c_library: String,
}

impl Environment {
    /// That of this program.
    pub(crate) fn current() -> Self {
        let asked = Command::new("getconf").arg("GNU_LIBC_VERSION").output();
        // Whatever else it is, it is another one, and that is all that has to be known.
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
