//! The delay before an attempt to reconnect.

use std::time::Duration;

/// Returns the delay before an attempt, counted from 0. It doubles from 500 milliseconds up to 30
/// seconds. A random number reduces it by up to half, so that not all clients of a server reconnect
/// at the same moment.
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
    fn delay_doubles_up_to_a_limit_and_is_randomised() {
        let longest: Vec<u128> = (0..8).map(|attempt| delay(attempt, 0).as_millis()).collect();
        assert_eq!(longest, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
        assert_eq!(delay(0, u32::MAX).as_millis(), 250);
        assert_eq!(delay(u32::MAX, u32::MAX / 2).as_millis(), 22_500);
    }
}
