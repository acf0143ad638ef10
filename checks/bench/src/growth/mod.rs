//! Measures how costs grow: every scenario at several sizes, in turn.

mod curve;
mod in_process;
mod markdown;
mod plan;
mod report;
mod svg;

pub(crate) use curve::Curve;
pub(crate) use plan::{Load, Point};
pub(crate) use report::Growth;

use crate::arguments::GrowthArguments;
use crate::proc::{self, Processors};
use crate::progress::Progress;
use crate::report::{Measured, write_files};
use crate::server::{Kind, Programs};
use crate::stop;
use crate::subject::Subject;
use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

/// Measures all curves, and writes the report.
pub(crate) fn growth(arguments: &GrowthArguments) -> Result<(), Box<dyn Error>> {
    let until = Instant::now() + Duration::from_secs_f64(arguments.minutes * 60.0);
    stop::listen()?;
    let file_limit = proc::raise_file_limit()?;
    let output = arguments.report.directory();
    let programs = Programs::find(arguments.report.chat.clone())?;
    for &kind in &arguments.server {
        programs.of(kind)?;
    }
    let processors = Processors::all()?;
    let shards = if programs.support_shards() { &arguments.shards[..] } else { &[] };
    let most = usize::try_from(file_limit).unwrap_or(usize::MAX).saturating_sub(OTHER_FILES);
    let plan = plan::plan(arguments, most, processors.count(), shards);

    let mut report = Growth::new(programs.version(Kind::Text).unwrap_or_default(), file_limit);
    let mut progress = Progress::new(plan.len() * arguments.runs as usize);
    for run in 0..arguments.runs {
        for point in &plan {
            if Instant::now() >= until {
                report.incomplete = true;
            } else if !report.has_failed(point) {
                let Point { curve, ref series, size, .. } = *point;
                let label = format!("run {}, {}: {series}, {size}", run + 1, curve.title());
                progress.begin(label);
                processors.keep_to(point.cores)?;
                let result = measure(point, &programs, &mut progress)?;
                report.add(point, result);
            }
            progress.done();
        }
        // If the program is stopped later, the report of the finished runs exists.
        write(&output, &report)?;
    }
    progress.finish();
    arguments.report.print(&report, markdown::markdown(&report))
}

/// Measures a point once. A failure does not end the other points.
fn measure(
    point: &Point,
    programs: &Programs,
    progress: &mut Progress,
) -> Result<Measured, Box<dyn Error>> {
    let outcome = match point.load {
        Load::Server { kind, shards, scenario } => {
            let said = &mut |count| progress.delivered(count);
            Subject::Started { kind, shards }.measure(&scenario, programs, said).map_err(Into::into)
        }
        Load::InProcess { elsewhere, time } => in_process::run(elsewhere, time).map_err(Into::into),
    };
    match outcome {
        Ok(outcome) => Ok(Measured::Figures(outcome)),
        Err(error) if stop::requested() => Err(error),
        Err(error) => {
            let error: Box<dyn Error> = error;
            progress.note(&format!("{}, {}: {error}", point.series, point.size));
            Ok(Measured::Failed(error.to_string()))
        }
    }
}

fn write(output: &Path, report: &Growth) -> Result<(), Box<dyn Error>> {
    let files = [("growth.md", markdown::markdown(report)), ("growth.svg", svg::svg(report)?)];
    write_files(output, files)
}

/// The number of files that a process has open besides its connections, with a reserve.
const OTHER_FILES: usize = 100;
