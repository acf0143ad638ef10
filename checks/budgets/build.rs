//! Passes the version of the compiler to the program: another compiler generates other
//! instructions.

use std::error::Error;
use std::io::{self, Write};
use std::process::Command;

fn main() -> Result<(), Box<dyn Error>> {
    let version = Command::new(std::env::var("RUSTC")?).arg("--version").output()?.stdout;
    let (version, target) = (String::from_utf8(version)?, std::env::var("TARGET")?);
    let version = version.trim();
    writeln!(io::stdout(), "cargo::rustc-env=CHAT_BUDGETS_COMPILER={version} for {target}")?;
    writeln!(io::stdout(), "cargo::rerun-if-changed=build.rs")?;
    Ok(())
}
