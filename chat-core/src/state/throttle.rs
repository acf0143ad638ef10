//! Limits the attempts to log in, and the reports.

use crate::{Config, Timestamp};
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::net::Ipv6Addr;
use core::time::Duration;

/// The attempts to log in that have failed, or whose outcome is not known yet, by the network of
/// the client and by the name of the account.
#[derive(Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Throttle {
    /// The time at which each key has all its attempts again: the generic cell rate algorithm.
    #[cfg_attr(feature = "serde", serde(skip))]
    free_at: BTreeMap<Key, Timestamp>,
    /// The same, by time.
    by_time: BTreeSet<(Timestamp, Key)>,
}

/// The attempts that are allowed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate {
    /// The attempts that are allowed at once; 0: any number.
    burst: u32,
    /// The time after which another one is allowed then.
    interval: Duration,
}

impl Rate {
    /// Returns the rate of attempts to log in.
    pub(crate) fn of_logins(config: &Config) -> Self {
        Self { burst: config.login_burst, interval: config.login_interval }
    }

    /// Returns the rate of reports.
    pub(crate) fn of_reports(config: &Config) -> Self {
        Self { burst: config.report_burst, interval: config.report_interval }
    }
}

/// Something of which attempts are counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum Key {
    /// A network: an IPv4 address, or 64 bits of an IPv6 address; none for clients without one.
    Network(Option<u128>),
    /// An account, by its folded name.
    Account(Box<str>),
}

impl Key {
    /// Returns the keys of an attempt.
    pub(crate) fn of(address: Option<Ipv6Addr>, account: &str) -> [Self; 2] {
        let network = address.map(network);
        [Self::Network(network), Self::Account(account.into())]
    }

    /// Returns the attempts that are allowed at once. An account has more than a network, so that
    /// it takes several networks to keep its owner from logging in with the password.
    fn burst(&self, rate: Rate) -> u32 {
        match self {
            Self::Network(_) => rate.burst,
            Self::Account(_) => rate.burst.saturating_mul(10),
        }
    }
}

/// Returns the network of an address, in which one person may have all addresses.
fn network(address: Ipv6Addr) -> u128 {
    let bits = u128::from(address);
    if address.to_ipv4_mapped().is_some() { bits } else { bits & (u128::MAX << 64) }
}

impl Throttle {
    /// The largest number of keys. The one that is free first is forgotten first.
    const KEYS: usize = 20_000;

    /// Counts an attempt of each key, or returns the time until all of them allow one.
    pub(crate) fn begin(
        &mut self,
        now: Timestamp,
        rate: Rate,
        keys: &[Key],
    ) -> Result<(), Duration> {
        if rate.burst == 0 {
            return Ok(());
        }
        let after = |key: &Key| {
            let free_at = self.free_at.get(key).copied().unwrap_or(now);
            free_at.max(now) + rate.interval
        };
        let excess = |key: &Key| {
            let allowed = rate.interval.saturating_mul(key.burst(rate));
            after(key).since(now).saturating_sub(allowed)
        };
        let excess = keys.iter().map(excess).max();
        let excess = excess.unwrap_or_default();
        if !excess.is_zero() {
            return Err(excess);
        }
        let free_at = keys.iter().map(|key| (key, after(key)));
        for (key, at) in free_at.collect::<Vec<_>>() {
            self.set(key, Some(at));
        }
        self.prune(now);
        Ok(())
    }

    /// Takes an attempt back that has succeeded. The account has no failed attempts any more.
    pub(crate) fn succeed(&mut self, now: Timestamp, rate: Rate, keys: &[Key]) {
        for key in keys {
            let free_at = self.free_at.get(key).copied();
            let before = match key {
                Key::Account(_) => None,
                Key::Network(_) => free_at.map(|at| now + at.since(now + rate.interval)),
            };
            self.set(key, before.filter(|at| *at > now));
        }
    }

    /// Finds the keys by time alone, after they were read from a snapshot.
    #[cfg(feature = "serde")]
    pub(super) fn index(&mut self) {
        self.free_at = self.by_time.iter().map(|(at, key)| (key.clone(), *at)).collect();
    }

    fn set(&mut self, key: &Key, free_at: Option<Timestamp>) {
        let before = match free_at {
            Some(at) => self.free_at.insert(key.clone(), at),
            None => self.free_at.remove(key),
        };
        if let Some(before) = before {
            self.by_time.remove(&(before, key.clone()));
        }
        if let Some(at) = free_at {
            self.by_time.insert((at, key.clone()));
        }
    }

    fn prune(&mut self, now: Timestamp) {
        while let Some((at, _)) = self.by_time.first()
            && (*at <= now || self.by_time.len() > Self::KEYS)
        {
            if let Some((_, key)) = self.by_time.pop_first() {
                self.free_at.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_000_000);

    fn rate() -> Rate {
        Rate { burst: 3, interval: Duration::from_secs(6) }
    }

    fn address(raw: &str) -> Option<Ipv6Addr> {
        crate::address_range::parse_address(raw)
    }

    #[test]
    fn attempts_beyond_the_burst_wait() {
        let (mut throttle, rate) = (Throttle::default(), rate());
        let keys = Key::of(address("192.0.2.1"), "alice");
        for _ in 0..3 {
            assert_eq!(throttle.begin(START, rate, &keys), Ok(()));
        }
        let wait = Duration::from_secs(6);
        assert_eq!(throttle.begin(START, rate, &keys), Err(wait));
        assert_eq!(throttle.begin(START + wait, rate, &keys), Ok(()));
        assert_eq!(throttle.begin(START + wait, rate, &keys), Err(wait));
    }

    #[test]
    fn other_network_can_still_log_in() {
        let (mut throttle, rate) = (Throttle::default(), rate());
        let guesser = Key::of(address("2001:db8::1"), "alice");
        while throttle.begin(START, rate, &guesser).is_ok() {}
        let neighbour = Key::of(address("2001:db8::ffff"), "bob");
        assert!(throttle.begin(START, rate, &neighbour).is_err());
        let owner = Key::of(address("2001:db8:0:1::1"), "alice");
        assert_eq!(throttle.begin(START, rate, &owner), Ok(()));
    }

    #[test]
    fn account_is_limited_over_all_networks() {
        let (mut throttle, rate) = (Throttle::default(), rate());
        let from = |network: u32| Key::of(address(&alloc::format!("192.0.2.{network}")), "alice");
        for attempt in 0..30 {
            assert_eq!(throttle.begin(START, rate, &from(attempt)), Ok(()));
        }
        assert!(throttle.begin(START, rate, &from(30)).is_err());
    }

    #[test]
    fn success_counts_for_nothing() {
        let (mut throttle, rate) = (Throttle::default(), rate());
        let keys = Key::of(None, "alice");
        for _ in 0..100 {
            assert_eq!(throttle.begin(START, rate, &keys), Ok(()));
            throttle.succeed(START, rate, &keys);
        }
        assert!(throttle.free_at.is_empty() && throttle.by_time.is_empty());
    }

    #[test]
    fn keys_are_limited() {
        let (mut throttle, rate) = (Throttle::default(), rate());
        for number in 0..Throttle::KEYS {
            let keys = Key::of(None, &alloc::format!("{number}"));
            let _ = throttle.begin(START, rate, &keys[1..]);
        }
        assert_eq!(throttle.free_at.len(), Throttle::KEYS);
        throttle.begin(START, rate, &Key::of(None, "one more")[1..]).expect("allowed");
        assert_eq!(throttle.free_at.len(), Throttle::KEYS);
        throttle
            .begin(START + Duration::from_secs(7), rate, &Key::of(None, "later")[1..])
            .expect("allowed");
        assert_eq!(throttle.by_time.len(), 1);
    }
}
