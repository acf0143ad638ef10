//! Host names that hide the addresses of clients.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Makes the host names that users see of each other from their addresses.
///
/// A cloak is `c-` and 16 letters and digits: the beginning of an HMAC-SHA-256 of the address,
/// which nobody can compute back without the key. Clients of one address have the same cloak, and
/// so have those of one /64 of IPv6, since that is what one client usually has. Ports do not count.
/// Clients of Unix sockets have the cloak `local`.
///
/// With another key, all cloaks are different. A server without a cloak of its own makes a random
/// key at each start; one that keeps bans by host name needs a constant key.
#[derive(Clone)]
pub struct Cloak {
    /// `None` gives no host names.
    keyed: Option<Hmac<Sha256>>,
}

impl Cloak {
    /// Makes a cloak with a secret key of any length; 32 random bytes are best.
    pub fn with_key(key: &[u8]) -> Self {
        let keyed = Hmac::new_from_slice(key).expect("a key of HMAC may have any length");
        Self { keyed: Some(keyed) }
    }

    /// Makes a cloak that gives users no host names at all.
    pub fn none() -> Self {
        Self { keyed: None }
    }

    /// Makes a cloak with a random key.
    ///
    /// # Panics
    ///
    /// If the operating system has no random numbers.
    pub fn random() -> Self {
        let mut key = [0; 32];
        getrandom::fill(&mut key).expect("the operating system has random numbers");
        Self::with_key(&key)
    }

    /// Returns the host name for an address, written as
    /// [`Peer::address`](chat_core::Peer::address).
    pub fn host(&self, address: &str) -> Option<Arc<str>> {
        let mut keyed = self.keyed.clone()?;
        if address.starts_with("unix:") {
            return Some("local".into());
        }
        let ip =
            address.parse::<SocketAddr>().map(|socket| socket.ip()).or_else(|_| address.parse());
        match ip.map(|ip| ip.to_canonical()) {
            Ok(IpAddr::V4(ip)) => keyed.update(&ip.octets()),
            Ok(IpAddr::V6(ip)) => keyed.update(&ip.octets()[..8]),
            Err(_) => keyed.update(address.as_bytes()),
        }
        let hash = keyed.finalize().into_bytes();
        let mut host = *b"c-0123456789012345";
        for (letter, byte) in host[2..].iter_mut().zip(hash) {
            *letter = LETTERS[usize::from(byte) % LETTERS.len()];
        }
        Some(String::from_utf8_lossy(&host).into())
    }
}

/// Letters and digits without those that look alike.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

impl fmt::Debug for Cloak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cloak").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cloak_depends_on_the_address_and_on_the_key_alone() {
        let cloak = Cloak::with_key(b"a key");
        let host = cloak.host("192.0.2.1:54104");
        assert_eq!(host.as_deref(), Some("c-jh72fgehae7a2jut"));
        assert_eq!(cloak.host("192.0.2.1:1"), host);
        assert_eq!(cloak.host("192.0.2.1"), host);
        assert_eq!(cloak.host("[::ffff:192.0.2.1]:1"), host);
        assert_ne!(cloak.host("192.0.2.2:54104"), host);
        assert_ne!(Cloak::with_key(b"another").host("192.0.2.1:54104"), host);
        assert_ne!(Cloak::random().host("192.0.2.1"), Cloak::random().host("192.0.2.1"));
    }

    #[test]
    fn clients_of_one_network_of_ipv6_have_the_same_cloak() {
        let cloak = Cloak::with_key(b"a key");
        let host = cloak.host("[2001:db8:0:1::1]:1");
        assert_eq!(cloak.host("[2001:db8:0:1:ffff::2]:2"), host);
        assert_ne!(cloak.host("[2001:db8:0:2::1]:1"), host);
    }

    #[test]
    fn other_addresses_have_cloaks_too() {
        let cloak = Cloak::with_key(b"a key");
        assert_eq!(cloak.host("unix:7").as_deref(), Some("local"));
        assert_ne!(cloak.host("vsock:3:1024"), cloak.host("vsock:4:1024"));
        assert!(cloak.host("vsock:3:1024").is_some_and(|host| !host.contains("vsock")));
        assert_eq!(Cloak::none().host("192.0.2.1:1"), None);
    }
}
