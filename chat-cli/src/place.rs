//! The address of a listener: an IP address and a port, or a Unix socket.

use crate::listen::ListenError;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use url::{Host, Url};

/// The address of a listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// An IP address and a port. Port 0 lets the system choose a free port.
    Ip(SocketAddr),
    /// A Unix socket.
    #[cfg(unix)]
    Unix {
        path: PathBuf,
        /// The permissions of the socket's file; `None` to use the umask.
        mode: Option<u32>,
    },
}

/// The transport of a scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Tcp,
    Tls,
    Unix,
}

impl Transport {
    /// Splits a scheme into the scheme of the same service over plain TCP, and the transport.
    pub(crate) fn split(scheme: &str) -> (String, Self) {
        let as_tcp = |rest| format!("tcp{rest}");
        match scheme {
            "wss" => return ("ws".to_owned(), Self::Tls),
            "ircs" => return ("irc".to_owned(), Self::Tls),
            "ws+unix" if cfg!(unix) => return ("ws".to_owned(), Self::Unix),
            _ => {}
        }
        if let Some(rest) = scheme.strip_prefix("tcps") {
            (as_tcp(rest), Self::Tls)
        } else if let Some(rest) = scheme.strip_prefix("unix").filter(|_| cfg!(unix)) {
            (as_tcp(rest), Self::Unix)
        } else {
            (scheme.to_owned(), Self::Tcp)
        }
    }

    /// Returns the options that all services have on this transport.
    pub(crate) fn options(self) -> &'static [&'static str] {
        match self {
            Self::Tcp | Self::Tls => &["proxy", "fd"],
            Self::Unix => &["mode", "proxy", "fd"],
        }
    }
}

impl Place {
    /// Reads an IP address and a port from a URL, whose text is `source`.
    pub(crate) fn ip(url: &Url, source: &str) -> Result<Self, ListenError> {
        let ip = address(url)?;
        // The parser drops the default port of a scheme.
        let port = url.port_or_known_default().filter(|_| has_port(source));
        let port = port.ok_or_else(|| ListenError::Port(url.scheme().to_owned()))?;
        if !matches!(url.path(), "" | "/") {
            return Err(ListenError::Path(url.path().to_owned()));
        }
        Ok(Self::Ip(SocketAddr::new(ip, port)))
    }

    pub(crate) fn is_ip(&self) -> bool {
        matches!(self, Self::Ip(_))
    }

    /// Returns an address to which a client of this machine can connect: a wildcard address becomes
    /// loopback. Returns `None` for a Unix socket.
    pub(crate) fn reachable(&self) -> Option<SocketAddr> {
        match self {
            Self::Ip(address) => Some(reachable(*address)),
            #[cfg(unix)]
            Self::Unix { .. } => None,
        }
    }
}

/// Writes the address as in a URL.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(address) => address.fmt(f),
            #[cfg(unix)]
            Self::Unix { path, .. } => match Url::from_file_path(path) {
                Ok(url) => f.write_str(url.path()),
                Err(()) => path.display().fmt(f),
            },
        }
    }
}

/// Reads the permissions of a file, three octal digits.
pub(crate) fn mode(value: &str) -> Result<u32, ListenError> {
    let is_octal = value.len() == 3 && value.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
    let mode = u32::from_str_radix(value, 8).ok().filter(|_| is_octal);
    mode.ok_or_else(|| ListenError::Mode(value.to_owned()))
}

fn address(url: &Url) -> Result<IpAddr, ListenError> {
    let host = url.host_str().unwrap_or_default();
    match url.host() {
        Some(Host::Ipv4(ip)) => Ok(ip.into()),
        Some(Host::Ipv6(ip)) => Ok(ip.into()),
        Some(Host::Domain("localhost")) => Ok(Ipv4Addr::LOCALHOST.into()),
        Some(Host::Domain(name)) => name.parse().map_err(|_| ListenError::Host(host.to_owned())),
        None => Err(ListenError::Host(host.to_owned())),
    }
}

/// Returns the authority of a URL, as it is written between the scheme and the path.
pub(crate) fn authority(source: &str) -> &str {
    let (_, rest) = source.split_once("://").unwrap_or_default();
    rest.split(['/', '\\', '?', '#']).next().unwrap_or_default()
}

/// Returns true if the URL contains a port.
fn has_port(source: &str) -> bool {
    let authority = authority(source);
    let after_host = authority.rsplit_once(']').map_or(authority, |(_, after)| after);
    after_host.split_once(':').is_some_and(|(_, port)| !port.is_empty())
}

fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        IpAddr::V4(_) | IpAddr::V6(_) => address.ip(),
    };
    SocketAddr::new(ip, address.port())
}
