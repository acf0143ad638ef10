//! The program `chat-budgets` counts the instructions that the engine and the dialects need for
//! users' operations, and compares the counts with budgets.
//!
//! It counts instructions, not time: the number of instructions does not depend on how busy a
//! machine is, so that a difference of a few per cent comes from the code. Each scenario
//! ([`scenario`]) runs in a process of its own under valgrind's callgrind ([`callgrind`]), which
//! counts the instructions of one function ([`measured`]). The counts are compared ([`compare`])
//! with the file of budgets ([`budget`]).
//!
//! gungraun would do the same and more, but it needs a runner that must be installed in exactly the
//! version of the library. Valgrind alone is a system package, and only one number of its output is
//! needed.
//!
//! Every machine gets the same counts. Scenarios use neither clocks nor random numbers. glibc is
//! set to copy and compare memory with instructions that every x86-64 processor has
//! ([`callgrind`]); no other counted code depends on the processor. Memory comes from the system's
//! allocator, which needs as many instructions for a small block whatever else is allocated, so
//! that set-up does not affect the counts. The compiler and the C library do affect them, and are
//! named in the file of budgets ([`environment`]).

mod arguments;
mod budget;
mod callgrind;
mod compare;
mod environment;
mod measured;
mod scenario;

use arguments::{Arguments, Command};
use budget::{Budget, Instructions};
use clap::Parser;
use compare::{Report, TOLERANCE};
use environment::Environment;
use scenario::Scenario;
use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    let done = match Arguments::parse().command.unwrap_or(Command::Check) {
        Command::Check => check(),
        Command::Update => update(),
        Command::Count { scenarios } => count(&scenarios),
        Command::Run { scenario } => scenario.run().map_err(Into::into),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("chat-budgets: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Counts all scenarios and compares them with their budgets.
fn check() -> Result<(), Box<dyn Error>> {
    let (budget, now) = (Budget::read()?, Environment::current());
    let counts = callgrind::count_all(&scenario::all().collect::<Vec<_>>())?;
    let report = Report::new(&budget, &counts, &now);
    if !report.is_good() {
        return Err(report.to_string().into());
    }
    let text = format!("{} scenarios are within {TOLERANCE} % of their budgets.\n", counts.len());
    Ok(io::stdout().write_all(text.as_bytes())?)
}

/// Counts all scenarios and writes the counts as their budgets.
fn update() -> Result<(), Box<dyn Error>> {
    let instructions = callgrind::count_all(&scenario::all().collect::<Vec<_>>())?;
    Ok(Budget { counted_with: Environment::current(), instructions }.write()?)
}

/// Counts the given scenarios, or all if none is given, and prints the counts.
fn count(scenarios: &[&'static Scenario]) -> Result<(), Box<dyn Error>> {
    let all: Vec<_> = scenario::all().collect();
    let counts = callgrind::count_all(if scenarios.is_empty() { &all } else { scenarios })?;
    Ok(io::stdout().write_all(table(&counts).as_bytes())?)
}

fn table(counts: &Instructions) -> String {
    let width = counts.keys().map(String::len).max().unwrap_or_default();
    counts.iter().map(|(scenario, count)| format!("{scenario:width$} {count:>9}\n")).collect()
}
