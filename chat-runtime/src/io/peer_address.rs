//! The address from which a connection comes.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The origin of a connection, as its [`Listener`](crate::Listener) says.
///
/// It is written as [`Peer::address`](chat_core::Peer::address): `192.0.2.1:54104`, `unix:7`. No
/// two connections at the same time have the same, since a dialect may tell its users apart by it;
/// but for clients of an HTTP proxy, of whom it knows no port: they have port 0, which is not
/// written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PeerAddress {
    /// An address and a port. The limits for one address apply, unless it is a loopback address and
    /// [`Limits::loopback_exempt`](crate::Limits::loopback_exempt) is set.
    Ip(SocketAddr),
    /// A client of a Unix socket, which has no address of its own: a number that no other
    /// connection of this process has. It comes from this machine, so it is exempt where loopback
    /// addresses are; where they are not, all clients of Unix sockets count as one address.
    Unix(u64),
    /// Anything else, in the words of the listener, such as `vsock:3:1024`. Only the limit of all
    /// connections applies.
    Other(Arc<str>),
}

impl PeerAddress {
    /// The address of a client of a Unix socket, with the next free number.
    pub fn unix() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self::Unix(LAST.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// The IP address, if it has one. An IPv4 address that is written as IPv6 is an IPv4 address.
    pub fn ip(&self) -> Option<IpAddr> {
        match self {
            Self::Ip(address) => Some(address.ip().to_canonical()),
            Self::Unix(_) | Self::Other(_) => None,
        }
    }
}

impl From<SocketAddr> for PeerAddress {
    fn from(address: SocketAddr) -> Self {
        Self::Ip(address)
    }
}

impl fmt::Display for PeerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(address) if address.port() == 0 => address.ip().fmt(f),
            Self::Ip(address) => address.fmt(f),
            Self::Unix(number) => write!(f, "unix:{number}"),
            Self::Other(name) => name.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_of_unix_sockets_are_told_apart() {
        let (one, two) = (PeerAddress::unix().to_string(), PeerAddress::unix().to_string());
        assert!(one.starts_with("unix:"), "{one}");
        assert_ne!(one, two);
    }
}
