//! Checks upgrade requests (RFC 6455 §4.2), and builds the responses to invalid ones.

use crate::Origin;
use crate::host::{BadHost, requested_host};
use http::header::{
    ALLOW, CONNECTION, HeaderMap, HeaderName, ORIGIN, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{HeaderValue, Method, Request, Response, StatusCode, Version};
use std::borrow::Cow;
use tungstenite::handshake::derive_accept_key;

/// Returns the response that accepts an upgrade request, still without the selected protocol.
pub(crate) fn accept<B>(request: &Request<B>) -> Result<Response<String>, Refused> {
    let headers = request.headers();
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(Refused::Method);
    }
    if request.version() < Version::HTTP_11 || *request.method() == Method::HEAD {
        return Err(Refused::NoHandshake(NOT_A_HANDSHAKE));
    }
    if !has_token(headers, UPGRADE, "websocket") || !has_token(headers, CONNECTION, "upgrade") {
        let is_stripped = headers.contains_key(SEC_WEBSOCKET_KEY);
        return Err(Refused::NoHandshake(if is_stripped { STRIPPED } else { NOT_A_HANDSHAKE }));
    }
    match only(headers, &SEC_WEBSOCKET_VERSION) {
        Some(version) if version == "13" => {}
        Some(_) | None => return Err(Refused::Version),
    }
    let key = only(headers, &SEC_WEBSOCKET_KEY).filter(|key| is_key(key.as_bytes()));
    let Some(key) = key else { return Err(Refused::NoHandshake(NO_KEY)) };
    let accept = HeaderValue::try_from(derive_accept_key(key.as_bytes()));
    let mut response = Response::new(String::new());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    response.headers_mut().extend([
        (CONNECTION, HeaderValue::from_static("Upgrade")),
        (UPGRADE, HeaderValue::from_static("websocket")),
        (SEC_WEBSOCKET_ACCEPT, accept.expect("base64 makes a header")),
    ]);
    Ok(response)
}

/// Returns the protocols that a client offers, in its order of preference.
pub(crate) fn offered(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    list(headers, PROTOCOL)
}

/// Accepts a request from a page of this server's own origin, or of one of `allowed`. Requests
/// without `Origin` come from programs and are accepted too.
///
/// A browser lets any page open a WebSocket to any server, and sends that server's cookies. This
/// check prevents a foreign page from acting in the name of its visitors (RFC 6455 §10.2).
pub(crate) fn check_origin<B>(request: &Request<B>, allowed: &[Origin]) -> Result<(), Refused> {
    let host = requested_host(request)?;
    let Some(first) = request.headers().get(ORIGIN) else { return Ok(()) };
    let origin = only(request.headers(), &ORIGIN).and_then(|one| Origin::sent(one.as_bytes()));
    let is_allowed = origin.is_some_and(|origin| {
        let is_own = |host: &http::uri::Authority| origin.is_of(host.host(), host.port_u16());
        allowed.contains(&origin) || host.as_ref().is_some_and(is_own)
    });
    if is_allowed {
        return Ok(());
    }
    let host = host.map(|host| host.to_string()).unwrap_or_default();
    Err(Refused::Foreign { origin: shown(first.as_bytes()), host: shown(host.as_bytes()) })
}

/// The reason for which a request is not upgraded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The request is no WebSocket handshake, or an invalid one.
    NoHandshake(&'static str),
    /// The request has a method that is not supported.
    Method,
    /// The request is for another version of the protocol.
    Version,
    /// The request has no `Host` header, several, or an invalid one.
    Host(BadHost),
    /// The request comes from a page whose origin is not allowed.
    Foreign { origin: String, host: String },
    /// The server supports none of the offered protocols.
    UnknownProtocol,
    /// All tokens of the request are too long.
    TokenTooLong,
}

impl Refused {
    /// Returns the reason that the metrics count.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Foreign { .. } => "foreign_origin",
            Self::NoHandshake(_)
            | Self::Method
            | Self::Version
            | Self::Host(_)
            | Self::UnknownProtocol
            | Self::TokenTooLong => "bad_handshake",
        }
    }

    /// Returns an explanation for people.
    pub(crate) fn reason(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::NoHandshake(reason) | Self::Host(BadHost(reason)) => reason,
            Self::Method => "a WebSocket handshake has to be a GET request\n",
            Self::Version => "this server supports version 13 of the WebSocket protocol\n",
            Self::Foreign { origin, host } => return Cow::Owned(foreign(origin, host)),
            Self::UnknownProtocol => {
                "this server supports none of the offered protocols; offer chat.json or chat.text\n"
            }
            Self::TokenTooLong => "the token is too long\n",
        })
    }

    pub(crate) fn response(&self) -> Response<String> {
        let mut response = Response::new(self.reason().into_owned());
        *response.status_mut() = match self {
            Self::NoHandshake(_) | Self::Host(_) | Self::UnknownProtocol => StatusCode::BAD_REQUEST,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Version => StatusCode::UPGRADE_REQUIRED,
            Self::Foreign { .. } => StatusCode::FORBIDDEN,
            Self::TokenTooLong => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        };
        let headers = response.headers_mut();
        match self {
            Self::Method => {
                headers.insert(ALLOW, HeaderValue::from_static("GET,HEAD,OPTIONS"));
            }
            // RFC 6455 §4.4, and RFC 9110 §15.5.22.
            Self::Version => headers.extend([
                (SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13")),
                (UPGRADE, HeaderValue::from_static("websocket")),
                (CONNECTION, HeaderValue::from_static("Upgrade")),
            ]),
            Self::NoHandshake(_)
            | Self::Host(_)
            | Self::Foreign { .. }
            | Self::UnknownProtocol
            | Self::TokenTooLong => {}
        }
        response
    }
}

impl From<BadHost> for Refused {
    fn from(bad: BadHost) -> Self {
        Self::Host(bad)
    }
}

/// Returns the members of a list header, which may have several lines (RFC 9110 §5.3, §5.6.1).
fn list(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|member| member.trim_matches([' ', '\t']))
        .filter(|member| !member.is_empty())
}

fn has_token(headers: &HeaderMap, name: HeaderName, token: &str) -> bool {
    list(headers, name).any(|member| member.eq_ignore_ascii_case(token))
}

/// Returns the value of a header, or `None` if the header is missing or repeated.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

/// Returns true for the base64 form of 16 bytes (RFC 6455 §4.1).
fn is_key(key: &[u8]) -> bool {
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    key.len() == 24 && key.ends_with(b"==") && key[..22].iter().all(is_digit)
}

/// Escapes and truncates a client's value, so that it is safe in a log and in a response.
fn shown(value: &[u8]) -> String {
    let value = &value[..value.len().min(LONGEST_SHOWN)];
    value.escape_ascii().to_string()
}

fn foreign(origin: &str, host: &str) -> String {
    format!(
        "pages of '{origin}' may not use this server, which was requested as '{host}': to allow \
         them, append ?origin={origin} to the listen address; if '{origin}' is this server's own \
         name, configure the proxy in front of it to pass on the Host header\n"
    )
}

/// The header in which clients offer protocols, and in which the server names the selected one.
pub(crate) const PROTOCOL: HeaderName = http::header::SEC_WEBSOCKET_PROTOCOL;

const NOT_A_HANDSHAKE: &str =
    "this is not a WebSocket handshake; connect with a WebSocket client\n";
const STRIPPED: &str = "this WebSocket handshake has lost its Upgrade or Connection header; \
    configure the proxy in front of this server to pass them on\n";
const NO_KEY: &str =
    "this WebSocket handshake has no valid Sec-WebSocket-Key, which is base64 of 16 bytes\n";
/// The most bytes of a client's value that are shown. Real origins are shorter.
const LONGEST_SHOWN: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::HOST;

    fn request(pairs: &[(HeaderName, &str)]) -> Request<()> {
        let request = Request::get("/ws");
        pairs
            .iter()
            .fold(request, |request, (name, value)| request.header(name, *value))
            .body(())
            .expect("a request")
    }

    fn allows(host: &str, origin: &str, allowed: &[&str]) -> bool {
        let allowed: Vec<Origin> =
            allowed.iter().map(|origin| origin.parse().expect("an origin")).collect();
        check_origin(&request(&[(HOST, host), (ORIGIN, origin)]), &allowed).is_ok()
    }

    #[test]
    fn page_of_the_same_host_is_accepted() {
        assert!(allows("localhost:8080", "http://localhost:8080", &[]));
        assert!(allows("Example.org", "https://example.org", &[]));
        assert!(allows("example.org:443", "https://example.org", &[]));
        assert!(allows("[::1]:8080", "http://[::1]:8080", &[]));
    }

    #[test]
    fn pages_of_other_origins_are_refused() {
        assert!(!allows("localhost:8080", "http://localhost:8081", &[]));
        assert!(!allows("example.org", "https://evil.example", &[]));
        assert!(!allows("example.org", "https://example.org.evil.example", &[]));
        assert!(!allows("example.org", "https://example.org@evil.example", &[]));
        assert!(!allows("example.org", "null", &[]));
        assert!(!allows("example.org", "file://example.org", &[]));
        assert!(!allows("", "http://example.org", &[]));
        let twice = request(&[
            (HOST, "example.org"),
            (ORIGIN, "https://example.org"),
            (ORIGIN, "https://evil.example"),
        ]);
        assert!(check_origin(&twice, &[]).is_err());
    }

    #[test]
    fn page_of_an_allowed_origin_is_accepted_with_any_host() {
        let allowed = ["https://example.org", "capacitor://localhost"];
        assert!(allows("127.0.0.1:8080", "https://example.org", &allowed));
        assert!(allows("127.0.0.1:8080", "capacitor://localhost", &allowed));
        assert!(!allows("127.0.0.1:8080", "http://example.org", &allowed));
        assert!(!allows("127.0.0.1:8080", "https://example.org:444", &allowed));
    }

    #[test]
    fn request_without_an_origin_is_accepted() {
        assert_eq!(check_origin(&request(&[(HOST, "localhost")]), &[]), Ok(()));
    }

    #[test]
    fn client_values_are_escaped_and_truncated() {
        let long = format!("https://{}", "x".repeat(10_000));
        for (origin, shows) in [("\u{f6}\t'", r"\xc3\xb6\t\'"), (long.as_str(), "https://xxx")] {
            let sent = request(&[(HOST, "localhost"), (ORIGIN, origin)]);
            let refused = check_origin(&sent, &[]).expect_err("a foreign page").reason();
            assert!(refused.contains(shows) && refused.len() < 700, "{refused}");
        }
    }

    #[test]
    fn offered_protocols_keep_their_order() {
        let request = request(&[(PROTOCOL, "chat.json, x,,"), (PROTOCOL, "\tchat.text")]);
        assert_eq!(offered(request.headers()).collect::<Vec<_>>(), ["chat.json", "x", "chat.text"]);
    }
}
