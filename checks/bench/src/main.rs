//! The program `chat-bench` measures the cost of chat servers.
//!
//! Its load generator ([`generator`]) runs one of several scenarios ([`scenario`]) on this server
//! or a peer, and reads the server's processor time and memory from `/proc`.

mod accounts;
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
        Command::Names(arguments) => one(&arguments.common, arguments.scenario()),
        Command::Compare(arguments) => compare::compare(&arguments),
        Command::Growth(arguments) => growth::growth(&arguments),
        Command::Resume(arguments) => accounts::resume(&arguments),
        Command::Logins(arguments) => accounts::logins(&arguments),
        Command::Refusals(arguments) => accounts::refusals(&arguments),
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

/// A server to measure, with its name in the report and its programs.
type NamedSubject = (String, Subject, Programs);

/// Returns the servers to measure.
fn subjects(common: &Common, scenario: Scenario) -> Result<Vec<NamedSubject>, Box<dyn Error>> {
    let programs: Vec<_> = match common.chat.as_slice() {
        [] => vec![Programs::find(None)?],
        paths => {
            paths.iter().map(|path| Programs::find(Some(path.clone()))).collect::<Result<_, _>>()?
        }
    };
    let measured: Vec<_> = match (common.connect, common.pid) {
        (Some(running), Some(pid)) => vec![Subject::Running(running, pid)],
        _ => common.server.iter().copied().map(Subject::started).collect(),
    };
    let mut subjects = Vec::new();
    for subject in measured {
        if !scenario.suits(subject.protocol()) {
            eprintln!("chat-bench: {} cannot run this scenario", subject.name());
            continue;
        }
        // Other servers do not depend on the program of this one.
        let count = if subject.is_chat() { programs.len() } else { 1 };
        for programs in &programs[..count] {
            let name = match count {
                1 => subject.name(),
                _ => format!("{} {}", subject.name(), programs.chat().display()),
            };
            subjects.push((name, subject, programs.clone()));
        }
    }
    if subjects.is_empty() {
        return Err("no selected server can run this scenario".into());
    }
    Ok(subjects)
}

/// Measures one scenario, and prints the figures.
fn one(common: &Common, scenario: Scenario) -> Result<(), Box<dyn Error>> {
    stop::listen()?;
    proc::raise_file_limit()?;
    let cores = Processors::all()?.keep_to(common.cores)?;
    let subjects = subjects(common, scenario)?;
    let mut report = Report::new();
    let mut progress = Progress::new(subjects.len() * common.runs as usize);
    for _ in 0..common.runs {
        for (name, subject, programs) in &subjects {
            progress.begin(name.clone());
            let outcome = subject
                .measure(&scenario, programs, &mut |count| progress.delivered(count))
                .map_err(|error| format!("{name}: {error}"))?;
            report.measurements.push(Measurement {
                server: name.clone(),
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
