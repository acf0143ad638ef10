//! The web origin of a page (RFC 6454).

use http::Uri;
use std::fmt;
use std::str::FromStr;

/// The origin of a page, such as `https://example.org` or `capacitor://localhost`: a scheme, a
/// host, and a port unless it is the scheme's default port.
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
    /// `None` for the default port of `http` or `https`, and for an origin without a port.
    port: Option<u16>,
}

/// The reason for which a text is not an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OriginError {
    /// The text has no scheme or no host.
    #[error("an origin is a scheme and a host, such as https://example.org")]
    Incomplete,
    /// The text has a path, a query, a fragment or a user.
    #[error("an origin ends with its host or port: https://example.org has no path and no user")]
    MoreThanOrigin,
    /// The text stands for any page, or for pages without an origin.
    #[error("* and null are not allowed as origins: they would allow every page")]
    Anything,
}

impl Origin {
    /// Parses the value of an `Origin` header, which has to be exactly one origin. `null`, which
    /// sandboxed pages and files send, is not an origin.
    pub(crate) fn sent(value: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(value).ok()?;
        if text.ends_with('/') { None } else { text.parse().ok() }
    }

    /// Returns true if the origin belongs to a host, as a `Host` header names it. The scheme is
    /// ignored, since a proxy in front of the server may terminate TLS.
    pub(crate) fn is_of(&self, host: &str, port: Option<u16>) -> bool {
        let Some(default) = default_port(&self.scheme) else { return false };
        let own = self.port.unwrap_or(default);
        self.host.eq_ignore_ascii_case(host) && own == port.unwrap_or(default)
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
        let port = port.filter(|port| Some(*port) != default_port(&scheme));
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

fn default_port(scheme: &str) -> Option<u16> {
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
    fn origin_is_displayed_as_browsers_send_it() {
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
    fn text_that_no_browser_sends_is_refused() {
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
