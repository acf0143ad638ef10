//! Where a page comes from (RFC 6454).

use http::Uri;
use std::fmt;
use std::str::FromStr;

/// The origin of a page, such as `https://example.org` or `capacitor://localhost`: a scheme, a
/// host, and a port if it is not the usual one of the scheme.
///
/// ```
/// use transport_ws::Origin;
///
/// let origin: Origin = "https://Example.org:443".parse()?;
/// assert_eq!(origin.to_string(), "https://example.org");
/// assert!("example.org".parse::<Origin>().is_err());
/// # Ok::<(), transport_ws::OriginError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    scheme: String,
    host: String,
    /// Nothing if the scheme is `http` or `https`, and it is the usual one.
    port: Option<u16>,
}

/// Why a text is no origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OriginError {
    /// It has no scheme or no host.
    #[error("an origin is a scheme and a host, such as https://example.org")]
    Incomplete,
    /// It goes on behind the host and the port, or begins with a user.
    #[error("an origin ends with its host or port: https://example.org has no path and no user")]
    MoreThanOrigin,
    /// It stands for any page, or for pages without an origin.
    #[error("* and null are no origins here: they would let every page in")]
    Anything,
}

impl Origin {
    /// Reads the value of an `Origin` header: exactly one origin. `null`, which sandboxed pages
    /// and files send, is none.
    pub(crate) fn sent(value: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(value).ok()?;
        if text.ends_with('/') { None } else { text.parse().ok() }
    }

    /// Whether it is a host, as a `Host` header names it. The scheme does not count: there may be
    /// TLS in front of the server.
    pub(crate) fn is_of(&self, host: &str, port: Option<u16>) -> bool {
        let Some(usual) = usual_port(&self.scheme) else { return false };
        let own = self.port.unwrap_or(usual);
        self.host.eq_ignore_ascii_case(host) && own == port.unwrap_or(usual)
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        if matches!(text, "*" | "null") {
            return Err(OriginError::Anything);
        }
        let uri: Uri = text.parse().map_err(|_| OriginError::Incomplete)?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(OriginError::Incomplete);
        };
        if !matches!(uri.path(), "" | "/")
            || uri.query().is_some()
            || text.contains('#')
            || authority.as_str().contains('@')
        {
            return Err(OriginError::MoreThanOrigin);
        }
        if authority.host().is_empty() {
            return Err(OriginError::Incomplete);
        }
        let port = authority.port_u16();
        let scheme = scheme.to_ascii_lowercase();
        let port = port.filter(|port| Some(*port) != usual_port(&scheme));
        Ok(Self { scheme, host: authority.host().to_ascii_lowercase(), port })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scheme, host, port } = self;
        match port {
            Some(port) => write!(f, "{scheme}://{host}:{port}"),
            None => write!(f, "{scheme}://{host}"),
        }
    }
}

fn usual_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<String, OriginError> {
        text.parse::<Origin>().map(|origin| origin.to_string())
    }

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        for (written, sent) in [
            ("https://example.org", "https://example.org"),
            ("HTTPS://EXAMPLE.org/", "https://example.org"),
            ("https://example.org:443", "https://example.org"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("https://[::1]:8443", "https://[::1]:8443"),
            ("capacitor://localhost", "capacitor://localhost"),
            ("chrome-extension://abcdef", "chrome-extension://abcdef"),
        ] {
            assert_eq!(parse(written).as_deref(), Ok(sent));
        }
    }

    #[test]
    fn what_no_browser_sends_is_no_origin() {
        for (text, error) in [
            ("example.org", OriginError::Incomplete),
            ("example.org:443", OriginError::Incomplete),
            ("//example.org", OriginError::Incomplete),
            ("https://", OriginError::Incomplete),
            ("", OriginError::Incomplete),
            ("https://exa mple.org", OriginError::Incomplete),
            ("https://example.org/chat", OriginError::MoreThanOrigin),
            ("https://example.org?x=1", OriginError::MoreThanOrigin),
            ("https://user@example.org", OriginError::MoreThanOrigin),
            ("*", OriginError::Anything),
            ("null", OriginError::Anything),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
        assert_eq!(Origin::sent(b"https://example.org/"), None);
        assert_eq!(Origin::sent(b"https://a.example https://b.example"), None);
        assert_eq!(Origin::sent(b"https://K\xf6ln.example"), None);
    }
}
