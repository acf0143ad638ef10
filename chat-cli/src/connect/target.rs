//! Where to connect to.

use super::trust::Trust;
use std::fmt;
use std::str::FromStr;
use url::Url;

/// A server's address, and how frames get there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) transport: Transport,
    /// Whose certificates are accepted; `None` is a connection without TLS.
    pub(super) trust: Option<Trust>,
}

/// How frames get there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    /// A frame is a line.
    Tcp,
    /// A frame is a text message.
    WebSocket { path: String },
}

/// Why an address cannot be connected to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TargetError {
    #[error("{0}; expected a URL such as tcp://127.0.0.1:7000 or ws://127.0.0.1:8080")]
    NoUrl(url::ParseError),
    #[error(
        "'{0}://' is not known here; there are tcp://, tcp+json:// and ws://, and with TLS tcps://, tcps+json:// and wss://"
    )]
    Scheme(String),
    #[error("the host is missing; write it as in {0}://127.0.0.1:7000")]
    Host(String),
    #[error("the port is missing; write it after the host, as in {0}://127.0.0.1:7000")]
    Port(String),
    #[error("there is nothing behind the port here; leave '{0}' out")]
    Path(String),
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(source: &str) -> Result<Self, TargetError> {
        let url = Url::parse(source).map_err(TargetError::NoUrl)?;
        let scheme = url.scheme().to_owned();
        let host = url.host_str().filter(|host| !host.is_empty());
        let transport = match scheme.as_str() {
            "tcp" | "tcp+json" | "tcps" | "tcps+json"
                if matches!(url.path(), "" | "/") && url.query().is_none() =>
            {
                Transport::Tcp
            }
            "tcp" | "tcp+json" | "tcps" | "tcps+json" => {
                let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
                return Err(TargetError::Path(format!("{}{query}", url.path())));
            }
            "ws" | "wss" => {
                let path = if url.path() == "/" { "/ws" } else { url.path() };
                let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
                Transport::WebSocket { path: format!("{path}{query}") }
            }
            _ => return Err(TargetError::Scheme(scheme)),
        };
        let trust =
            matches!(scheme.as_str(), "tcps" | "tcps+json" | "wss").then_some(Trust::System);
        let host = host.ok_or_else(|| TargetError::Host(scheme.clone()))?.to_owned();
        let port = url.port_or_known_default().ok_or(TargetError::Port(scheme))?;
        Ok(Self { host, port, transport, trust })
    }
}

/// The host and the port, as people write them.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl Target {
    /// The address of the same with TLS, or without it if this is with TLS.
    pub(super) fn other(&self) -> String {
        let scheme = match (&self.transport, &self.trust) {
            (Transport::Tcp, None) => "tcps+json",
            (Transport::Tcp, Some(_)) => "tcp+json",
            (Transport::WebSocket { .. }, None) => "wss",
            (Transport::WebSocket { .. }, Some(_)) => "ws",
        };
        format!("{scheme}://{self}")
    }

    /// The host as the resolver takes it: an IPv6 address without brackets.
    pub(super) fn resolvable(&self) -> (&str, u16) {
        let host = self.host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        (host.unwrap_or(&self.host), self.port)
    }
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

    #[test]
    fn urls_say_how_to_get_there() {
        assert_eq!(target("tcp://localhost:7000").transport, Transport::Tcp);
        assert_eq!(target("tcp+json://[::1]:5000").resolvable(), ("::1", 5000));
        let web_socket = |path: &str| Transport::WebSocket { path: path.into() };
        assert_eq!(target("ws://127.0.0.1:8080").transport, web_socket("/ws"));
        assert_eq!(target("ws://127.0.0.1:8080/").transport, web_socket("/ws"));
        assert_eq!(target("ws://example.org/chat/ws").transport, web_socket("/chat/ws"));
        assert_eq!(target("ws://example.org").port, 80);
    }

    #[test]
    fn urls_say_whether_there_is_tls() {
        for url in ["tcps://[::1]:1", "tcps+json://[::1]:1", "wss://[::1]:1/x"] {
            assert_eq!(target(url).trust, Some(Trust::System), "{url}");
        }
        for url in ["tcp://[::1]:1", "tcp+json://[::1]:1", "ws://[::1]:1"] {
            assert_eq!(target(url).trust, None, "{url}");
        }
        assert_eq!(target("wss://example.org").port, 443);
        assert_eq!(target("tcps://[::1]:1").other(), "tcp+json://[::1]:1");
        assert_eq!(target("ws://localhost:8080").other(), "wss://localhost:8080");
    }

    #[test]
    fn what_is_wrong_is_said_with_what_would_be_right() {
        assert!(problem("7000").contains("tcp://127.0.0.1:7000"));
        assert!(problem("http://127.0.0.1:80").contains("there are tcp://"));
        assert!(problem("tcps+text://127.0.0.1:80").contains("tcps+json:// and wss://"));
        assert!(problem("tcps://127.0.0.1:80/x").contains("leave '/x' out"));
        assert!(problem("tcp://:7000").contains("host"));
        assert!(problem("tcp://127.0.0.1").contains("the port is missing"));
        assert!(problem("tcp://127.0.0.1:7000/x?y=z").contains("leave '/x?y=z' out"));
    }
}
