//! Limits on connections: their number, and the rate at which they open.

use crate::io::PeerAddress;
use crate::limits::Limits;
use crate::proxies::TrustedProxies;
use chat_dialects::TurnedAway;
use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// Counts connections, in all and by address, and limits the rate of each address.
#[derive(Debug)]
pub(crate) struct Admission {
    most: usize,
    most_from_one: usize,
    loopback_exempt: bool,
    proxies: TrustedProxies,
    rate: Option<Rate>,
    held: Mutex<Held>,
    /// Limits the number of refused connections that are being told the reason.
    pub(crate) farewells: Arc<Semaphore>,
}

/// A place among the connections that there may be at once. It is free again when the last clone is
/// dropped.
#[derive(Clone, Debug)]
pub struct Permit {
    place: Arc<Place>,
    /// One of the connections that its address may have; `None` if only the limit of all
    /// connections applies.
    counted: Option<Arc<Counted>>,
}

#[derive(Debug)]
struct Place {
    admission: Arc<Admission>,
    /// The number of the shard that it is on.
    shard: usize,
}

#[derive(Debug)]
struct Counted {
    admission: Arc<Admission>,
    source: Source,
}

#[derive(Debug, Default)]
struct Held {
    all: usize,
    /// Of each shard.
    on: Vec<usize>,
    from: HashMap<Source, usize>,
    /// Connections since addresses that have been quiet were last forgotten.
    since_sweep: usize,
}

/// The unit that the limits for one address apply to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Source {
    Network(IpAddr),
    /// All clients of Unix sockets.
    Unix,
}

type Rate = RateLimiter<Source, HashMapStateStore<Source>, RuntimeClock, NoOpMiddleware<Nanos>>;

impl Admission {
    pub(crate) fn new(limits: &Limits, shards: usize) -> Self {
        let rate = NonZeroU32::new(limits.connects_per_second).map(|rate| {
            let store = HashMapStateStore::default();
            RateLimiter::new(Quota::per_second(rate), store, RuntimeClock(Instant::now()))
        });
        Self {
            most: limits.connections,
            most_from_one: limits.connections_per_address,
            loopback_exempt: limits.loopback_exempt,
            proxies: limits.proxies.clone(),
            rate,
            held: Mutex::new(Held { on: vec![0; shards], ..Held::default() }),
            farewells: Arc::new(Semaphore::new(FAREWELLS)),
        }
    }

    /// Admits a connection, or returns the reason to refuse it. Without an address, only the limit
    /// of all connections applies.
    pub(crate) fn admit(
        self: &Arc<Self>,
        address: Option<&PeerAddress>,
    ) -> Result<Permit, TurnedAway> {
        let mut held = self.lock();
        if held.all >= self.most {
            return Err(TurnedAway::Full { limit: self.most });
        }
        let source = address.and_then(|address| self.source(address));
        let counted = source.map(|source| self.count(source, &mut held)).transpose()?;
        held.all += 1;
        let shard = held.take_shard();
        drop(held);
        Ok(Permit { place: Arc::new(Place { admission: self.clone(), shard }), counted })
    }

    /// Admits the client of a request that arrives over a proxy's connection, or returns the reason
    /// to refuse it. The client counts until its permit is dropped; the proxy's own permit counts
    /// no client.
    pub(crate) fn admit_client(
        self: &Arc<Self>,
        permit: &Permit,
        client: &PeerAddress,
    ) -> Result<Permit, TurnedAway> {
        let mut permit = permit.clone();
        if permit.counted.is_none()
            && let Some(source) = self.source(client)
        {
            permit.counted = Some(self.count(source, &mut self.lock())?);
        }
        Ok(permit)
    }

    /// Returns the number of connections.
    pub(crate) fn connections(&self) -> usize {
        self.lock().all
    }

    /// Counts one more connection from a source, unless the source has reached its limit.
    fn count(
        self: &Arc<Self>,
        source: Source,
        held: &mut Held,
    ) -> Result<Arc<Counted>, TurnedAway> {
        let from_there = held.from.get(&source).copied().unwrap_or_default();
        if from_there >= self.most_from_one {
            return Err(TurnedAway::TooManyFromAddress { limit: self.most_from_one });
        }
        self.check_rate(source, held)?;
        held.from.insert(source, from_there + 1);
        Ok(Arc::new(Counted { admission: self.clone(), source }))
    }

    /// Returns the source of an address; `None` if only the limit of all connections applies.
    fn source(&self, address: &PeerAddress) -> Option<Source> {
        match (address.ip(), address) {
            _ if self.proxies.trusts(address) => None,
            (Some(ip), _) if self.loopback_exempt && ip.is_loopback() => None,
            (Some(ip), _) => Some(Source::Network(network(ip))),
            (None, PeerAddress::Unix(_)) if !self.loopback_exempt => Some(Source::Unix),
            (None, _) => None,
        }
    }

    fn check_rate(&self, source: Source, held: &mut Held) -> Result<(), TurnedAway> {
        let Some(rate) = &self.rate else { return Ok(()) };
        held.since_sweep += 1;
        if held.since_sweep >= SWEEP {
            held.since_sweep = 0;
            rate.retain_recent();
        }
        rate.check_key(&source).map_err(|_| TurnedAway::TooFast)
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit {
    /// Returns the number of the connection's shard.
    pub(crate) fn shard(&self) -> usize {
        self.place.shard
    }
}

impl Held {
    /// Takes a place on the shard with the fewest connections; if there are several, on the last of
    /// them, because the first shard runs the engine as well.
    fn take_shard(&mut self) -> usize {
        let fewest = self.on.iter().min().copied().unwrap_or_default();
        let shard = self.on.iter().rposition(|&count| count == fewest).unwrap_or_default();
        self.on[shard] += 1;
        shard
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self.admission.lock();
        held.all -= 1;
        held.on[self.shard] -= 1;
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut held = self.admission.lock();
        if let Some(count) = held.from.get_mut(&self.source) {
            *count -= 1;
            if *count == 0 {
                held.from.remove(&self.source);
            }
        }
    }
}

/// The runtime's clock, which tests can stop.
#[derive(Clone, Debug)]
struct RuntimeClock(Instant);

impl Clock for RuntimeClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::from(self.0.elapsed())
    }
}

/// Returns the network of one customer, which for IPv6 has at least a /64 (RFC 6177 §2).
fn network(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

/// The number of connections after which the rates of addresses without recent connections are
/// dropped, so that memory stays in proportion to traffic.
const SWEEP: usize = 1_024;
/// The most refused connections at once that are told the reason. The others are closed at once.
const FAREWELLS: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn admission(limits: Limits) -> Arc<Admission> {
        Arc::new(Admission::new(&limits, 1))
    }

    /// A connection from this address.
    fn from(text: &str) -> PeerAddress {
        let ip: IpAddr = text.parse().expect("an address");
        PeerAddress::Ip((ip, 1).into())
    }

    #[test]
    fn a_place_is_free_again_when_its_last_clone_is_gone() {
        let admission = admission(Limits { connections: 1, ..Limits::default() });
        let permit = admission.admit(None).expect("there is room");
        let other = permit.clone();
        drop(permit);
        assert_eq!(admission.admit(None).unwrap_err(), TurnedAway::Full { limit: 1 });
        drop(other);
        assert!(admission.admit(None).is_ok());
    }

    #[test]
    fn an_address_has_its_share() {
        let admission = admission(Limits { connections_per_address: 1, ..Limits::default() });
        let held = admission.admit(Some(&from("192.0.2.1"))).expect("there is room");
        let limit = 1;
        let refused = Err(TurnedAway::TooManyFromAddress { limit });
        assert_eq!(admission.admit(Some(&from("192.0.2.1"))).map(|_| ()), refused);
        assert_eq!(admission.admit(Some(&from("::ffff:192.0.2.1"))).map(|_| ()), refused);
        assert!(admission.admit(Some(&from("192.0.2.2"))).is_ok());
        drop(held);
        assert!(admission.admit(Some(&from("192.0.2.1"))).is_ok());
        assert!(admission.lock().from.is_empty(), "closed connections are forgotten");
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one_address() {
        let admission = admission(Limits { connections_per_address: 1, ..Limits::default() });
        let _held = admission.admit(Some(&from("2001:db8::1"))).expect("there is room");
        assert!(admission.admit(Some(&from("2001:db8::ffff:2"))).is_err());
        assert!(admission.admit(Some(&from("2001:db8:0:1::1"))).is_ok());
    }

    #[test]
    fn this_machine_is_exempt_unless_it_is_not() {
        let strict = Limits { connections_per_address: 0, ..Limits::default() };
        assert!(admission(strict.clone()).admit(Some(&from("127.0.0.1"))).is_ok());
        assert!(admission(strict.clone()).admit(Some(&from("::1"))).is_ok());
        let strict = Limits { loopback_exempt: false, ..strict };
        assert!(admission(strict).admit(Some(&from("127.0.0.1"))).is_err());
    }

    #[test]
    fn a_proxy_is_exempt_and_its_clients_are_not() {
        let proxies = TrustedProxies::default().trust("192.0.2.7").expect("an address");
        let limits = Limits { connections_per_address: 1, proxies, ..Limits::default() };
        let admission = admission(limits);
        let proxy = from("192.0.2.7");
        let connections: Vec<Permit> =
            (0..3).map(|_| admission.admit(Some(&proxy)).expect("it is exempt")).collect();
        let client = from("203.0.113.5");
        let let_in = |number: usize, client| admission.admit_client(&connections[number], client);
        let admitted = let_in(0, &client).expect("it is the first");
        assert!(let_in(1, &client).is_err(), "it counts on all connections of the proxy");
        assert!(let_in(0, &client).is_err(), "each request counts");
        let neighbour = from("203.0.113.6");
        let other = let_in(0, &neighbour).expect("it counts by itself");
        drop(admitted);
        drop(let_in(1, &client).expect("a place is free again"));
        drop((connections, other));
        assert!(admission.lock().from.is_empty(), "clients without a connection are forgotten");
        assert!(admission.admit(Some(&client)).is_ok());
    }

    #[test]
    fn unix_sockets_are_exempt_where_loopback_is() {
        let limits = Limits { connections_per_address: 1, ..Limits::default() };
        let generous = admission(limits.clone());
        let _held: Vec<Permit> = (0..3)
            .map(|_| generous.admit(Some(&PeerAddress::unix())).expect("there is no limit"))
            .collect();
        let strict = admission(Limits { loopback_exempt: false, ..limits });
        let _held = strict.admit(Some(&PeerAddress::unix())).expect("there is room");
        assert!(strict.admit(Some(&PeerAddress::unix())).is_err(), "they count as one address");
        assert!(strict.admit(Some(&from("127.0.0.1"))).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_that_connects_too_fast_waits() {
        let admission = admission(Limits { connects_per_second: 2, ..Limits::default() });
        let connect = || admission.admit(Some(&from("192.0.2.1"))).map(|_| ());
        assert_eq!([connect(), connect(), connect()], [Ok(()), Ok(()), Err(TurnedAway::TooFast)]);
        assert!(admission.admit(Some(&from("192.0.2.2"))).is_ok());
        tokio::time::advance(Duration::from_millis(500)).await;
        assert_eq!([connect(), connect()], [Ok(()), Err(TurnedAway::TooFast)]);
    }

    #[tokio::test(start_paused = true)]
    async fn addresses_that_are_quiet_are_forgotten() {
        let admission = admission(Limits::default());
        for last in 0..=u16::MAX {
            let address = IpAddr::V4((0x0a00_0000 | u32::from(last)).into());
            assert!(admission.admit(Some(&PeerAddress::Ip((address, 1).into()))).is_ok());
            tokio::time::advance(Duration::from_millis(1)).await;
        }
        let remembered = admission.rate.as_ref().map_or(0, RateLimiter::len);
        assert!(remembered <= 2 * SWEEP, "{remembered} addresses are remembered");
    }
}
