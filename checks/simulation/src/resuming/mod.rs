//! Devices of a few accounts that lose their connections, and resume.
//!
//! A *seed* determines the actions of the devices and the faults: connections that end with events
//! on the way, commands and answers that are lost, devices that are off for a while, a server that
//! is restarted, or dies before it has committed its last input. A ledger notes which messages
//! each account has to receive, from what the engine answers. In the end, all devices come back:
//! each has received every message of its account, once, and nothing else.
//!
//! The engine and a store in memory are the real ones. There is no network, so that a run takes a
//! few milliseconds: `SEEDS=100000 cargo test --release -p chat-simulation --test resuming`.

mod device;
mod ledger;
mod outcome;
mod world;

use crate::Dice;
use world::World;

pub use outcome::{Counters, Outcome};

/// Runs the plan of a seed.
pub fn run(seed: u64) -> Outcome {
    let mut dice = Dice::new(seed);
    let mut world = World::new(&mut dice);
    for _ in 0..STEPS {
        world.step(&mut dice);
    }
    world.settle();
    world.finish()
}

/// The number of actions and faults of a run.
const STEPS: usize = 400;
