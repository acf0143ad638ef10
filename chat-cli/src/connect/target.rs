//! The address of a server.

use super::trust::Trust;
use crate::place::authority;
#[cfg(unix)]
use crate::socket_path::{SocketPathError, socket_path};
use std::fmt;
#[cfg(unix)]
use std::path::PathBuf;
use std::str::FromStr;
use url::Url;

/// A server's address, and the transport of frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(super) place: Place,
    pub(super) transport: Transport,
}

/// The address of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Network(Host),
    /// A Unix socket on this machine.
    #[cfg(unix)]
    Unix(PathBuf),
}

/// A host, its port, and the trust in its certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Host {
    name: String,
    port: u16,
    /// The trusted issuers; `None` means a connection without TLS.
    pub(super) trust: Option<Trust>,
}

/// The transport of frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    /// Each frame is a line.
    Lines,
    /// Each frame is a text message.
    WebSocket { path: String },
}

/// The reason for which a text is not the address of a server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TargetError {
    #[error("{0}; expected a URL such as tcp://127.0.0.1:7000 or ws://127.0.0.1:8080")]
    NoUrl(url::ParseError),
    #[error("'{0}://' is not supported; {KNOWN}")]
    Scheme(String),
    #[error("'{0}://' is for clients such as nc, and this client speaks JSON; {KNOWN}")]
    Dialect(String),
    #[error("the host is missing; write it as in {0}://127.0.0.1:7000")]
    Host(String),
    #[error("the port is missing; write it after the host, as in {0}://127.0.0.1:7000")]
    Port(String),
    #[error("the address has no path; remove '{0}'")]
    Path(String),
    #[error("the address has no user; use --nickname, and remove the part before '@'")]
    User,
    #[error("the address has no fragment; remove '#{0}'")]
    Fragment(String),
    #[cfg(unix)]
    #[error(transparent)]
    Socket(#[from] SocketPathError),
    #[cfg(unix)]
    #[error("options are for listeners; remove '?{0}'")]
    Options(String),
}

const KNOWN: &str = "there are tcp://, tcp+json:// and ws://, with TLS tcps://, tcps+json:// and \
    wss://, and for Unix sockets unix://, unix+json:// and ws+unix://";

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(source: &str) -> Result<Self, TargetError> {
        let url = Url::parse(source).map_err(TargetError::NoUrl)?;
        let target = match url.scheme() {
            "tcp" | "tcp+json" => Self::lines(&url, None)?,
            "tcps" | "tcps+json" => Self::lines(&url, Some(Trust::System))?,
            "ws" => Self::web_socket(&url, None)?,
            "wss" => Self::web_socket(&url, Some(Trust::System))?,
            #[cfg(unix)]
            "unix" | "unix+json" => Self::unix(&url, Transport::Lines)?,
            #[cfg(unix)]
            "ws+unix" => Self::unix(&url, Transport::WebSocket { path: "/ws".into() })?,
            other => {
                let is_dialect = other.ends_with("+text") || other.ends_with("+txtchat");
                let error = if is_dialect { TargetError::Dialect } else { TargetError::Scheme };
                return Err(error(other.to_owned()));
            }
        };
        if authority(source).contains('@') {
            return Err(TargetError::User);
        }
        match url.fragment() {
            Some(fragment) => Err(TargetError::Fragment(fragment.to_owned())),
            None => Ok(target),
        }
    }
}

/// Writes the address for people: a host and a port, or a path.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Network(host) => host.fmt(f),
            #[cfg(unix)]
            Place::Unix(path) => path.display().fmt(f),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.name, self.port)
    }
}

impl Target {
    fn lines(url: &Url, trust: Option<Trust>) -> Result<Self, TargetError> {
        let path = format!("{}{}", url.path(), query(url));
        if !matches!(path.as_str(), "" | "/") {
            return Err(TargetError::Path(path));
        }
        Ok(Self { place: Place::network(url, trust)?, transport: Transport::Lines })
    }

    fn web_socket(url: &Url, trust: Option<Trust>) -> Result<Self, TargetError> {
        let path = if url.path() == "/" { "/ws" } else { url.path() };
        let transport = Transport::WebSocket { path: format!("{path}{}", query(url)) };
        Ok(Self { place: Place::network(url, trust)?, transport })
    }

    #[cfg(unix)]
    fn unix(url: &Url, transport: Transport) -> Result<Self, TargetError> {
        if let Some(options) = url.query() {
            return Err(TargetError::Options(options.to_owned()));
        }
        Ok(Self { place: Place::Unix(socket_path(url)?), transport })
    }

    /// Returns the address of the same server with TLS, if this address is without TLS. A Unix
    /// socket has no TLS.
    pub(super) fn with_tls(&self) -> Option<String> {
        match &self.place {
            Place::Network(host) if host.trust.is_some() => None,
            Place::Network(host) => Some(host.other(&self.transport)),
            #[cfg(unix)]
            Place::Unix(_) => None,
        }
    }

    /// Returns the `Host` header of a WebSocket request. A Unix socket has no host, but HTTP
    /// requires the header.
    pub(super) fn http_host(&self) -> String {
        match &self.place {
            Place::Network(host) => host.to_string(),
            #[cfg(unix)]
            Place::Unix(_) => "localhost".into(),
        }
    }
}

impl Place {
    fn network(url: &Url, trust: Option<Trust>) -> Result<Self, TargetError> {
        let scheme = || url.scheme().to_owned();
        let name = url.host_str().filter(|host| !host.is_empty());
        let name = name.ok_or_else(|| TargetError::Host(scheme()))?.to_owned();
        let port = url.port_or_known_default().ok_or_else(|| TargetError::Port(scheme()))?;
        Ok(Self::Network(Host { name, port, trust }))
    }
}

impl Host {
    /// Returns the address of the same server with TLS, or without TLS if this address has it.
    pub(super) fn other(&self, transport: &Transport) -> String {
        let scheme = match (transport, &self.trust) {
            (Transport::Lines, None) => "tcps+json",
            (Transport::Lines, Some(_)) => "tcp+json",
            (Transport::WebSocket { .. }, None) => "wss",
            (Transport::WebSocket { .. }, Some(_)) => "ws",
        };
        format!("{scheme}://{self}")
    }

    /// Returns the host for the resolver, an IPv6 address without brackets, and the port.
    pub(super) fn resolvable(&self) -> (&str, u16) {
        let name = self.name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
        (name.unwrap_or(&self.name), self.port)
    }
}

fn query(url: &Url) -> String {
    url.query().map(|query| format!("?{query}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(source: &str) -> Target {
        source.parse().unwrap_or_else(|error| panic!("{source}: {error}"))
    }

    fn problem(source: &str) -> String {
        match source.parse::<Target>() {
            Ok(target) => panic!("{source} is {target:?}"),
            Err(error) => error.to_string(),
        }
    }

    fn host(source: &str) -> Host {
        match target(source).place {
            Place::Network(host) => host,
            #[cfg(unix)]
            Place::Unix(path) => panic!("{source} is {}", path.display()),
        }
    }

    fn web_socket(path: &str) -> Transport {
        Transport::WebSocket { path: path.into() }
    }

    #[test]
    fn url_selects_the_transport() {
        assert_eq!(target("tcp://localhost:7000").transport, Transport::Lines);
        assert_eq!(host("tcp+json://[::1]:5000").resolvable(), ("::1", 5000));
        assert_eq!(target("ws://127.0.0.1:8080").transport, web_socket("/ws"));
        assert_eq!(target("ws://127.0.0.1:8080/").transport, web_socket("/ws"));
        assert_eq!(target("ws://127.0.0.1:8080/?a=b").transport, web_socket("/ws?a=b"));
        assert_eq!(target("ws://example.org/chat/ws").transport, web_socket("/chat/ws"));
        assert_eq!(host("ws://example.org").port, 80);
    }

    #[test]
    fn url_selects_tls() {
        for url in ["tcps://[::1]:1", "tcps+json://[::1]:1", "wss://[::1]:1/x"] {
            assert_eq!(host(url).trust, Some(Trust::System), "{url}");
        }
        for url in ["tcp://[::1]:1", "tcp+json://[::1]:1", "ws://[::1]:1"] {
            assert_eq!(host(url).trust, None, "{url}");
        }
        assert_eq!(host("wss://example.org").port, 443);
        assert_eq!(host("tcps://[::1]:1").other(&Transport::Lines), "tcp+json://[::1]:1");
        assert_eq!(target("tcps://[::1]:1").with_tls(), None);
        assert_eq!(
            target("ws://localhost:8080").with_tls().as_deref(),
            Some("wss://localhost:8080")
        );
    }

    #[cfg(unix)]
    #[test]
    fn url_of_a_unix_socket_has_a_path() {
        for (url, transport) in [
            ("unix:///run/my%20chat.sock", Transport::Lines),
            ("unix+json:///run/my%20chat.sock", Transport::Lines),
            ("ws+unix:///run/my%20chat.sock", web_socket("/ws")),
        ] {
            let target = target(url);
            assert_eq!(target.place, Place::Unix("/run/my chat.sock".into()));
            assert_eq!(target.transport, transport);
            assert_eq!((target.to_string(), target.with_tls()), ("/run/my chat.sock".into(), None));
        }
        assert!(problem("unix://run/chat.sock").contains("as in unix:///run/chat.sock"));
        assert!(problem("ws+unix:///run/%.sock").contains("write '%' itself as %25"));
        assert!(problem("unix:///run/chat.sock?mode=660").contains("remove '?mode=660'"));
        assert!(problem("unix+text:///run/chat.sock").contains("for clients such as nc"));
    }

    #[test]
    fn error_names_the_problem_and_the_valid_values() {
        assert!(problem("7000").contains("tcp://127.0.0.1:7000"));
        assert!(problem("http://127.0.0.1:80").contains("there are tcp://"));
        for url in ["tcp+text://[::1]:1", "tcps+text://[::1]:1", "tcp+txtchat://[::1]:1"] {
            assert!(problem(url).contains("this client speaks JSON; there are tcp://"), "{url}");
        }
        assert!(problem("tcps://127.0.0.1:80/x").contains("remove '/x'"));
        assert!(problem("tcp://:7000").contains("host"));
        assert!(problem("tcp://127.0.0.1").contains("the port is missing"));
        assert!(problem("tcp://127.0.0.1:7000/x?y=z").contains("remove '/x?y=z'"));
        assert!(problem("ws://alice@127.0.0.1:8080").contains("use --nickname"));
        assert!(problem("tcp://alice:secret@127.0.0.1:7000").ends_with("before '@'"));
        assert!(problem("ws://127.0.0.1:8080/ws#x").contains("remove '#x'"));
    }
}
