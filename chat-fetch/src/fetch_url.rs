//! Addresses that may be fetched.

use crate::FetchError;
use http::Uri;
use http::uri::Scheme;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// The address of a document: HTTPS, or HTTP on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchUrl(Uri);

impl FetchUrl {
    /// Checks an address.
    ///
    /// # Errors
    ///
    /// If it is not complete, contains a password, or is neither HTTPS nor on this machine.
    pub fn new(uri: Uri) -> Result<Self, FetchError> {
        let authority = uri.authority().ok_or(FetchError::Url)?;
        if authority.as_str().contains('@') || authority.host().is_empty() {
            return Err(FetchError::Url);
        }
        match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => Ok(Self(uri)),
            Some(scheme) if *scheme == Scheme::HTTP && is_loopback(authority.host()) => {
                Ok(Self(uri))
            }
            Some(_) => Err(FetchError::NotHttps),
            None => Err(FetchError::Url),
        }
    }

    /// Returns the address.
    pub fn uri(&self) -> &Uri {
        &self.0
    }

    /// Returns the name or address of the server, with the port if there is one.
    pub fn host(&self) -> &str {
        self.0.authority().map(|authority| authority.as_str()).unwrap_or_default()
    }
}

impl FromStr for FetchUrl {
    type Err = FetchError;

    fn from_str(text: &str) -> Result<Self, FetchError> {
        Self::new(text.parse().map_err(|_| FetchError::Url)?)
    }
}

impl fmt::Display for FetchUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_is_for_this_machine_only() {
        for url in [
            "https://login.example.org",
            "https://login.example.org:8443/jwks.json?a=b",
            "https://192.0.2.1/",
            "http://127.0.0.1:8080/jwks",
            "http://[::1]:8080/",
            "http://localhost/",
        ] {
            let parsed: FetchUrl = url.parse().expect(url);
            assert!(parsed.to_string().starts_with(url), "{parsed}");
        }
        for url in [
            "http://login.example.org/",
            "http://192.0.2.1/",
            "http://localhost.example.org/",
            "http://127.0.0.1.example.org/",
            "ftp://127.0.0.1/",
        ] {
            let refused = url.parse::<FetchUrl>();
            assert!(matches!(refused, Err(FetchError::NotHttps)), "{url}: {refused:?}");
        }
        for url in
            ["", "/jwks.json", "login.example.org", "https://", "https://me:pw@a.org/", "x y"]
        {
            let refused = url.parse::<FetchUrl>();
            assert!(matches!(refused, Err(FetchError::Url)), "{url}: {refused:?}");
        }
    }
}
