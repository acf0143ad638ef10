//! Compares counts with budgets. Counting itself is in `callgrind`.

use crate::budget::{Budget, Instructions};
use crate::environment::Environment;
use std::fmt;

/// Maximum difference between a count and its budget in either direction, in per cent.
///
/// A count below the budget is a finding too: a budget that is too high would hide the next
/// regression.
pub(crate) const TOLERANCE: u64 = 5;

/// The findings, for display. The check has passed if there are none.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Report<'a> {
    findings: Vec<Finding<'a>>,
    /// The environments of the budgets and of the counts, if they differ.
    environments: Option<(&'a Environment, &'a Environment)>,
}

#[derive(Debug, PartialEq, Eq)]
enum Finding<'a> {
    /// A scenario needs more instructions than its budget allows.
    OverBudget { scenario: &'a str, budget: u64, now: u64 },
    /// A scenario needs so few instructions that its budget has to be lowered.
    UnderBudget { scenario: &'a str, budget: u64, now: u64 },
    /// A scenario has no budget.
    NoBudget { scenario: &'a str, now: u64 },
    /// A budget is for a scenario that does not exist.
    NoScenario { scenario: &'a str },
}

impl<'a> Report<'a> {
    /// Compares the budgets with the counts, which were made in the environment `now`.
    pub(crate) fn new(budget: &'a Budget, counts: &'a Instructions, now: &'a Environment) -> Self {
        let counted =
            counts.iter().filter_map(|(scenario, &now)| match budget.instructions.get(scenario) {
                None => Some(Finding::NoBudget { scenario, now }),
                Some(&budget) => check(scenario, budget, now),
            });
        let left_over = budget.instructions.keys().filter(|name| !counts.contains_key(*name));
        let left_over = left_over.map(|scenario| Finding::NoScenario { scenario });
        let then = &budget.counted_with;
        Self {
            findings: counted.chain(left_over).collect(),
            environments: (then != now).then_some((then, now)),
        }
    }

    /// Returns true if every scenario is within its budget.
    pub(crate) fn is_good(&self) -> bool {
        self.findings.is_empty()
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            writeln!(f, "{finding}")?;
        }
        if let Some((then, now)) = self.environments {
            writeln!(
                f,
                "\nThe budgets were counted with another compiler or C library, which may be the \
                 only cause:"
            )?;
            writeln!(f, "  budgets: {then}\n  now:     {now}")?;
        }
        write!(
            f,
            "\nIf the new counts are intended, `scripts/budgets update` writes them as budgets: \
             commit them with the change, and say why."
        )
    }
}

impl fmt::Display for Finding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::OverBudget { scenario, budget, now } => {
                let percent = change(budget, now);
                write!(
                    f,
                    "{scenario}: over budget: budget {budget}, now {now} instructions ({percent})"
                )
            }
            Self::UnderBudget { scenario, budget, now } => {
                let percent = change(budget, now);
                write!(
                    f,
                    "{scenario}: under budget: budget {budget}, now {now} instructions \
                     ({percent}); lower the budget, so that a regression shows"
                )
            }
            Self::NoBudget { scenario, now } => {
                write!(f, "{scenario}: no budget yet, needs {now} instructions")
            }
            Self::NoScenario { scenario } => {
                write!(f, "{scenario}: there is a budget, but no such scenario")
            }
        }
    }
}

fn check(scenario: &str, budget: u64, now: u64) -> Option<Finding<'_>> {
    if now.abs_diff(budget).saturating_mul(100) <= budget.saturating_mul(TOLERANCE) {
        None
    } else if now > budget {
        Some(Finding::OverBudget { scenario, budget, now })
    } else {
        Some(Finding::UnderBudget { scenario, budget, now })
    }
}

/// Returns the change from one number of instructions to another, in per cent with its sign.
fn change(from: u64, to: u64) -> String {
    if from == 0 {
        return "from zero".into();
    }
    format!("{:+.1} %", (to as f64 / from as f64 - 1.0) * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_per_cent_either_way_is_within_the_budget() {
        for now in [9_600, 10_000, 10_400, 9_500, 10_500] {
            assert_eq!(report(&[("say", 10_000)], &[("say", now)]), None, "{now}");
        }
    }

    #[test]
    fn six_per_cent_more_is_over_budget() {
        let findings = report(&[("join", 70), ("say", 10_000)], &[("join", 70), ("say", 10_600)]);
        let expected = "say: over budget: budget 10000, now 10600 instructions (+6.0 %)";
        assert_eq!(findings, Some(vec![expected.to_owned()]));
    }

    #[test]
    fn count_just_beyond_five_per_cent_is_a_finding() {
        assert!(report(&[("say", 10_000)], &[("say", 10_501)]).is_some());
        assert!(report(&[("say", 10_000)], &[("say", 9_499)]).is_some());
    }

    #[test]
    fn six_per_cent_less_asks_for_a_lower_budget() {
        let findings = report(&[("say", 10_000)], &[("say", 9_400)]).expect("a finding");
        let [line] = findings.as_slice() else { panic!("{findings:?}") };
        assert!(line.contains("(-6.0 %)") && line.contains("lower the budget"), "{line}");
    }

    #[test]
    fn missing_budget_and_missing_scenario_are_findings() {
        let findings = report(&[("gone", 5), ("say", 10)], &[("new", 7), ("say", 10)]);
        let expected = [
            "new: no budget yet, needs 7 instructions",
            "gone: there is a budget, but no such scenario",
        ];
        assert_eq!(findings, Some(expected.map(str::to_owned).to_vec()));
    }

    #[test]
    fn report_says_how_to_update_the_budgets() {
        let budget = budget(&[]);
        let counts = instructions(&[("say", 1)]);
        let text = Report::new(&budget, &counts, &built_by("rustc 1")).to_string();
        assert!(text.contains("`scripts/budgets update`"), "{text}");
        assert!(!text.contains("another compiler"), "{text}");
    }

    #[test]
    fn other_compiler_is_no_finding_but_shown_in_a_report() {
        let budget = budget(&[("say", 10)]);
        let (same, more) = (instructions(&[("say", 10)]), instructions(&[("say", 20)]));
        assert!(Report::new(&budget, &same, &built_by("rustc 2")).is_good());
        let text = Report::new(&budget, &more, &built_by("rustc 2")).to_string();
        assert!(
            text.contains("budgets: rustc 1, glibc 2\n  now:     rustc 2, glibc 2\n"),
            "{text}"
        );
    }

    #[test]
    fn any_count_exceeds_a_budget_of_zero() {
        let findings = report(&[("say", 0)], &[("say", 1)]).expect("a finding");
        assert!(findings[0].ends_with("(from zero)"), "{findings:?}");
    }

    /// Compares counts with budgets; returns the findings, one a line, or `None` if there are none.
    fn report(budgets: &[(&str, u64)], counts: &[(&str, u64)]) -> Option<Vec<String>> {
        let (budget, counts, now) = (budget(budgets), instructions(counts), built_by("rustc 1"));
        let report = Report::new(&budget, &counts, &now);
        let lines = report.findings.iter().map(ToString::to_string).collect();
        (!report.is_good()).then_some(lines)
    }

    fn budget(budgets: &[(&str, u64)]) -> Budget {
        Budget { counted_with: built_by("rustc 1"), instructions: instructions(budgets) }
    }

    fn built_by(compiler: &str) -> Environment {
        Environment { compiler: compiler.into(), c_library: "glibc 2".into() }
    }

    fn instructions(numbers: &[(&str, u64)]) -> Instructions {
        numbers.iter().map(|&(scenario, number)| (scenario.to_owned(), number)).collect()
    }
}
