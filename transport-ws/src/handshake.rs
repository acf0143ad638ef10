//! Which requests may become a WebSocket, and what they speak then.

use http::header::{HOST, HeaderMap, HeaderName, ORIGIN};
use http::uri::Authority;
use http::{StatusCode, Uri};

/// The protocols that a client offers, in its order of preference.
pub(crate) fn offered(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|offer| !offer.is_empty())
}

/// Whether a request comes from a page that may use this server: its own, or one of `allowed`. Programs send no `Origin`.
///
/// A browser lets any page open a WebSocket to anywhere, with the cookies of the place; this is what keeps a foreign page
/// from speaking for its visitors (RFC 6455 §10.2).
pub(crate) fn check_origin(headers: &HeaderMap, allowed: &[String]) -> Result<(), Refused> {
    let Some(origin) = headers.get(ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().map_err(|_| FOREIGN)?;
    if allowed.iter().any(|other| other.trim_end_matches('/').eq_ignore_ascii_case(origin)) {
        return Ok(());
    }
    let uri: Uri = origin.parse().map_err(|_| FOREIGN)?;
    let default_port = match uri.scheme_str() {
        Some("http") => 80,
        Some("https") => 443,
        _ => return Err(FOREIGN),
    };
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let host: Authority = host.parse().map_err(|_| FOREIGN)?;
    let port = |authority: &Authority| authority.port_u16().unwrap_or(default_port);
    let own = uri.authority().is_some_and(|origin| {
        origin.host().eq_ignore_ascii_case(host.host()) && port(origin) == port(&host)
    });
    if own { Ok(()) } else { Err(FOREIGN) }
}

/// Why a request is not upgraded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) status: StatusCode,
    pub(crate) reason: &'static str,
}

/// The header in which clients offer protocols, and in which the server says what it has chosen.
pub(crate) const PROTOCOL: HeaderName = http::header::SEC_WEBSOCKET_PROTOCOL;

pub(crate) const UNKNOWN_PROTOCOL: Refused = Refused {
    status: StatusCode::BAD_REQUEST,
    reason: "none of the offered protocols is spoken here; offer chat.json or chat.text\n",
};

pub(crate) const NO_HANDSHAKE: Refused = Refused {
    status: StatusCode::BAD_REQUEST,
    reason: "this is not a WebSocket handshake; connect with a WebSocket client\n",
};

pub(crate) const TOKEN_TOO_LONG: Refused = Refused {
    status: StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
    reason: "the token is too long\n",
};

const FOREIGN: Refused = Refused {
    status: StatusCode::FORBIDDEN,
    reason: "pages of this origin may not use this server\n",
};

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().expect("a value"))).collect()
    }

    fn allows(host: &str, origin: &str, allowed: &[&str]) -> bool {
        let allowed: Vec<String> = allowed.iter().map(|&origin| origin.to_owned()).collect();
        check_origin(&headers(&[(HOST, host), (ORIGIN, origin)]), &allowed).is_ok()
    }

    #[test]
    fn a_page_of_the_same_host_is_welcome() {
        assert!(allows("localhost:8080", "http://localhost:8080", &[]));
        assert!(allows("Example.org", "https://example.org", &[]));
        assert!(allows("example.org:443", "https://example.org", &[]));
    }

    #[test]
    fn other_pages_are_not() {
        assert!(!allows("localhost:8080", "http://localhost:8081", &[]));
        assert!(!allows("example.org", "https://evil.example", &[]));
        assert!(!allows("example.org", "https://example.org.evil.example", &[]));
        assert!(!allows("example.org", "null", &[]));
        assert!(!allows("example.org", "file://example.org", &[]));
        assert!(!allows("", "http://example.org", &[]));
    }

    #[test]
    fn an_allowed_page_is_welcome_as_it_was_written() {
        let allowed = ["https://example.org"];
        assert!(allows("127.0.0.1:8080", "https://example.org", &allowed));
        assert!(!allows("127.0.0.1:8080", "http://example.org", &allowed));
    }

    #[test]
    fn programs_have_no_origin() {
        assert_eq!(check_origin(&headers(&[(HOST, "localhost")]), &[]), Ok(()));
    }

    #[test]
    fn offers_keep_their_order() {
        let headers = headers(&[(PROTOCOL, "chat.json, x"), (PROTOCOL, "chat.text")]);
        assert_eq!(offered(&headers).collect::<Vec<_>>(), ["chat.json", "x", "chat.text"]);
    }
}
