//! Runs some hundred seeds of devices that resume, the same ones every time. With `SEEDS=100000` it
//! runs that many, and with `SEED=7` that one.

use chat_simulation::resuming::{Counters, run};
use chat_simulation::seeds;

#[test]
fn each_device_receives_every_message_once() {
    for seed in seeds(SEEDS) {
        let problems = run(seed).problems.join("\n  ");
        assert!(
            problems.is_empty(),
            "seed {seed} has failed:\n  {problems}\nto see it again: \
             SEED={seed} cargo test -p chat-simulation --test resuming\n"
        );
    }
}

/// Guards against runs that pass because nothing happens in them.
#[test]
fn runs_are_worth_something() {
    let counters: Vec<_> = (0..40).map(|seed| run(seed).counters).collect();
    let sum = |of: fn(&Counters) -> usize| counters.iter().map(of).sum::<usize>();
    assert!(sum(|counters| counters.resumed) > 1_000, "{}", sum(|counters| counters.resumed));
    assert!(sum(|counters| counters.received) > 10_000, "{}", sum(|counters| counters.received));
    assert!(sum(|counters| counters.restarts) > 100, "{}", sum(|counters| counters.restarts));
    assert!(sum(|counters| counters.uncommitted) > 20, "{}", sum(|counters| counters.uncommitted));
    assert!(sum(|counters| counters.questions) > 300, "{}", sum(|counters| counters.questions));
}

const SEEDS: u64 = 300;
