//! Scenarios: each repeats one operation of users, in its own process.

mod all;
mod client_dialect;
mod crowd;
mod encode;
mod engine;
mod switchboard;
mod test_switchboard;
pub(crate) mod work;

pub(crate) use all::{all, named};
pub(crate) use work::ROUNDS;

use crate::measured::measured;
use work::{Outcome, Work};

/// An operation of users, with the name of its budget.
pub(crate) struct Scenario {
    /// Its name: the part that does it, the operation, and the number of users.
    pub(crate) name: &'static str,
    /// The expected outcome of one operation. It guards against a scenario whose commands are
    /// refused, which would be cheap.
    outcome: Outcome,
    /// Does the preparation, which is not counted.
    prepare: fn() -> Box<dyn Work>,
}

/// The error of a scenario with an unexpected outcome.
#[derive(Debug, thiserror::Error)]
#[error("{scenario}: the outcome of {ROUNDS} operations is {actual:?}, and should be {expected:?}")]
pub(crate) struct WrongOutcome {
    scenario: &'static str,
    expected: Outcome,
    actual: Outcome,
}

impl Scenario {
    /// Runs the work once, and checks its outcome.
    pub(crate) fn run(&self) -> Result<(), WrongOutcome> {
        let mut work = (self.prepare)();
        measured(work.as_mut());
        let (expected, actual) = (self.outcome.times(ROUNDS), work.outcome());
        if actual == expected {
            Ok(())
        } else {
            Err(WrongOutcome { scenario: self.name, expected, actual })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_scenario_has_its_expected_outcome() {
        for scenario in all() {
            if let Err(wrong) = scenario.run() {
                panic!("{wrong}");
            }
        }
    }

    #[test]
    fn scenario_names_are_unique() {
        let names: BTreeSet<&str> = all().map(|scenario| scenario.name).collect();
        assert_eq!(names.len(), all().count());
    }
}
