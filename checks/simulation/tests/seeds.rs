//! Runs a few hundred seeds, the same ones every time; `examples/simulate.rs` runs random ones.

use chat_simulation::run;

#[test]
fn even_seeds() {
    check((0..SEEDS).filter(|seed| seed % 2 == 0));
}

#[test]
fn odd_seeds() {
    check((0..SEEDS).filter(|seed| seed % 2 == 1));
}

#[test]
fn the_same_seed_gives_the_same_run() {
    for seed in 0..5 {
        assert_eq!(run(seed).trace, run(seed).trace, "seed {seed}");
    }
}

/// Guards against runs that pass because nothing happens in them. The number of visits of a run
/// varies with the server's response times, so the sums are over many runs.
#[test]
fn runs_are_worth_something() {
    let counters_of_runs: Vec<_> = (0..60).map(|seed| run(seed).counters).collect();
    let sum = |of: fn(&chat_simulation::Counters) -> usize| {
        counters_of_runs.iter().map(of).sum::<usize>()
    };
    assert!(sum(|counters| counters.visits) > 900);
    assert!(sum(|counters| counters.live) > 60);
    assert!(sum(|counters| counters.messages) > 3_000);
    assert!(sum(|counters| counters.faults) > 900);
    assert!(sum(|counters| counters.complete) > 300);
    assert!(sum(|counters| counters.held_up) > 25);
    let reconnected = sum(|counters| counters.reconnected);
    assert!(reconnected > 25, "{reconnected} connections continue one that was lost");
    let repeated = sum(|counters| counters.repeated);
    assert!(repeated > 5, "{repeated} messages were sent again after they had been accepted");
    let irc_lists = sum(|counters| counters.irc_lists);
    assert!(irc_lists > 25, "{irc_lists} lists of members of clients of IRC are right");
    assert!(counters_of_runs.iter().filter(|counters| counters.missed > 0).count() > 15);
}

fn check(seeds: impl Iterator<Item = u64>) {
    let chosen = std::env::var("SEED").ok().map(|seed| seed.parse().expect("SEED is a number"));
    // A chosen seed runs in both tests, whether it is odd or even.
    let seeds: Vec<u64> = chosen.map_or_else(|| seeds.collect(), |seed| vec![seed]);
    for seed in seeds {
        if let Some(report) = run(seed).report(seed) {
            panic!("{report}");
        }
    }
}

const SEEDS: u64 = 300;
