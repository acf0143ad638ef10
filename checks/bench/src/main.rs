//! The program `chat-bench` measures the cost of chat servers.
//!
//! Its load generator ([`generator`]) runs one of several scenarios ([`scenario`]) on this server
//! or a peer, and reads the server's processor time and memory from `/proc`.

mod arguments;
mod compare;
mod floor;
mod generator;
mod growth;
mod netstat;
mod proc;
mod progress;
mod protocol;
mod report;
mod scenario;
mod server;
mod stop;
mod subject;

use arguments::{Arguments, Command, Common};
use clap::Parser;
use proc::Processors;
use progress::Progress;
use report::{Column, Measured, Measurement, Report};
use scenario::Scenario;
use server::Programs;
use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;
use subject::Subject;

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Fanout(arguments) => one(&arguments.common, arguments.scenario()),
        Command::Rooms(arguments) => one(&arguments.common, arguments.scenario()),
        Command::Latency(arguments) => one(&arguments.common, arguments.scenario()),
        Command::Idle(arguments) => one(&arguments.common, arguments.scenario()),
        Command::Churn(arguments) => one(&arguments.common, arguments.scenario()),
        Command::Connect(arguments) => one(&arguments.common, arguments.scenario()),
        Command::Joins(arguments) => one(&arguments.common, arguments.scenario()),
        Command::Lobby(arguments) => one(&arguments.common, arguments.scenario()),
        Command::Compare(arguments) => compare::compare(&arguments),
        Command::Growth(arguments) => growth::growth(&arguments),
        Command::Floor => floor::serve().map_err(Into::into),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("chat-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures one scenario, and prints the figures.
fn one(common: &Common, scenario: Scenario) -> Result<(), Box<dyn Error>> {
    stop::listen()?;
    proc::raise_file_limit()?;
    let programs = Programs::find(common.chat.clone())?;
    let cores = Processors::all()?.keep_to(common.cores)?;
    let subjects: Vec<_> = match (common.connect, common.pid) {
        (Some(running), Some(pid)) => vec![Subject::Running(running, pid)],
        _ => common.server.iter().copied().map(Subject::started).collect(),
    };
    let mut report = Report::new();
    let mut progress = Progress::new(subjects.len() * common.runs as usize);
    for _ in 0..common.runs {
        for subject in &subjects {
            progress.begin(subject.name());
            let outcome = subject
                .measure(&scenario, &programs, &mut |count| progress.delivered(count))
                .map_err(|error| format!("{}: {error}", subject.name()))?;
            report.measurements.push(Measurement {
                server: subject.name(),
                cores,
                scenario,
                result: Measured::Figures(outcome),
                column: Column::One,
            });
            progress.done();
        }
    }
    progress.finish();
    let text = if common.json {
        serde_json::to_string_pretty(&report)? + "\n"
    } else {
        report::table(&report)
    };
    io::stdout().write_all(text.as_bytes())?;
    Ok(())
}
