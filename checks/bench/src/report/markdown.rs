//! Writes the comparison as a Markdown page.

use super::table::number;
use super::{Column, Report, page};
use crate::scenario::{CPU, DELIVERIES};
use crate::server::Kind;
use std::fmt::Write;

/// Returns the page with a comparison of these servers.
pub(crate) fn markdown(report: &Report, servers: &[Kind]) -> String {
    let mut out = String::new();
    write(&mut out, report, servers).expect("a string takes everything");
    out
}

fn write(out: &mut String, report: &Report, servers: &[Kind]) -> std::fmt::Result {
    page::head(out, "Comparison", "compare", &report.machine)?;
    writeln!(
        out,
        "- Medians of {} runs of each server, in turn; on one processor, of {} for the rooms with \
         w = 1, and of {} for latency.",
        report.runs_of_each(1, Column::Rooms),
        report.runs_of_each(1, Column::Room200),
        report.runs_of_each(1, Column::Latency)
    )?;
    writeln!(
        out,
        "- This server runs with its default settings, including names, history, limits and \
         metrics, except: {}.",
        report.lifted
    )?;
    if report.incomplete {
        writeln!(out, "- There was no time for all runs.")?;
    }
    writeln!(out, "\n![CPU seconds for a million deliveries](comparison.svg)\n")?;

    writeln!(out, "## One processor\n")?;
    writeln!(
        out,
        "Server CPU seconds for a million deliveries of messages of 64 bytes; server and load \
         generator share one processor; w is how many messages of each sender may be in flight. \
         Lower is better.\n"
    )?;
    let columns: Vec<_> = Column::THROUGHPUT
        .into_iter()
        .chain([Column::Idle, Column::Churn, Column::Latency])
        .collect();
    header(out, columns.iter().map(|column| column.title().to_owned()))?;
    for &kind in servers {
        write!(out, "| {} |", kind.title())?;
        for &column in &columns {
            let all = column.figures();
            let shown = if column == Column::Latency { all } else { &all[..1] };
            write!(out, " {} |", cell(report, kind, 1, column, shown))?;
        }
        writeln!(out)?;
    }

    if report.measurements.iter().any(|run| run.cores == 2) {
        writeln!(out, "\n## Two processors\n")?;
        writeln!(
            out,
            "Thousands of deliveries per second, and server CPU seconds for a million of them; the \
             load generator has one thread, which limits the rate that can be measured.\n"
        )?;
        header(out, two(Column::title).chain([Column::Latency.title().to_owned()]))?;
        for &kind in servers {
            write!(out, "| {} |", kind.title())?;
            for column in Column::THROUGHPUT {
                let server = kind.to_string();
                let rate = report.median(&server, 2, column, DELIVERIES);
                let cpu = report.median(&server, 2, column, CPU);
                match (rate, cpu) {
                    (Some(rate), Some(cpu)) => {
                        write!(out, " {} / {} |", number(rate / 1e3), number(cpu))?;
                    }
                    _ => write!(out, " {} |", missing(report, kind, 2, column))?,
                }
            }
            let latency = cell(report, kind, 2, Column::Latency, Column::Latency.figures());
            writeln!(out, " {latency} |")?;
        }
    }

    page::failures(out, report.failures().map(|(server, why)| format!("{server}: {why}")))?;

    writeln!(out, "\n## Versions\n")?;
    for (server, version) in report.versions.iter().filter(|(_, version)| !version.is_empty()) {
        writeln!(out, "- {server}: {version}")?;
    }
    Ok(())
}

fn two(title: impl Fn(Column) -> &'static str) -> impl Iterator<Item = String> {
    Column::THROUGHPUT.into_iter().map(move |column| format!("{} [k/s / s]", title(column)))
}

fn header(out: &mut String, titles: impl Iterator<Item = String>) -> std::fmt::Result {
    let titles: Vec<_> = titles.collect();
    writeln!(out, "| server | {} |", titles.join(" | "))?;
    writeln!(out, "| --- |{}", " ---: |".repeat(titles.len()))
}

fn cell(report: &Report, kind: Kind, cores: usize, column: Column, figures: &[&str]) -> String {
    let server = kind.to_string();
    let numbers: Option<Vec<_>> = figures
        .iter()
        .map(|figure| report.median(&server, cores, column, figure).map(number))
        .collect();
    numbers.map_or_else(
        || missing(report, kind, cores, column).to_owned(),
        |numbers| numbers.join(" / "),
    )
}

fn missing(report: &Report, kind: Kind, cores: usize, column: Column) -> &'static str {
    match report.failure(&kind.to_string(), cores, column) {
        Some(_) => "failed",
        None => "–",
    }
}
