//! A token bucket, which limits the rate of a session's commands.

use crate::{Command, Config, Timestamp};
use core::time::Duration;

/// A token bucket over the engine's time, kept as one number: the moment at which the bucket will
/// be full again (the generic cell rate algorithm, ITU-T I.371).
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Bucket {
    /// In microseconds since the epoch, so that rates that do not divide a second stay exact
    /// enough.
    full_at: u64,
}

impl Bucket {
    /// Returns the tokens that a command takes. Five joined channels are about as much work, for
    /// the server and for the recipients, as one other command, and quitting is free.
    pub(crate) fn cost(command: &Command) -> u32 {
        if let Command::Quit { .. } = command {
            return 0;
        }
        let Command::JoinMany { channels } = command else { return 1 };
        u32::try_from(channels.len().div_ceil(5)).unwrap_or(u32::MAX).max(1)
    }

    /// Takes `count` tokens, but no more than a full bucket has; if there are too few, takes none
    /// and returns the time until there are enough.
    pub(crate) fn take(
        &mut self,
        now: Timestamp,
        config: &Config,
        tokens: u32,
    ) -> Result<(), Duration> {
        if config.commands_per_second == 0 {
            return Ok(());
        }
        let interval = 1_000_000 / u64::from(config.commands_per_second).min(1_000_000);
        let burst = config.command_burst.max(1);
        let capacity = interval.saturating_mul(u64::from(burst));
        let cost = interval.saturating_mul(u64::from(tokens.min(burst)));
        let now = now.as_millis().saturating_mul(1_000);
        let full_at = self.full_at.max(now).saturating_add(cost);
        let excess = (full_at - now).saturating_sub(capacity);
        if excess > 0 {
            return Err(Duration::from_millis(excess.div_ceil(1_000)));
        }
        self.full_at = full_at;
        Ok(())
    }

    /// Returns the time until there are as many tokens, without taking any.
    pub(crate) fn wait(mut self, now: Timestamp, config: &Config, tokens: u32) -> Duration {
        self.take(now, config, tokens).err().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn burst_is_followed_by_the_rate() {
        let config = Config { command_burst: 3, commands_per_second: 10, ..Config::default() };
        let mut bucket = Bucket::default();
        let start = Timestamp::from_millis(1_000);
        for _ in 0..3 {
            assert_eq!(bucket.take(start, &config, 1), Ok(()));
        }
        assert_eq!(bucket.take(start, &config, 1), Err(Duration::from_millis(100)));
        assert_eq!(bucket.wait(start, &config, 1), Duration::from_millis(100));
        let later = start + Duration::from_millis(100);
        assert_eq!(bucket.take(later, &config, 1), Ok(()));
        assert_eq!(bucket.take(later, &config, 1), Err(Duration::from_millis(100)));
    }

    #[test]
    fn several_tokens_at_once_cost_the_same_as_one_by_one() {
        let config = Config { command_burst: 5, commands_per_second: 10, ..Config::default() };
        let mut bucket = Bucket::default();
        let start = Timestamp::from_millis(1_000);
        assert_eq!(bucket.take(start, &config, 3), Ok(()));
        assert_eq!(bucket.take(start, &config, 4), Err(Duration::from_millis(200)));
        assert_eq!(bucket.take(start, &config, 2), Ok(()));
        assert_eq!(bucket.take(start, &config, 1), Err(Duration::from_millis(100)));
        // Without the cap, more tokens than a full bucket has could never be taken.
        assert_eq!(bucket.take(start, &config, 9), Err(Duration::from_millis(500)));
        let later = start + Duration::from_millis(500);
        assert_eq!(bucket.take(later, &config, 9), Ok(()));
    }

    #[test]
    fn rate_of_zero_means_no_limit() {
        let config = Config { commands_per_second: 0, ..Config::default() };
        let mut bucket = Bucket::default();
        assert!((0..1_000).all(|_| bucket.take(Timestamp::default(), &config, 1).is_ok()));
    }
}
