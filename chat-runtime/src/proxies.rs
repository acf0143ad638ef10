//! Trusted proxies, which state the origin of a connection or a request.

use crate::io::PeerAddress;
use ipnet::IpNet;
use std::net::IpAddr;
use std::str::FromStr;

/// The proxies that the server trusts to state the origin of a connection (PROXY protocol) or of a
/// request (`X-Forwarded-For`, `Forwarded`). None by default: otherwise any client could forge it.
///
/// A proxy brings many clients, so the two limits for one address do not apply to it, but to its
/// clients.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
    unix: bool,
    header: ForwardedHeader,
}

/// The header in which proxies state the origin of a request.
///
/// Choose the one that the proxies set: they pass other headers on as the client has sent them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`, with `X-Forwarded-Host`.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// A text does not name a proxy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is not a proxy; write an address such as 192.0.2.7, a network such as 10.0.0.0/8, or \
     unix for all clients of Unix sockets"
)]
pub struct ProxyError(String);

impl TrustedProxies {
    /// Trusts an address (`192.0.2.7`), a network (`10.0.0.0/8`), or all clients of Unix sockets
    /// (`unix`).
    ///
    /// # Errors
    ///
    /// If it is none of these.
    pub fn trust(mut self, proxy: &str) -> Result<Self, ProxyError> {
        if proxy == "unix" {
            self.unix = true;
            return Ok(self);
        }
        let network = IpAddr::from_str(proxy)
            .map(IpNet::from)
            .or_else(|_| IpNet::from_str(proxy))
            .map_err(|_| ProxyError(proxy.to_owned()))?;
        self.networks.push(network);
        Ok(self)
    }

    /// Sets the header in which they say where a request comes from.
    #[must_use]
    pub fn header(mut self, header: ForwardedHeader) -> Self {
        self.header = header;
        self
    }

    /// The header in which they say where a request comes from.
    pub fn forwarded_header(&self) -> ForwardedHeader {
        self.header
    }

    /// Returns true if no proxy is trusted.
    pub fn is_empty(&self) -> bool {
        self.networks.is_empty() && !self.unix
    }

    /// Returns true if the address is that of a trusted proxy.
    pub fn trusts(&self, address: &PeerAddress) -> bool {
        match address.ip() {
            Some(ip) => self.networks.iter().any(|network| network.contains(&ip)),
            None => self.unix && matches!(address, PeerAddress::Unix(_)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(written: &[&str]) -> TrustedProxies {
        written.iter().fold(TrustedProxies::default(), |proxies, proxy| {
            proxies.trust(proxy).expect("a proxy")
        })
    }

    fn at(ip: &str) -> PeerAddress {
        PeerAddress::Ip((ip.parse::<IpAddr>().expect("an address"), 1).into())
    }

    #[test]
    fn addresses_networks_and_unix_sockets_are_trusted() {
        let some = proxies(&["192.0.2.7", "10.0.0.0/8", "2001:db8::/32", "unix"]);
        for ip in ["192.0.2.7", "::ffff:192.0.2.7", "10.9.8.7", "2001:db8::1"] {
            assert!(some.trusts(&at(ip)), "{ip}");
        }
        for ip in ["192.0.2.8", "11.0.0.1", "127.0.0.1", "::1", "2001:db9::1"] {
            assert!(!some.trusts(&at(ip)), "{ip}");
        }
        assert!(some.trusts(&PeerAddress::unix()));
        assert!(!some.trusts(&PeerAddress::Other("vsock:3:1".into())));
        assert!(!proxies(&["0.0.0.0/0"]).trusts(&PeerAddress::unix()));
        assert!(TrustedProxies::default().is_empty());
        assert!(!TrustedProxies::default().trusts(&at("127.0.0.1")));
    }

    #[test]
    fn error_of_an_invalid_proxy_names_the_valid_forms() {
        for wrong in ["", "proxy.example.org", "10.0.0.0/33", "127.0.0.1:80", "Unix"] {
            let error = TrustedProxies::default().trust(wrong).expect_err("no proxy").to_string();
            assert!(error.contains("10.0.0.0/8"), "{error}");
        }
    }
}
