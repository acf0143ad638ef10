//! What is counted: one thing that users do, over and over, in a process that does nothing else.

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

/// Something that users do, by a name that its budget has too.
pub(crate) struct Scenario {
    /// Its name: what does it, what is done, and how large the world is.
    pub(crate) name: &'static str,
    /// What one operation has to come to. A scenario that is refused what it asks for would be
    /// cheap.
    outcome: Outcome,
    /// Makes everything that is not to be counted.
    prepare: fn() -> Box<dyn Work>,
}

/// A scenario has not done what it is there for.
#[derive(Debug, thiserror::Error)]
#[error("{scenario}: {ROUNDS} operations should have come to {expected:?}, and came to {was:?}")]
pub(crate) struct WrongOutcome {
    scenario: &'static str,
    expected: Outcome,
    was: Outcome,
}

impl Scenario {
    /// Does the work once, and makes sure that it was done.
    pub(crate) fn run(&self) -> Result<(), WrongOutcome> {
        let mut work = (self.prepare)();
        measured(work.as_mut());
        let (expected, was) = (self.outcome.times(ROUNDS), work.outcome());
        if was == expected {
            Ok(())
        } else {
            Err(WrongOutcome { scenario: self.name, expected, was })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_scenario_does_what_it_is_there_for() {
        for scenario in all() {
            if let Err(wrong) = scenario.run() {
                panic!("{wrong}");
            }
        }
    }

    #[test]
    fn no_two_scenarios_have_the_same_name() {
        let names: BTreeSet<&str> = all().map(|scenario| scenario.name).collect();
        assert_eq!(names.len(), all().count());
    }
}
