//! Whole servers and their clients on a simulated network, with faults.
//!
//! A *seed* determines how many clients there are, which dialect each uses and what it does, how
//! short the server's queues are, and which faults happen when: segments that are delayed, held
//! back or lost, connections that are reset, clients that crash and restart, clients that stop
//! reading. The server is the real one, with its real front ends, and everything runs on one thread
//! in simulated time, so that the same seed gives the same run on every machine.
//!
//! Meanwhile a [ledger](ledger::Ledger) records the expected deliveries of each session. When the
//! network has been quiet for a while, the output that each client has received is compared with
//! the ledger: no delivery is lost without notice, none is repeated or reordered, no roster shows a
//! user that has left, and no client waits for ever.
//!
//! [Other runs](restarts) are of servers with a store, which are killed and come back, and of
//! [devices that resume](resuming).
//!
//! ```sh
//! cargo test -p chat-simulation              # a few hundred seeds
//! SEED=1234 cargo test -p chat-simulation    # one seed, with a report if it fails
//! # Many seeds, from a random first seed that is printed:
//! cargo run --release -p chat-simulation --example simulate -- 100000
//! SEEDS=10000 cargo test --release -p chat-simulation --test restarts
//! SEEDS=100000 cargo test --release -p chat-simulation --test resuming
//! ```

#![expect(
    missing_debug_implementations,
    reason = "nothing prints the parts of a simulated network"
)]

mod check;
pub mod client;
mod client_view;
mod clock;
mod comparison;
mod dice;
mod irc_lists;
pub mod ledger;
pub mod network;
mod outcome;
mod panics;
pub mod plan;
mod play;
pub mod restarts;
pub mod resuming;
mod retry;
mod roster;
mod run;
mod seeds;
pub mod server;
pub mod stream;
pub mod talk;

pub use clock::SimulatedClock;
pub use dice::Dice;
pub use outcome::{Counters, Outcome};
pub use play::run;
pub use seeds::seeds;
pub use talk::Action;
