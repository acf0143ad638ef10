//! The measurements of all curves.

use super::{Curve, Point};
use crate::report::{Machine, Measured, median};
use crate::scenario::{LONGEST_CONNECT, LONGEST_SERVED, LOSSES, Outcome};
use crate::server::LIFTED;
use serde::Serialize;

/// All runs of all points, and the machine they were made on.
#[derive(Debug, Serialize)]
pub(crate) struct Growth {
    pub(crate) machine: Machine,
    /// The limits of this server that were lifted.
    pub(crate) lifted: &'static str,
    /// The version of this server, in its own words.
    pub(crate) version: String,
    /// The number of files that a process may have open on this machine, which limits the number of
    /// connections.
    pub(crate) file_limit: u64,
    /// True if there was no time for all measurements.
    pub(crate) incomplete: bool,
    pub(crate) runs: Vec<Run>,
}

/// One run of one point.
#[derive(Debug, Serialize)]
pub(crate) struct Run {
    pub(crate) curve: Curve,
    pub(crate) series: String,
    pub(crate) size: usize,
    pub(crate) cores: usize,
    #[serde(flatten)]
    pub(crate) result: Measured,
}

impl Growth {
    pub(crate) fn new(version: String, file_limit: u64) -> Self {
        let (machine, lifted) = (Machine::this(), LIFTED);
        Self { machine, lifted, version, file_limit, incomplete: false, runs: Vec::new() }
    }

    /// Adds a run.
    pub(crate) fn add(&mut self, point: &Point, result: Measured) {
        let Point { curve, ref series, size, cores, .. } = *point;
        self.runs.push(Run { curve, series: series.clone(), size, cores, result });
    }

    /// Returns the series of a curve, in the order in which they were measured.
    pub(crate) fn series(&self, curve: Curve) -> Vec<&str> {
        let mut series: Vec<&str> = Vec::new();
        for run in self.runs.iter().filter(|run| run.curve == curve) {
            if !series.contains(&&*run.series) {
                series.push(&run.series);
            }
        }
        series
    }

    /// Returns the sizes of a curve, from the smallest.
    pub(crate) fn sizes(&self, curve: Curve) -> Vec<usize> {
        let sizes = self.runs.iter().filter(|run| run.curve == curve).map(|run| run.size);
        let mut sizes: Vec<_> = sizes.collect();
        sizes.sort_unstable();
        sizes.dedup();
        sizes
    }

    /// Returns the median of a figure over all runs of a point.
    pub(crate) fn median(
        &self,
        curve: Curve,
        series: &str,
        size: usize,
        figure: &str,
    ) -> Option<f64> {
        let runs = self.outcomes(curve, series).filter(|(one, _)| *one == size);
        median(runs.filter_map(|(_, outcome)| outcome.value(figure)).collect())
    }

    /// Returns the points of a line: sizes with the median of a figure.
    pub(crate) fn line(&self, curve: Curve, series: &str, figure: &str) -> Vec<(usize, f64)> {
        let sizes = self.sizes(curve).into_iter();
        sizes.filter_map(|size| Some((size, self.median(curve, series, size, figure)?))).collect()
    }

    /// Returns true if a point could not be measured.
    pub(crate) fn has_failed(&self, point: &Point) -> bool {
        self.runs.iter().any(|run| {
            (run.curve, run.size, &run.series) == (point.curve, point.size, &point.series)
                && matches!(run.result, Measured::Failed(_))
        })
    }

    /// Returns the failed measurements with their causes.
    pub(crate) fn failures(&self) -> impl Iterator<Item = String> {
        self.runs.iter().filter_map(|run| match &run.result {
            Measured::Failed(why) => {
                Some(format!("{}: {}, {}: {why}", run.curve.title(), run.series, run.size))
            }
            Measured::Figures(_) => None,
        })
    }

    /// Returns the maximum number of runs of a point.
    pub(crate) fn runs_of_each(&self) -> usize {
        let same = |one: &Run, other: &Run| {
            (one.curve, one.size, &one.series) == (other.curve, other.size, &other.series)
        };
        let count = |run: &Run| self.runs.iter().filter(|other| same(run, other)).count();
        self.runs.iter().map(count).max().unwrap_or(0)
    }

    /// Returns the longest wait of clients that connected at once to one of the servers, in
    /// milliseconds, and the losses that the kernel counted.
    pub(crate) fn rush(&self, series: &str) -> Option<(f64, u64)> {
        let outcomes: Vec<_> =
            self.outcomes(Curve::Connect, series).map(|(_, outcome)| outcome).collect();
        let waits = |outcome: &&Outcome| {
            [LONGEST_CONNECT, LONGEST_SERVED].map(|figure| outcome.value(figure).unwrap_or(0.0))
        };
        let longest = outcomes.iter().flat_map(waits).reduce(f64::max)?;
        let lost = |outcome: &&Outcome| LOSSES.map(|figure| outcome.value(figure).unwrap_or(0.0));
        Some((longest, outcomes.iter().flat_map(lost).sum::<f64>() as u64))
    }

    fn outcomes(&self, curve: Curve, series: &str) -> impl Iterator<Item = (usize, &Outcome)> {
        let runs = self.runs.iter().filter(move |run| run.curve == curve && run.series == series);
        runs.filter_map(|run| match &run.result {
            Measured::Figures(outcome) => Some((run.size, outcome)),
            Measured::Failed(_) => None,
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A report with one line of the lobby's curve.
    pub(crate) fn lobby(points: &[(usize, f64)]) -> Growth {
        let mut growth = Growth::new("chat 1.0".into(), 1_024);
        for &(size, value) in points {
            let outcome = Outcome::default().with(Curve::Lobby.figures()[0].0, "ms", value);
            growth.runs.push(Run {
                curve: Curve::Lobby,
                series: "text".into(),
                size,
                cores: 1,
                result: Measured::Figures(outcome),
            });
        }
        growth
    }

    #[test]
    fn line_has_the_median_of_each_size_in_order() {
        let growth = lobby(&[(100, 9.0), (10, 1.0), (10, 3.0), (10, 2.0)]);
        let figure = Curve::Lobby.figures()[0].0;
        assert_eq!(growth.line(Curve::Lobby, "text", figure), [(10, 2.0), (100, 9.0)]);
        assert_eq!(growth.runs_of_each(), 3);
        assert_eq!(growth.line(Curve::Lobby, "json", figure), []);
    }

    #[test]
    fn rush_reports_the_longest_wait_and_the_sum_of_losses() {
        let mut growth = lobby(&[]);
        for (wait, lost) in [(20.0, 0.0), (1_030.0, 7.0), (30.0, 1.0)] {
            let outcome = Outcome::default()
                .with(LONGEST_CONNECT, "ms", wait)
                .with(LONGEST_SERVED, "ms", wait + 1.0)
                .with(LOSSES[0], "", lost);
            growth.runs.push(Run {
                curve: Curve::Connect,
                series: "text".into(),
                size: 10,
                cores: 1,
                result: Measured::Figures(outcome),
            });
        }
        assert_eq!(growth.rush("text"), Some((1_031.0, 8)));
        assert_eq!(growth.rush("json"), None);
    }
}
