//! Tests that every store has to pass.
//!
//! ```
//! use chat_core::{Config, Timestamp};
//! use chat_store::conformance::{self, Subject};
//! use chat_store::{MemoryStore, Opened};
//!
//! /// A store, once it was opened.
//! #[derive(Default)]
//! struct Memory(Option<MemoryStore>);
//!
//! impl Subject for Memory {
//!     fn open(&mut self, recent: usize, now: Timestamp) -> Opened {
//!         let config = Config {
//!             history_per_channel: recent,
//!             mailbox_per_account: recent,
//!             ..Config::default()
//!         };
//!         self.0.get_or_insert_with(|| MemoryStore::new(&config, now)).open()
//!     }
//! }
//!
//! conformance::check(Memory::default);
//! ```

mod changes;
mod directed;
mod run;
mod subject;

pub use subject::Subject;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// Checks stores, each of which `fresh` makes empty: directed cases, then random runs of an engine
/// in which the store is closed and opened again. After every opening the state equals that of a
/// [`MemoryStore`](crate::MemoryStore), and so do pages of history.
///
/// # Panics
///
/// If a store differs. The message contains the shortest run that shows it.
pub fn check<S: Subject>(fresh: impl Fn() -> S) {
    check_cases(fresh, CASES);
}

/// Like [`check`], with this number of random runs.
///
/// # Panics
///
/// If a store differs.
pub fn check_cases<S: Subject>(fresh: impl Fn() -> S, cases: u32) {
    directed::check(&fresh);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let steps = prop::collection::vec(any::<[u8; 5]>(), 1..STEPS);
    let outcome = TestRunner::new_with_rng(config, rng()).run(&steps, |steps| {
        run::check(&mut fresh(), &steps);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

/// The same runs every time.
fn rng() -> prop::test_runner::TestRng {
    prop::test_runner::TestRng::deterministic_rng(prop::test_runner::RngAlgorithm::ChaCha)
}

/// The random runs.
const CASES: u32 = 200;
/// The most steps of a run.
const STEPS: usize = 150;
