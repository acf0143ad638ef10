//! How long to wait before connecting again.

use std::time::Duration;

/// The time before an attempt, counted from 0: it doubles from half a second to half a minute. A
/// random number takes away up to half of it, so that not everybody comes back at once when a
/// server does.
pub(super) fn delay(attempt: u32, random: u32) -> Duration {
    let whole = FIRST.saturating_mul(1 << attempt.min(10)).min(LONGEST);
    whole.mul_f64(1.0 - f64::from(random) / f64::from(u32::MAX) / 2.0)
}

const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_up_to_a_limit_and_are_never_the_same_for_all() {
        let longest: Vec<u128> = (0..8).map(|attempt| delay(attempt, 0).as_millis()).collect();
        assert_eq!(longest, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
        assert_eq!(delay(0, u32::MAX).as_millis(), 250);
        assert_eq!(delay(u32::MAX, u32::MAX / 2).as_millis(), 22_500);
    }
}
