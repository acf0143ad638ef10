//! Budgets and counts, compared. Nothing in here counts anything.

use crate::budget::{Budget, Instructions};
use crate::environment::Environment;
use std::fmt;

/// How far a count may be from its budget, either way, in per cent.
///
/// Less than budgeted is a finding too: a budget that is too high would let the next loss through.
pub(crate) const TOLERANCE: u64 = 5;

/// What is wrong, for people. Nothing is if there are no findings.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Report<'a> {
    findings: Vec<Finding<'a>>,
    /// With what the budgets were counted, and with what the counts, if it was not the same.
    environments: Option<(&'a Environment, &'a Environment)>,
}

#[derive(Debug, PartialEq, Eq)]
enum Finding<'a> {
    /// A scenario needs more than it may.
    Dearer { scenario: &'a str, budget: u64, now: u64 },
    /// A scenario needs so little that its budget has to be lowered.
    Cheaper { scenario: &'a str, budget: u64, now: u64 },
    /// A scenario has no budget.
    NoBudget { scenario: &'a str, now: u64 },
    /// A budget is for a scenario that is not there.
    NoScenario { scenario: &'a str },
}

impl<'a> Report<'a> {
    /// Compares what may be needed with what is needed `now`.
    pub(crate) fn new(budget: &'a Budget, counts: &'a Instructions, now: &'a Environment) -> Self {
        let counted =
            counts.iter().filter_map(|(scenario, &now)| match budget.instructions.get(scenario) {
                None => Some(Finding::NoBudget { scenario, now }),
                Some(&budget) => judge(scenario, budget, now),
            });
        let left_over = budget.instructions.keys().filter(|name| !counts.contains_key(*name));
        let left_over = left_over.map(|scenario| Finding::NoScenario { scenario });
        let then = &budget.counted_with;
        Self {
            findings: counted.chain(left_over).collect(),
            environments: (then != now).then_some((then, now)),
        }
    }

    /// Whether every scenario keeps to its budget.
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
            writeln!(f, "\nThe budgets were counted with something else, which may be all of it:")?;
            writeln!(f, "  budgets: {then}\n  now:     {now}")?;
        }
        write!(
            f,
            "\nIf this is as it should be, `scripts/budgets update` writes the new budgets: commit them with the change, \
             and say why."
        )
    }
}

impl fmt::Display for Finding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Dearer { scenario, budget, now } => {
                let percent = change(budget, now);
                write!(
                    f,
                    "{scenario}: too dear: budget {budget}, now {now} instructions ({percent})"
                )
            }
            Self::Cheaper { scenario, budget, now } => {
                let percent = change(budget, now);
                write!(
                    f,
                    "{scenario}: cheaper, well done: budget {budget}, now {now} instructions ({percent}); lower the \
                     budget, so that it stays so"
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

fn judge(scenario: &str, budget: u64, now: u64) -> Option<Finding<'_>> {
    if now.abs_diff(budget).saturating_mul(100) <= budget.saturating_mul(TOLERANCE) {
        None
    } else if now > budget {
        Some(Finding::Dearer { scenario, budget, now })
    } else {
        Some(Finding::Cheaper { scenario, budget, now })
    }
}

/// The change from one number of instructions to another, in per cent, with its sign.
fn change(from: u64, to: u64) -> String {
    if from == 0 {
        return "from nothing".into();
    }
    format!("{:+.1} %", (to as f64 / from as f64 - 1.0) * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_per_cent_either_way_is_within_the_budget() {
        for now in [9_600, 10_000, 10_400, 9_500, 10_500] {
            assert_eq!(report(&[("say", 10_000)], &[("say", now)]), None, "{now}");
        }
    }

    #[test]
    fn six_per_cent_more_is_too_dear() {
        let told = report(&[("join", 70), ("say", 10_000)], &[("join", 70), ("say", 10_600)]);
        let expected = "say: too dear: budget 10000, now 10600 instructions (+6.0 %)";
        assert_eq!(told, Some(vec![expected.to_owned()]));
    }

    #[test]
    fn the_first_instruction_over_five_per_cent_is_too_many() {
        assert!(report(&[("say", 10_000)], &[("say", 10_501)]).is_some());
        assert!(report(&[("say", 10_000)], &[("say", 9_499)]).is_some());
    }

    #[test]
    fn six_per_cent_less_asks_for_a_lower_budget() {
        let told = report(&[("say", 10_000)], &[("say", 9_400)]).expect("a finding");
        let [line] = told.as_slice() else { panic!("{told:?}") };
        assert!(line.contains("(-6.0 %)") && line.contains("lower the budget"), "{line}");
    }

    #[test]
    fn every_scenario_has_a_budget_and_every_budget_a_scenario() {
        let told = report(&[("gone", 5), ("say", 10)], &[("new", 7), ("say", 10)]);
        let expected = [
            "new: no budget yet, needs 7 instructions",
            "gone: there is a budget, but no such scenario",
        ];
        assert_eq!(told, Some(expected.map(str::to_owned).to_vec()));
    }

    #[test]
    fn a_failure_says_how_to_write_the_new_budget() {
        let budget = budget(&[]);
        let counts = instructions(&[("say", 1)]);
        let text = Report::new(&budget, &counts, &made_by("rustc 1")).to_string();
        assert!(text.contains("`scripts/budgets update`"), "{text}");
        assert!(!text.contains("something else"), "{text}");
    }

    #[test]
    fn another_compiler_is_no_failure_but_mentioned_in_one() {
        let budget = budget(&[("say", 10)]);
        let (same, more) = (instructions(&[("say", 10)]), instructions(&[("say", 20)]));
        assert!(Report::new(&budget, &same, &made_by("rustc 2")).is_good());
        let text = Report::new(&budget, &more, &made_by("rustc 2")).to_string();
        assert!(
            text.contains("budgets: rustc 1, glibc 2\n  now:     rustc 2, glibc 2\n"),
            "{text}"
        );
    }

    #[test]
    fn a_budget_of_nothing_is_exceeded_by_anything() {
        let told = report(&[("say", 0)], &[("say", 1)]).expect("a finding");
        assert!(told[0].ends_with("(from nothing)"), "{told:?}");
    }

    /// The findings, a line each, of budgets and counts; `None` if all is well.
    fn report(budgets: &[(&str, u64)], counts: &[(&str, u64)]) -> Option<Vec<String>> {
        let (budget, counts, now) = (budget(budgets), instructions(counts), made_by("rustc 1"));
        let report = Report::new(&budget, &counts, &now);
        let lines = report.findings.iter().map(ToString::to_string).collect();
        (!report.is_good()).then_some(lines)
    }

    fn budget(budgets: &[(&str, u64)]) -> Budget {
        Budget { counted_with: made_by("rustc 1"), instructions: instructions(budgets) }
    }

    fn made_by(compiler: &str) -> Environment {
        Environment { compiler: compiler.into(), c_library: "glibc 2".into() }
    }

    fn instructions(numbers: &[(&str, u64)]) -> Instructions {
        numbers.iter().map(|&(scenario, number)| (scenario.to_owned(), number)).collect()
    }
}
