//! Writes the curves as a Markdown page.

use super::{Curve, Growth};
use crate::report::{number, page, thousands};
use std::fmt::Write;

/// Returns the page.
pub(crate) fn markdown(growth: &Growth) -> String {
    let mut out = String::new();
    write(&mut out, growth).expect("a string takes everything");
    out
}

fn write(out: &mut String, growth: &Growth) -> std::fmt::Result {
    page::head(out, "Growth", "growth", &growth.machine)?;
    writeln!(out, "- Medians of {} runs of each point, in turn.", growth.runs_of_each())?;
    if !growth.version.is_empty() {
        writeln!(
            out,
            "- This server is {}, with these settings: {}.",
            growth.version, growth.lifted
        )?;
    }
    writeln!(
        out,
        "- A process may have {} files open here, which limits the number of connections.",
        thousands(growth.file_limit as i64)
    )?;
    if growth.incomplete {
        writeln!(out, "- There was no time for all runs.")?;
    }
    writeln!(out, "\n![How costs grow](growth.svg)")?;

    for curve in Curve::ALL {
        if growth.runs.iter().any(|run| run.curve == curve) {
            section(out, growth, curve)?;
        }
    }

    page::failures(out, growth.failures())
}

fn section(out: &mut String, growth: &Growth, curve: Curve) -> std::fmt::Result {
    writeln!(out, "\n## {}\n\n{}\n", curve.title(), curve.description())?;
    let series = growth.series(curve);
    for &(figure, unit) in curve.figures() {
        let (sizes, series) = (curve.sizes(), series.join(" | "));
        writeln!(out, "| {sizes} [{unit}] | {series} |")?;
        writeln!(out, "| ---: |{}", " ---: |".repeat(growth.series(curve).len()))?;
        for size in growth.sizes(curve) {
            write!(out, "| {} |", thousands(size as i64))?;
            for series in growth.series(curve) {
                let median = growth.median(curve, series, size, figure);
                write!(out, " {} |", median.map_or_else(|| "–".to_owned(), number))?;
            }
            writeln!(out)?;
        }
        writeln!(out)?;
    }
    // A summary follows each curve.
    match curve {
        Curve::Connect => verdicts(out, growth),
        Curve::Lobby => {
            for series in series {
                if let Some(steps) = steps(&growth.line(curve, series, curve.figures()[0].0)) {
                    writeln!(out, "- {series}: for each further user {steps} µs.")?;
                }
            }
            Ok(())
        }
        Curve::Room | Curve::Elsewhere | Curve::Joins | Curve::Memory | Curve::Shards => {
            for series in series {
                if let Some(ratio) = ratio(&growth.line(curve, series, curve.figures()[0].0)) {
                    writeln!(out, "- {series}: {ratio}.")?;
                }
            }
            Ok(())
        }
    }
}

/// Writes whether any client had to wait for a lost packet.
fn verdicts(out: &mut String, growth: &Growth) -> std::fmt::Result {
    for series in growth.series(Curve::Connect) {
        let Some((longest, lost)) = growth.rush(series) else { continue };
        let longest_words = number(longest);
        if longest < LOST_SYN && lost == 0 {
            writeln!(
                out,
                "- {series}: no client waited for a lost SYN; the longest wait in any run was \
                 {longest_words} ms."
            )?;
        } else {
            writeln!(
                out,
                "- {series}: the longest wait in any run was {longest_words} ms; the kernel \
                 counted {lost} overflows, drops and timeouts meanwhile, on the whole machine."
            )?;
        }
    }
    Ok(())
}

/// Returns the ratio of the last point to the first.
fn ratio(line: &[(usize, f64)]) -> Option<String> {
    let (&(from, first), &(to, last)) = (line.first()?, line.last()?);
    if from == to {
        return None;
    }
    let times = |ratio: f64| format!("{ratio:.2}");
    let (from, to) = (thousands(from as i64), thousands(to as i64));
    Some(format!("from {from} to {to}, {} times as much", times(last / first)))
}

/// Returns the cost of each further user between the points of a line: microseconds, from values in
/// milliseconds.
fn steps(line: &[(usize, f64)]) -> Option<String> {
    let step = |pair: &[(usize, f64)]| {
        let [(from, first), (to, last)] = pair else { return String::new() };
        format!("{:.0}", (last - first) * 1e3 / (to - from) as f64)
    };
    let steps: Vec<_> = line.windows(2).map(step).collect();
    (!steps.is_empty()).then(|| steps.join(", "))
}

/// A SYN that is not answered is retransmitted after this many milliseconds (RFC 6298 §2).
const LOST_SYN: f64 = 1_000.0;

#[cfg(test)]
mod tests {
    use super::super::report::tests::lobby;
    use super::*;

    #[test]
    fn ratio_compares_the_last_point_with_the_first() {
        let line = [(10, 2.0), (100, 2.5), (1_000, 3.0)];
        assert_eq!(ratio(&line).as_deref(), Some("from 10 to 1,000, 1.50 times as much"));
        assert_eq!(ratio(&line[..1]), None);
        assert_eq!(ratio(&[]), None);
    }

    #[test]
    fn steps_are_the_costs_of_each_further_user() {
        assert_eq!(steps(&[(10, 2.0), (20, 3.0), (40, 7.0)]).as_deref(), Some("100, 200"));
        assert_eq!(steps(&[(10, 2.0)]), None);
    }

    #[test]
    fn page_has_tables_of_measured_curves_only() {
        let page = markdown(&lobby(&[(1_000, 200.0), (2_000, 300.0)]));
        assert!(
            page.contains("| users [CPU ms] | text |\n| ---: | ---: |\n| 1,000 | 200 |\n"),
            "{page}"
        );
        assert!(page.contains("- text: for each further user 100 µs."), "{page}");
        assert!(!page.contains(Curve::Shards.title()), "{page}");
    }
}
