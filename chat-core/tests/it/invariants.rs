//! Checks invariants after every input, with colliding names, channels and texts.

use crate::generate::{InputGenerator, Seed, small_limits};
use crate::model::CheckedEngine;
use chat_core::Timestamp;
use proptest::prelude::*;
use proptest::test_runner::Config as Runs;

/// The number of runs, each with a new engine.
const CASES: u32 = 10_000;

/// The number of inputs of a run.
const INPUTS: usize = 200;

proptest! {
    #![proptest_config(Runs { failure_persistence: None, ..Runs::with_cases(CASES) })]

    #[test]
    fn invariants_hold_after_every_input(
        seeds in prop::collection::vec(any::<Seed>(), INPUTS),
    ) {
        hold(&seeds);
    }
}

fn hold(seeds: &[Seed]) {
    let start = Timestamp::from_millis(1_767_225_600_000);
    let mut engine = CheckedEngine::new(small_limits(), start);
    let mut generator = InputGenerator::new(start);
    for seed in seeds {
        let (at, input) = generator.input(*seed);
        engine.apply(at, &input, |effect| generator.note(effect));
    }
    engine.finish();
}
