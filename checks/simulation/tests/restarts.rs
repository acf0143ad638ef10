//! Runs a few hundred seeds of servers with a store, the same ones every time. With `SEEDS=10000`
//! it runs that many, and with `SEED=7` that one.

use chat_simulation::restarts::{Counters, run};
use chat_simulation::seeds;

#[test]
fn nothing_that_was_delivered_is_lost() {
    for seed in seeds(SEEDS) {
        let outcome = run(seed);
        let problems = outcome.problems.join("\n  ");
        assert!(
            problems.is_empty(),
            "seed {seed} has failed:\n  {problems}\nto see it again: \
             SEED={seed} cargo test -p chat-simulation --test restarts\n"
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_run() {
    for seed in 0..5 {
        assert_eq!(run(seed).trace, run(seed).trace, "seed {seed}");
    }
}

/// Guards against runs that pass because nothing happens in them.
#[test]
fn runs_are_worth_something() {
    let counters: Vec<_> = (0..40).map(|seed| run(seed).counters).collect();
    let sum = |of: fn(&Counters) -> usize| counters.iter().map(of).sum::<usize>();
    assert!(sum(|counters| counters.restarts) > 200, "{}", sum(|counters| counters.restarts));
    assert!(sum(|counters| counters.failures) > 20, "{}", sum(|counters| counters.failures));
    assert!(sum(|counters| counters.kept) > 4_000, "{}", sum(|counters| counters.kept));
    assert!(sum(|counters| counters.repeated) > 10, "{}", sum(|counters| counters.repeated));
    assert!(sum(|counters| counters.topics) > 100, "{}", sum(|counters| counters.topics));
    for counters in counters {
        assert!(counters.delivered > counters.kept, "{counters:?}");
    }
}

const SEEDS: u64 = 200;
