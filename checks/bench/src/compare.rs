//! The comparison: every scenario on every installed server, in turn, on one processor and on two.

use crate::arguments::CompareArguments;
use crate::generator::{Rooms, Stop};
use crate::proc::{self, Processors};
use crate::progress::Progress;
use crate::report::{self, Column, Measured, Measurement, Report};
use crate::scenario::{Churn, Fanout, Idle, Latency, Scenario};
use crate::server::{Kind, Programs};
use crate::stop;
use crate::subject::Subject;
use clap::ValueEnum;
use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

/// Runs the comparison, and writes the report.
pub(crate) fn compare(arguments: &CompareArguments) -> Result<(), Box<dyn Error>> {
    let until = Instant::now() + Duration::from_secs_f64(arguments.minutes * 60.0);
    stop::listen()?;
    proc::raise_file_limit()?;
    let output = arguments.report.directory();
    let programs = Programs::find(arguments.report.chat.clone())?;
    let servers = servers(arguments, &programs)?;
    let processors = Processors::all()?;
    let cores: Vec<_> = [1, 2].into_iter().filter(|&cores| cores <= processors.count()).collect();

    let mut report = Report::new();
    for &kind in &servers {
        report.versions.push((kind.to_string(), programs.version(kind).unwrap_or_default()));
    }
    let plan = plan(arguments);
    let steps = plan.iter().map(|(column, _, on_two)| {
        let compared = servers.iter().filter(|&&kind| column.compares(kind)).count();
        compared * if *on_two { cores.len() } else { 1 }
    });
    let mut progress = Progress::new(steps.sum::<usize>() * arguments.runs as usize);
    for run in 0..arguments.runs {
        for &cores in &cores {
            processors.keep_to(cores)?;
            for (column, scenario, on_two) in &plan {
                if cores > 1 && !on_two {
                    continue;
                }
                for &kind in servers.iter().filter(|&&kind| column.compares(kind)) {
                    if Instant::now() >= until {
                        report.incomplete = true;
                        progress.done();
                        continue;
                    }
                    // A measurement that has failed would only fail again, perhaps after a long
                    // time.
                    if report.failure(&kind.to_string(), cores, *column).is_none() {
                        progress.begin(format!("run {}, {kind}, {}", run + 1, column.title()));
                        let result = measure(kind, scenario, &programs, &mut progress)?;
                        report.measurements.push(Measurement {
                            server: kind.to_string(),
                            cores,
                            scenario: *scenario,
                            result,
                            column: *column,
                        });
                    }
                    progress.done();
                }
            }
        }
        // If the program is stopped later, the report of the finished runs exists.
        write(&output, &report, &servers)?;
    }
    progress.finish();
    arguments.report.print(&report, report::markdown(&report, &servers))?;
    let own = report.failures().find(|(server, _)| {
        servers.iter().any(|kind| kind.is_ours() && kind.to_string() == *server)
    });
    own.map_or(Ok(()), |(server, why)| Err(format!("{server}: {why}").into()))
}

/// Measures a server once. A failure does not end the comparison.
fn measure(
    kind: Kind,
    scenario: &Scenario,
    programs: &Programs,
    progress: &mut Progress,
) -> Result<Measured, Box<dyn Error>> {
    let outcome =
        Subject::started(kind).measure(scenario, programs, &mut |count| progress.delivered(count));
    match outcome {
        Ok(outcome) => Ok(Measured::Figures(outcome)),
        Err(error) if stop::requested() => Err(error.into()),
        Err(error) => {
            progress.note(&format!("{kind}: {error}"));
            Ok(Measured::Failed(error.to_string()))
        }
    }
}

/// Returns the scenarios, and whether each runs on two processors as well. Those that vary most
/// from run to run appear more than once, some time apart: other load on the machine then spoils
/// only a few of many runs. It affects the highest percentiles most, so that latency has many short
/// runs.
fn plan(arguments: &CompareArguments) -> Vec<(Column, Scenario, bool)> {
    let after = Duration::from_secs_f64(arguments.seconds);
    let stop = Stop { after, deliveries: u64::MAX };
    let fanout = |count, members, senders, window| {
        let rooms = Rooms { count, members, senders };
        Scenario::Fanout(Fanout { rooms, elsewhere: 0, window, size: SIZE, stop })
    };
    let latency = Scenario::Latency(Latency {
        members: 100,
        rate: 5_000,
        size: SIZE,
        stop: Stop { after: after.mul_f64(1.5), ..stop },
    });
    let idle = Idle { connections: arguments.connections, per_second: None, time: after };
    vec![
        (Column::Latency, latency, true),
        (Column::Room200, fanout(1, 200, 1, 1), true),
        (Column::Latency, latency, false),
        (Column::Room1000, fanout(1, 1_000, 1, 1), true),
        (Column::Latency, latency, false),
        (Column::Room200Window, fanout(1, 200, 1, 64), true),
        (Column::Latency, latency, false),
        (Column::Room1000Window, fanout(1, 1_000, 1, 64), true),
        (Column::Rooms, fanout(100, 10, 10, 1), true),
        (Column::Latency, latency, false),
        (Column::Room200, fanout(1, 200, 1, 1), false),
        (Column::Room1000, fanout(1, 1_000, 1, 1), false),
        (Column::Latency, latency, false),
        (Column::Idle, Scenario::Idle(idle), false),
        (Column::Churn, Scenario::Churn(Churn { visitors: 8, size: SIZE, stop }), false),
    ]
}

/// Returns the servers of the arguments; by default this server, the floor, and every installed
/// peer.
fn servers(arguments: &CompareArguments, programs: &Programs) -> Result<Vec<Kind>, Box<dyn Error>> {
    let asked = !arguments.server.is_empty();
    let all = if asked { &arguments.server[..] } else { Kind::value_variants() };
    let mut found = Vec::new();
    for &kind in all {
        match programs.of(kind) {
            Ok(_) => found.push(kind),
            Err(error) if asked || kind.is_ours() => return Err(error.into()),
            Err(error) => eprintln!("left out: {error}"),
        }
    }
    Ok(found)
}

fn write(output: &Path, report: &Report, servers: &[Kind]) -> Result<(), Box<dyn Error>> {
    let files = [
        ("comparison.md", report::markdown(report, servers)),
        ("comparison.svg", report::svg(report, servers)?),
    ];
    report::write_files(output, files)
}

/// The size of messages, in bytes.
const SIZE: usize = 64;
