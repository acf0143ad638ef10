//! What every page of figures begins and ends with.

use super::{Machine, thousands};
use std::fmt::{Result, Write};

/// What it shows, by which command of this program, and on which machine.
pub(crate) fn head(out: &mut String, title: &str, command: &str, machine: &Machine) -> Result {
    writeln!(out, "# {title}\n")?;
    writeln!(
        out,
        "Written by `cargo run --release -p chat-bench -- {command}`; [README.md](README.md) says what is measured and how.\n"
    )?;
    let memory = thousands(machine.memory_mib as i64);
    writeln!(
        out,
        "- Machine: {}, {} of its processors, {memory} MiB of memory, {}, Linux {}.",
        machine.processor, machine.cores, machine.system, machine.kernel
    )
}

/// What could not be measured, if there is anything; of each the first line.
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
