//! What must hold after every input, for people whose names, channels and words collide.

use crate::generate::{Host, Seed, small_limits};
use crate::model::Watched;
use chat_core::Timestamp;
use proptest::prelude::*;
use proptest::test_runner::Config as Runs;

/// How often the engine begins anew.
const CASES: u32 = 10_000;

/// How many inputs it then gets.
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
    let mut engine = Watched::new(small_limits(), start);
    let mut host = Host::new(start);
    for seed in seeds {
        let (at, input) = host.input(*seed);
        engine.apply(at, &input, |effect| host.note(effect));
    }
    engine.finish();
}
