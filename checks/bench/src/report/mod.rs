//! Reports of measurements, for people and as JSON.

mod column;
mod files;
mod machine;
mod markdown;
pub(crate) mod page;
mod svg;
mod table;

pub(crate) use column::Column;
pub(crate) use files::write_files;
pub(crate) use machine::Machine;
pub(crate) use markdown::markdown;
pub(crate) use svg::{PlotError, svg};
pub(crate) use table::{number, table, thousands};

use crate::scenario::{Outcome, Scenario};
use crate::server::LIFTED;
use serde::Serialize;

/// All measurements, and the machine they were made on.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) machine: Machine,
    /// The limits of this server that were lifted.
    pub(crate) lifted: &'static str,
    /// The versions of the servers, in their own words.
    pub(crate) versions: Vec<(String, String)>,
    /// True if there was no time for all measurements.
    pub(crate) incomplete: bool,
    pub(crate) measurements: Vec<Measurement>,
}

/// One run of one server.
#[derive(Debug, Serialize)]
pub(crate) struct Measurement {
    pub(crate) server: String,
    /// The number of processors that it shared with the load generator.
    pub(crate) cores: usize,
    #[serde(flatten)]
    pub(crate) scenario: Scenario,
    /// The figures, or the cause of the failure.
    #[serde(flatten)]
    pub(crate) result: Measured,
    /// The column of the report.
    #[serde(skip)]
    pub(crate) column: Column,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Measured {
    Figures(Outcome),
    Failed(String),
}

impl Report {
    /// Creates a report of this machine without measurements.
    pub(crate) fn new() -> Self {
        Self {
            machine: Machine::this(),
            lifted: LIFTED,
            versions: Vec::new(),
            incomplete: false,
            measurements: Vec::new(),
        }
    }

    /// Returns the median of a figure over all runs of a server.
    pub(crate) fn median(
        &self,
        server: &str,
        cores: usize,
        column: Column,
        figure: &str,
    ) -> Option<f64> {
        let runs = self.runs(server, cores, column);
        let figures = runs.filter_map(|run| match &run.result {
            Measured::Figures(outcome) => outcome.value(figure),
            Measured::Failed(_) => None,
        });
        median(figures.collect())
    }

    /// Returns why a server could not be measured, if it could not.
    pub(crate) fn failure(&self, server: &str, cores: usize, column: Column) -> Option<&str> {
        self.runs(server, cores, column).find_map(|run| match &run.result {
            Measured::Failed(why) => Some(why.as_str()),
            Measured::Figures(_) => None,
        })
    }

    /// Returns the servers that could not be measured, with the causes.
    pub(crate) fn failures(&self) -> impl Iterator<Item = (&str, String)> {
        self.measurements.iter().filter_map(|run| match &run.result {
            Measured::Failed(why) => {
                let why = format!("{} ({} cores): {why}", run.column.title(), run.cores);
                Some((run.server.as_str(), why))
            }
            Measured::Figures(_) => None,
        })
    }

    /// Returns the maximum number of runs of a server.
    pub(crate) fn runs_of_each(&self, cores: usize, column: Column) -> usize {
        let count = |run: &Measurement| self.runs(&run.server, cores, column).count();
        self.measurements.iter().map(count).max().unwrap_or(0)
    }

    fn runs(
        &self,
        server: &str,
        cores: usize,
        column: Column,
    ) -> impl Iterator<Item = &Measurement> {
        self.measurements
            .iter()
            .filter(move |run| run.server == server && run.cores == cores && run.column == column)
    }
}

/// Returns the median: the value in the middle, or the mean of the two in the middle.
pub(crate) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    Some(if values.len() % 2 == 1 { upper } else { (values[middle - 1] + upper) / 2.0 })
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn median_is_in_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(Vec::new()), None);
    }
}
