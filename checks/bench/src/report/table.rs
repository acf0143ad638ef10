//! A table for a terminal: a row for each server, a column for each figure, with medians of all
//! runs.

use super::{Measured, Report};
use std::fmt::Write;

/// Returns the table of one scenario.
pub(crate) fn table(report: &Report) -> String {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut servers = Vec::new();
    for run in &report.measurements {
        if servers.contains(&&run.server) {
            continue;
        }
        servers.push(&run.server);
        let Measured::Figures(outcome) = &run.result else { continue };
        if rows.is_empty() {
            let figure = |name: &str, unit: &str| match unit {
                "" => name.to_owned(),
                _ => format!("{name} [{unit}]"),
            };
            let names = outcome.figures.iter().map(|one| figure(one.name, one.unit));
            rows.push([String::from("server")].into_iter().chain(names).collect());
        }
        let medians = outcome.figures.iter().map(|figure| {
            let median = report.median(&run.server, run.cores, run.column, figure.name);
            median.map_or_else(String::new, number)
        });
        rows.push([run.server.clone()].into_iter().chain(medians).collect());
    }
    align(&rows)
}

/// Formats a number with about three significant digits.
pub(crate) fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if size >= 100.0 => thousands(value.round() as i64),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    }
}

/// Formats a whole number with thousands separators.
pub(crate) fn thousands(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut out = String::from(if value < 0 { "-" } else { "" });
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Aligns the first column to the left, and the others to the right.
fn align(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<_> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut out = String::new();
    for row in rows {
        for (column, (cell, &width)) in row.iter().zip(&widths).enumerate() {
            let done = if column == 0 {
                write!(out, "{cell:width$}")
            } else {
                write!(out, "  {cell:>width$}")
            };
            done.expect("a string takes everything");
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_about_three_significant_digits() {
        assert_eq!(number(1_234_567.8), "1,234,568");
        assert_eq!(number(123.4), "123");
        assert_eq!(number(12.34), "12.3");
        assert_eq!(number(0.04567), "0.0457");
        assert_eq!(number(0.0), "0");
    }

    #[test]
    fn columns_are_aligned() {
        let row = |cells: [&str; 2]| cells.map(String::from).to_vec();
        let rows = [row(["server", "p99 [µs]"]), row(["floor", "7"])];
        assert_eq!(align(&rows), "server  p99 [µs]\nfloor          7\n");
    }
}
