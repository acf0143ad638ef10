//! Whole servers and their clients on a simulated network, with faults.
//!
//! A *seed* says how many clients there are, what each speaks and does, how short the server's
//! queues are, and what goes wrong when: segments that are late, held or lost, connections that are
//! reset, clients that crash and come back, readers that do not read. The server is the real one,
//! with its real front ends, and all of it takes place on one thread in simulated time, so that the
//! same seed gives the same run on every machine.
//!
//! While that goes on, a [ledger](ledger::Ledger) notes what the server owes to whom. When it has
//! been quiet for a while, what everybody has seen is compared with it: nothing is lost without a
//! word, nothing comes twice or in another order, nobody is still there who has gone, and nobody
//! waits for ever.
//!
//! ```sh
//! cargo test -p chat-simulation              # a few hundred seeds
//! SEED=1234 cargo test -p chat-simulation    # one seed, and if it fails what happened in it
//! # A night's worth, from a seed that is printed:
//! cargo run --release -p chat-simulation --example simulate -- 100000
//! ```

mod check;
pub mod client;
mod clock;
mod dice;
pub mod ledger;
pub mod network;
mod outcome;
mod panics;
pub mod plan;
mod play;
mod reading;
mod roster;
mod run;
pub mod server;
pub mod stream;
pub mod talk;

pub use clock::SimulatedClock;
pub use dice::Dice;
pub use outcome::{Counters, Outcome};
pub use play::run;
pub use talk::Deed;
