//! The program `chat-budgets`: how many instructions the engine and the dialects need for what
//! users do, compared with what they may need.
//!
//! Instructions, not time: they are the same however busy a machine is, so that a difference of a
//! few per cent is one of the code. Each scenario ([`scenario`]) runs in a process of its own under
//! valgrind's callgrind ([`callgrind`]), which counts what happens in one function ([`measured`]).
//! What is counted is compared ([`compare`]) with a file ([`budget`]).
//!
//! Why not gungraun, which does as much and more: it needs a runner that has to be installed in
//! exactly the version of the library. Valgrind by itself is a package of the system, and what is
//! needed of it is one number.
//!
//! So that another machine counts the same: nothing in a scenario depends on a clock or on chance,
//! and glibc is told to copy and compare memory as any x86-64 processor can ([`callgrind`]);
//! nothing else that counts asks what the processor is. Memory comes from the system's allocator,
//! whose small pieces cost the same whatever else lies in memory, so that set-up does not show.
//! What does matter, and is named in the file, are the compiler and the C library
//! ([`environment`]).

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

/// Counts all scenarios and makes that their budgets.
fn update() -> Result<(), Box<dyn Error>> {
    let instructions = callgrind::count_all(&scenario::all().collect::<Vec<_>>())?;
    Ok(Budget { counted_with: Environment::current(), instructions }.write()?)
}

/// Counts some scenarios, or all, and prints what they need.
fn count(scenarios: &[&'static Scenario]) -> Result<(), Box<dyn Error>> {
    let all: Vec<_> = scenario::all().collect();
    let counts = callgrind::count_all(if scenarios.is_empty() { &all } else { scenarios })?;
    Ok(io::stdout().write_all(table(&counts).as_bytes())?)
}

fn table(counts: &Instructions) -> String {
    let width = counts.keys().map(String::len).max().unwrap_or_default();
    counts.iter().map(|(scenario, count)| format!("{scenario:width$} {count:>9}\n")).collect()
}
