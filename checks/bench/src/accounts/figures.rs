//! The figures of several runs, side by side.

use crate::report::{median, number};
use std::fmt::Write;

/// The values of one figure, one for each run.
#[derive(Clone, Debug, Default)]
pub(super) struct Values(pub(super) Vec<f64>);

impl Values {
    /// Returns the median, or 0 if there are no values.
    pub(super) fn median(&self) -> f64 {
        median(self.0.clone()).unwrap_or_default()
    }

    /// Formats the median with the smallest and the largest value, if there are several.
    pub(super) fn shown(&self) -> String {
        if let [value] = self.0[..] {
            return number(value);
        }
        let least = self.0.iter().copied().fold(f64::INFINITY, f64::min);
        let most = self.0.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        format!("{} ({}–{})", number(self.median()), number(least), number(most))
    }
}

/// A table that compares two sides.
pub(super) struct Comparison {
    text: String,
}

impl Comparison {
    pub(super) fn new(sides: [&str; 2]) -> Self {
        let [first, second] = sides;
        Self {
            text: format!(
                "| median (least–most) | {first} | {second} | times |\n| --- | ---: | ---: | ---: \
                 |\n"
            ),
        }
    }

    /// Adds a row. `times` is how much the first side is of the second.
    pub(super) fn row(&mut self, name: &str, first: &Values, second: &Values) {
        let times = first.median() / second.median();
        let (first, second) = (first.shown(), second.shown());
        writeln!(self.text, "| {name} | {first} | {second} | {times:.2} |")
            .expect("a text takes everything");
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_medians_and_their_ratio() {
        let mut comparison = Comparison::new(["a", "b"]);
        comparison.row("time [ms]", &Values(vec![3.0, 1.5, 20.0]), &Values(vec![2.0]));
        let text = comparison.into_text();
        let row = text.lines().last().expect("a row");
        assert_eq!(row, "| time [ms] | 3.00 (1.50–20.0) | 2.00 | 1.50 |");
    }
}
