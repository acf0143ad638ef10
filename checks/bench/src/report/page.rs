//! The beginning and the end of every page of figures.

use super::{Machine, thousands};
use std::fmt::{Result, Write};

/// Writes the title, the command that has written the page, and the machine.
pub(crate) fn head(out: &mut String, title: &str, command: &str, machine: &Machine) -> Result {
    writeln!(out, "# {title}\n")?;
    writeln!(
        out,
        "Written by `cargo run --release -p chat-bench -- {command}`; [README.md](README.md) says \
         what is measured and how.\n"
    )?;
    let memory = thousands(machine.memory_mib as i64);
    writeln!(
        out,
        "- Machine: {}, {} of its processors, {memory} MiB of memory, {}, Linux {}.",
        machine.processor, machine.cores, machine.system, machine.kernel
    )
}

/// Writes the first line of each failure, if there are any.
pub(crate) fn failures(out: &mut String, failures: impl Iterator<Item = String>) -> Result {
    let mut failures = failures.peekable();
    if failures.peek().is_some() {
        writeln!(out, "\n## What failed\n")?;
    }
    for failure in failures {
        writeln!(out, "- {}", failure.lines().next().unwrap_or_default())?;
    }
    Ok(())
}
