//! What is counted: one thing that users do, over and over, in a process that does nothing else.

mod client_dialect;
mod crowd;
mod encode;
mod engine;
mod switchboard;
mod test_switchboard;

use crate::measured::measured;
use chat_core::Timestamp;

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

/// An operation, [`ROUNDS`] times.
pub(crate) trait Work {
    /// Does it all. It is called once.
    fn run(&mut self);

    /// What came of it.
    fn outcome(&mut self) -> Outcome;
}

/// What came of some operations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Messages that were taken.
    pub(crate) messages: u64,
    /// How many answers, events or frames sessions were sent: each for each session.
    pub(crate) told: u64,
    /// Commands that were refused, and frames that were not understood.
    pub(crate) refused: u64,
}

/// A scenario has not done what it is there for.
#[derive(Debug, thiserror::Error)]
#[error("{scenario}: {ROUNDS} operations should have come to {expected:?}, and came to {was:?}")]
pub(crate) struct WrongOutcome {
    scenario: &'static str,
    expected: Outcome,
    was: Outcome,
}

/// How often the operation is done where it counts: what happens now and then, such as that a
/// buffer grows, is shared by as many.
pub(crate) const ROUNDS: u64 = 100;

/// All scenarios.
pub(crate) fn all() -> impl Iterator<Item = &'static Scenario> {
    [engine::SCENARIOS, encode::SCENARIOS, switchboard::SCENARIOS].into_iter().flatten()
}

/// The scenario of this name.
pub(crate) fn named(name: &str) -> Option<&'static Scenario> {
    all().find(|scenario| scenario.name == name)
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

impl Outcome {
    /// A message was taken, and so many were told, the sender included.
    const fn message(told: u64) -> Self {
        Self { messages: 1, told, refused: 0 }
    }

    /// So many were told.
    const fn told(told: u64) -> Self {
        Self { messages: 0, told, refused: 0 }
    }

    /// One command was refused, and whoever gave it was told.
    const fn refusal() -> Self {
        Self { messages: 0, told: 1, refused: 1 }
    }

    const fn times(self, times: u64) -> Self {
        let Self { messages, told, refused } = self;
        Self { messages: messages * times, told: told * times, refused: refused * times }
    }
}

/// How often the operation is done before: until rooms remember as much as they may, and buffers
/// have grown.
const WARM_UP: u64 = 250;

/// When everything happens: as late as any day.
const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// What is said: an ordinary line.
const WORDS: &str = "Has anybody seen the minutes of last week's meeting?";

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
