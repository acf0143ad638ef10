//! The seeds of a test.

use std::ops::Range;

/// Returns the seeds that a test runs: the first `usual` ones, or as many as `SEEDS` says, or the
/// one of `SEED`.
///
/// # Panics
///
/// If one of these variables of the environment is no number.
pub fn seeds(usual: u64) -> Range<u64> {
    let number = |name| {
        let text = std::env::var(name).ok()?;
        Some(text.parse::<u64>().expect("SEED and SEEDS are numbers"))
    };
    let many = 0..number("SEEDS").unwrap_or(usual);
    number("SEED").map_or(many, |seed| seed..seed + 1)
}
