//! Ranges of network addresses.

use alloc::string::String;
use core::fmt;
use core::net::{IpAddr, Ipv6Addr, SocketAddr};
use core::str::FromStr;
use ipnet::{IpNet, Ipv6Net};

/// A range of network addresses, such as `192.0.2.7`, `192.0.2.0/24` or `2001:db8::/32` (CIDR, RFC
/// 4632). An IPv4 address that is [mapped](Ipv6Addr::to_ipv4_mapped) into IPv6 is the same address.
///
/// ```
/// use chat_core::AddressRange;
///
/// let range: AddressRange = "192.0.2.77/24".parse()?;
/// assert_eq!(range.to_string(), "192.0.2.0/24");
/// assert!(range.contains("192.0.2.7".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "String", try_from = "String"))]
pub struct AddressRange(Ipv6Net);

/// The error of a text that is not an [`AddressRange`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a range of addresses such as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32")]
#[non_exhaustive]
pub struct AddressRangeError(String);

impl AddressRange {
    /// Makes the range of the addresses that have the first `prefix` bits in common with `address`.
    /// A prefix that is longer than the address counts as the whole address.
    pub fn new(address: IpAddr, prefix: u8) -> Self {
        let prefix = match address {
            IpAddr::V4(_) => prefix.saturating_add(MAPPED),
            IpAddr::V6(_) => prefix,
        };
        let network = Ipv6Net::new(mapped(address), prefix.min(128));
        Self(network.expect("an address has 128 bits").trunc())
    }

    /// Returns true if an address is in the range.
    pub fn contains(self, address: IpAddr) -> bool {
        self.covers(mapped(address))
    }

    pub(crate) fn covers(self, address: Ipv6Addr) -> bool {
        self.0.contains(&address)
    }

    /// Returns the lowest and the highest address.
    pub(crate) fn ends(self) -> (Ipv6Addr, Ipv6Addr) {
        (self.0.network(), self.0.broadcast())
    }
}

impl From<IpAddr> for AddressRange {
    fn from(address: IpAddr) -> Self {
        Self::new(address, 128)
    }
}

impl FromStr for AddressRange {
    type Err = AddressRangeError;

    fn from_str(text: &str) -> Result<Self, AddressRangeError> {
        let network =
            text.parse().map(|network: IpNet| Self::new(network.addr(), network.prefix_len()));
        let range = network.or_else(|_| text.parse().map(|address: IpAddr| address.into()));
        range.map_err(|_| AddressRangeError(text.into()))
    }
}

impl TryFrom<String> for AddressRange {
    type Error = AddressRangeError;

    fn try_from(text: String) -> Result<Self, AddressRangeError> {
        text.parse()
    }
}

impl From<AddressRange> for String {
    fn from(range: AddressRange) -> Self {
        alloc::format!("{range}")
    }
}

/// Shows the lowest address and, if there are several, the length of the prefix.
impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, prefix) = (self.0.network(), self.0.prefix_len());
        let (address, prefix, longest) = match first.to_ipv4_mapped() {
            Some(address) if prefix >= MAPPED => (address.into(), prefix - MAPPED, 32),
            Some(_) | None => (IpAddr::V6(first), prefix, 128),
        };
        address.fmt(f)?;
        if prefix < longest { write!(f, "/{prefix}") } else { Ok(()) }
    }
}

impl fmt::Debug for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Parses the network address of a [peer](crate::Peer::address), with or without a port. Other
/// origins have none.
pub(crate) fn parse_address(origin: &str) -> Option<Ipv6Addr> {
    let with_port = origin.parse().map(|address: SocketAddr| address.ip());
    with_port.or_else(|_| origin.parse()).ok().map(mapped)
}

fn mapped(address: IpAddr) -> Ipv6Addr {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    }
}

/// The length of the prefix that all mapped IPv4 addresses have (`::ffff:0:0/96`, RFC 4291
/// §2.5.5.2).
const MAPPED: u8 = 96;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    fn range(text: &str) -> AddressRange {
        text.parse().unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn range_is_shown_in_its_shortest_form() {
        for (text, shown) in [
            ("192.0.2.7", "192.0.2.7"),
            ("192.0.2.7/32", "192.0.2.7"),
            ("192.0.2.77/24", "192.0.2.0/24"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:DB8:0::1", "2001:db8::1"),
            ("2001:db8:1::/32", "2001:db8::/32"),
            ("::/0", "::/0"),
        ] {
            assert_eq!(range(text).to_string(), shown);
            assert_eq!(range(shown), range(text));
        }
    }

    #[test]
    fn other_texts_are_errors() {
        for text in
            ["", "192.0.2", "192.0.2.0/33", "::/129", "::/-1", "1.2.3.4/", "a/8", "1.2.3.4:5"]
        {
            let error = text.parse::<AddressRange>().expect_err("no range");
            assert!(error.to_string().starts_with(&alloc::format!("'{text}' is not a range")));
        }
    }

    #[test]
    fn range_contains_the_addresses_with_its_prefix() {
        for (of, address, is_in) in [
            ("192.0.2.0/24", "192.0.2.255", true),
            ("192.0.2.0/24", "::ffff:192.0.2.255", true),
            ("192.0.2.0/24", "192.0.3.0", false),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("2001:db8::/32", "2001:db8:ffff::", true),
            ("2001:db8::/32", "2001:db9::", false),
            ("2001:db8::1", "2001:db8::1", true),
            ("2001:db8::1", "2001:db8::2", false),
        ] {
            let address: IpAddr = address.parse().expect("an address");
            assert_eq!(range(of).contains(address), is_in, "{address} in {of}");
            let (first, last) = range(of).ends();
            assert_eq!((first..=last).contains(&mapped(address)), is_in, "{address} in {of}");
        }
    }

    #[test]
    fn address_of_a_peer_may_have_a_port() {
        for (origin, address) in [
            ("192.0.2.7:7000", Some("::ffff:192.0.2.7")),
            ("192.0.2.7", Some("::ffff:192.0.2.7")),
            ("[2001:db8::1]:7000", Some("2001:db8::1")),
            ("2001:db8::1", Some("2001:db8::1")),
            ("bot", None),
            ("", None),
        ] {
            let address = address.map(|address| address.parse().expect("an address"));
            assert_eq!(parse_address(origin), address, "{origin}");
        }
    }
}
