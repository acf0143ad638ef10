//! Reads the client's address and the requested host from the headers of a trusted proxy.

use chat_runtime::{ForwardedHeader, Hub, PeerAddress, TrustedProxies};
use http::header::{FORWARDED, HOST, HeaderMap, HeaderName, HeaderValue};
use http::uri::Authority;
use http::{Request, Response};
use hyper::service::Service;
use std::net::{IpAddr, SocketAddr};

/// A service that adds the client's [address](PeerAddress) to each request as an extension, and
/// replaces `Host` by the host that the client requested, if a trusted proxy states them. The inner
/// service needs no knowledge of proxies.
pub(crate) struct Forwarding<S> {
    service: S,
    peer: PeerAddress,
    hub: Hub,
}

impl<S> Forwarding<S> {
    /// Wraps a service for a connection from `peer`.
    pub(crate) fn new(service: S, peer: PeerAddress, hub: Hub) -> Self {
        Self { service, peer, hub }
    }
}

impl<S, B, R> Service<Request<B>> for Forwarding<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn call(&self, mut request: Request<B>) -> S::Future {
        let (client, host) = origin(request.headers(), &self.peer, &self.hub.limits().proxies);
        if let Some(host) = host {
            request.headers_mut().insert(HOST, host);
        }
        request.extensions_mut().insert(client);
        self.service.call(request)
    }
}

/// Returns the client's address of a request on a connection from `peer`, and the requested host if
/// a proxy states it.
///
/// The addresses are read from right to left, up to the first that is not a trusted proxy. All
/// addresses to the left of it may be forged.
fn origin(
    headers: &HeaderMap,
    peer: &PeerAddress,
    proxies: &TrustedProxies,
) -> (PeerAddress, Option<HeaderValue>) {
    let mut client = peer.clone();
    if !proxies.trusts(peer) {
        return (client, None);
    }
    let mut host = None;
    match proxies.forwarded_header() {
        ForwardedHeader::XForwardedFor => {
            for node in members(headers, &X_FORWARDED_FOR).into_iter().rev() {
                let node = str::from_utf8(node).ok();
                let Some(address) = node.and_then(x_forwarded_for) else { break };
                client = address;
                if !proxies.trusts(&client) {
                    break;
                }
            }
            let hosts = members(headers, &X_FORWARDED_HOST);
            host = hosts.last().and_then(|host| str::from_utf8(host).ok()).map(str::to_owned);
        }
        ForwardedHeader::Forwarded => {
            for hop in hops(headers).iter().rev() {
                host = hop.host.clone().or(host);
                // The proxy hides the address, does not know it, or has sent no valid one.
                let Some(address) = hop.node.as_deref().and_then(node_address) else { break };
                client = address;
                if !proxies.trusts(&client) {
                    break;
                }
            }
        }
        // Without a known header, the address is that of the proxy.
        _ => {}
    }
    let host = host.filter(|host| host.parse::<Authority>().is_ok());
    (client, host.and_then(|host| HeaderValue::from_str(&host).ok()))
}

/// Returns the members of a list in all fields of this name, in order (RFC 9110 §5.3), without
/// empty ones.
///
/// A proxy may append its members to the value that its client has sent, in one field. Therefore
/// each field is split from its right end: the client's part, such as an unterminated quote or
/// bytes that are not text, cannot hide the members of the proxy.
fn members<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<&'a [u8]> {
    let values = headers.get_all(name).into_iter().map(HeaderValue::as_bytes);
    let members = values.flat_map(split_list).map(<[u8]>::trim_ascii);
    members.filter(|member| !member.is_empty()).collect()
}

/// Splits a list at the commas outside of quotes, beginning at the right end.
fn split_list(list: &[u8]) -> Vec<&[u8]> {
    let (mut members, mut end, mut is_quoted) = (Vec::new(), list.len(), false);
    for (at, &byte) in list.iter().enumerate().rev() {
        match byte {
            b'"' if !is_escaped(list, at) => is_quoted = !is_quoted,
            b',' if !is_quoted => {
                members.push(&list[at + 1..end]);
                end = at;
            }
            _ => {}
        }
    }
    members.push(&list[..end]);
    members.reverse();
    members
}

/// Returns true if an odd number of backslashes precedes the byte at an index.
fn is_escaped(bytes: &[u8], at: usize) -> bool {
    bytes[..at].iter().rev().take_while(|&&byte| byte == b'\\').count() % 2 == 1
}

/// Parses an address in `X-Forwarded-For`. No standard describes its format: it may have a port,
/// and an IPv6 address may have brackets.
fn x_forwarded_for(node: &str) -> Option<PeerAddress> {
    // A link-local address may have the name of the proxy's network interface as its zone.
    let node = node.split_once('%').map_or(node, |(address, _)| address);
    match node.parse::<IpAddr>() {
        Ok(ip) => Some(without_port(ip)),
        Err(_) => node_address(node),
    }
}

/// Parses an address as a node of RFC 7239 §6: IPv6 has brackets, and a port is optional and may be
/// obfuscated.
fn node_address(node: &str) -> Option<PeerAddress> {
    let (ip, port) = match node.strip_prefix('[') {
        Some(rest) => {
            let (ip, port) = rest.split_once(']')?;
            let port = if port.is_empty() { None } else { Some(port.strip_prefix(':')?) };
            (IpAddr::V6(ip.parse().ok()?), port)
        }
        None => {
            let (ip, port) =
                node.split_once(':').map_or((node, None), |(ip, port)| (ip, Some(port)));
            (IpAddr::V4(ip.parse().ok()?), port)
        }
    };
    let port = match port {
        None => 0,
        Some(obfuscated) if obfuscated.starts_with('_') => 0,
        Some(port) => port.parse().ok()?,
    };
    Some(PeerAddress::Ip(SocketAddr::new(ip.to_canonical(), port)))
}

fn without_port(ip: IpAddr) -> PeerAddress {
    PeerAddress::Ip(SocketAddr::new(ip.to_canonical(), 0))
}

/// The element that one proxy has added to `Forwarded`.
#[derive(Debug, Default, PartialEq, Eq)]
struct Hop {
    /// The parameter `for`.
    node: Option<String>,
    host: Option<String>,
}

/// Returns all hops, the nearest last. An invalid hop is returned without parameters.
fn hops(headers: &HeaderMap) -> Vec<Hop> {
    let members = members(headers, &FORWARDED).into_iter().map(str::from_utf8);
    members.map(|member| member.ok().and_then(parse_hop).unwrap_or_default()).collect()
}

/// Parses one element (RFC 7239 §4): pairs separated by semicolons, whose values are tokens or
/// quoted strings.
fn parse_hop(mut rest: &str) -> Option<Hop> {
    let mut hop = Hop::default();
    loop {
        rest = rest.trim_start_matches([' ', '\t']);
        let name_length = rest.find(|c| !is_token(c)).unwrap_or(rest.len());
        let (name, behind) = rest.split_at(name_length);
        if !name.is_empty() {
            let (value, behind) = parse_value(behind.strip_prefix('=')?)?;
            match name.to_ascii_lowercase().as_str() {
                "for" => hop.node = Some(value),
                "host" => hop.host = Some(value),
                _ => {}
            }
            rest = behind.trim_start_matches([' ', '\t']);
        }
        match rest.chars().next() {
            None => return Some(hop),
            Some(';') => rest = &rest[1..],
            Some(_) => return None,
        }
    }
}

/// Parses a token or a quoted string (RFC 9110 §5.6). Returns it and the rest of the text.
fn parse_value(rest: &str) -> Option<(String, &str)> {
    let Some(quoted) = rest.strip_prefix('"') else {
        // Some proxies omit the quotes that an IPv6 address or a port requires.
        let is_lenient = |c| is_token(c) || matches!(c, ':' | '[' | ']');
        let length = rest.find(|c| !is_lenient(c)).unwrap_or(rest.len());
        let (token, behind) = rest.split_at(length);
        return (!token.is_empty()).then(|| (token.to_owned(), behind));
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &quoted[at + 1..])),
            '\\' => value.push(chars.next()?.1),
            _ => value.push(c),
        }
    }
    None
}

/// Returns true for a character of a token (RFC 9110 §5.6.2).
fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)
}

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(header: ForwardedHeader) -> TrustedProxies {
        let trusted = ["127.0.0.1", "::1", "10.0.0.0/8", "unix"];
        trusted
            .iter()
            .fold(TrustedProxies::default(), |proxies, proxy| {
                proxies.trust(proxy).expect("a proxy")
            })
            .header(header)
    }

    /// Returns the client's address and the host of a request with these headers, on a connection
    /// from `peer`.
    fn forwarded(
        header: ForwardedHeader,
        peer: &str,
        fields: &[(&'static str, &str)],
    ) -> (String, Option<String>) {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, HeaderValue::from_str(value).expect("a value"));
        }
        let peer = match peer {
            "unix" => PeerAddress::unix(),
            ip => without_port(ip.parse().expect("an address")),
        };
        let (client, host) = origin(&headers, &peer, &proxies(header));
        (client.to_string(), host.map(|host| host.to_str().expect("ASCII").to_owned()))
    }

    fn client(header: ForwardedHeader, fields: &[(&'static str, &str)]) -> String {
        forwarded(header, "127.0.0.1", fields).0
    }

    #[test]
    fn rightmost_address_that_is_no_trusted_proxy_is_the_clients() {
        let client = |values: &[&str]| {
            let fields: Vec<_> = values.iter().map(|value| ("x-forwarded-for", *value)).collect();
            client(ForwardedHeader::XForwardedFor, &fields)
        };
        assert_eq!(client(&["203.0.113.5"]), "203.0.113.5");
        assert_eq!(client(&["198.51.100.1, 203.0.113.5"]), "203.0.113.5");
        assert_eq!(client(&["198.51.100.1,203.0.113.5 ,10.0.0.1"]), "203.0.113.5");
        assert_eq!(client(&["198.51.100.1", "203.0.113.5, 10.0.0.1"]), "203.0.113.5");
        assert_eq!(client(&["10.0.0.2, 10.0.0.1"]), "10.0.0.2", "all proxies are trusted");
        assert_eq!(client(&["2001:db8::1"]), "2001:db8::1");
        assert_eq!(client(&["[2001:db8::1]:54104"]), "[2001:db8::1]:54104");
        assert_eq!(client(&["203.0.113.5:54104"]), "203.0.113.5:54104");
        assert_eq!(client(&["::ffff:203.0.113.5"]), "203.0.113.5");
        assert_eq!(client(&["fe80::1%eth0"]), "fe80::1");
        assert_eq!(client(&[]), "127.0.0.1");
        assert_eq!(client(&["", ", ,"]), "127.0.0.1");
        assert_eq!(client(&["198.51.100.1, nonsense"]), "127.0.0.1", "the last is no address");
        assert_eq!(client(&["198.51.100.1, nonsense, 10.0.0.1"]), "10.0.0.1");
    }

    #[test]
    fn headers_of_an_untrusted_peer_are_ignored() {
        for header in [ForwardedHeader::XForwardedFor, ForwardedHeader::Forwarded] {
            let fields = [
                ("x-forwarded-for", "203.0.113.5"),
                ("x-forwarded-host", "chat.example.org"),
                ("forwarded", "for=203.0.113.5;host=chat.example.org"),
            ];
            assert_eq!(forwarded(header, "192.0.2.1", &fields), ("192.0.2.1".into(), None));
            let accepted = ("203.0.113.5".into(), Some("chat.example.org".into()));
            assert_eq!(forwarded(header, "127.0.0.1", &fields), accepted);
            assert_eq!(forwarded(header, "unix", &fields), accepted);
        }
    }

    #[test]
    fn only_the_configured_header_is_read() {
        let fields = [("x-forwarded-for", "203.0.113.5"), ("forwarded", "for=198.51.100.1")];
        assert_eq!(client(ForwardedHeader::XForwardedFor, &fields), "203.0.113.5");
        assert_eq!(client(ForwardedHeader::Forwarded, &fields), "198.51.100.1");
        assert_eq!(client(ForwardedHeader::XForwardedFor, &fields[1..]), "127.0.0.1");
        assert_eq!(client(ForwardedHeader::Forwarded, &fields[..1]), "127.0.0.1");
    }

    #[test]
    fn forwarded_is_parsed_by_its_grammar() {
        let client = |values: &[&str]| {
            let fields: Vec<_> = values.iter().map(|value| ("forwarded", *value)).collect();
            client(ForwardedHeader::Forwarded, &fields)
        };
        assert_eq!(client(&["for=203.0.113.5"]), "203.0.113.5");
        assert_eq!(client(&[r#"FOR="203.0.113.5:54104";by=_me;proto=https"#]), "203.0.113.5:54104");
        assert_eq!(client(&[r#"For="[2001:db8:cafe::17]:4711""#]), "[2001:db8:cafe::17]:4711");
        assert_eq!(client(&[r#"for="[2001:db8::1]""#]), "2001:db8::1");
        assert_eq!(client(&[r#"for="203.0.113.5:_hidden""#]), "203.0.113.5");
        assert_eq!(client(&["for=203.0.113.5, for=10.0.0.1"]), "203.0.113.5");
        assert_eq!(
            client(&["for=198.51.100.1", "for=203.0.113.5;host=a , for=10.0.0.1"]),
            "203.0.113.5"
        );
        // A comma, a semicolon and an escaped quote within quotes are not separators.
        let tricky = r#"for=203.0.113.5;ext="a, for=198.51.100.1; \" for=198.51.100.2""#;
        assert_eq!(client(&[tricky]), "203.0.113.5");
        // The proxy does not disclose the address.
        for hidden in ["unknown", "_hidden", r#""_SEVKISEK""#, r#""unknown:80""#] {
            assert_eq!(client(&[&format!("for=198.51.100.1, for={hidden}")]), "127.0.0.1");
        }
        assert_eq!(client(&["for=198.51.100.1, proto=https"]), "127.0.0.1", "no client is named");
        for invalid in ["for=", "for", "for=\"203.0.113.5", "=203.0.113.5", "for=203.0.113.5 for=1"]
        {
            assert_eq!(client(&[invalid]), "127.0.0.1", "{invalid}");
            assert_eq!(client(&["for=198.51.100.1", invalid]), "127.0.0.1", "{invalid}");
        }
    }

    #[test]
    fn client_cannot_hide_the_member_that_its_proxy_appends() {
        // The proxy has appended the last member to the client's value.
        for (header, name, forged, appended) in [
            (ForwardedHeader::XForwardedFor, "x-forwarded-for", "\u{e9}", "203.0.113.5"),
            (ForwardedHeader::XForwardedFor, "x-forwarded-for", "\"", "203.0.113.5"),
            (ForwardedHeader::Forwarded, "forwarded", "for=\"x", "for=203.0.113.5"),
            (ForwardedHeader::Forwarded, "forwarded", "for=\"x\\", "for=203.0.113.5"),
            (ForwardedHeader::Forwarded, "forwarded", ";;=", "for=203.0.113.5"),
            (ForwardedHeader::Forwarded, "forwarded", "for=\u{e9}", "for=\"203.0.113.5\""),
            (ForwardedHeader::Forwarded, "forwarded", "for=1.2.3.4 ; a = b", "for=203.0.113.5"),
        ] {
            let value = format!("{forged}, {appended}");
            let mut headers = HeaderMap::new();
            let bytes: Vec<u8> = value.chars().map(|c| c as u8).collect();
            headers.insert(name, HeaderValue::from_bytes(&bytes).expect("a value"));
            let peer = without_port("127.0.0.1".parse().expect("an address"));
            let (client, _) = origin(&headers, &peer, &proxies(header));
            assert_eq!(client.to_string(), "203.0.113.5", "{value}");
        }
    }

    #[test]
    fn requested_host_is_taken_from_the_proxys_header() {
        let host = |header, name, value| forwarded(header, "127.0.0.1", &[(name, value)]).1;
        let x = |value| host(ForwardedHeader::XForwardedFor, "x-forwarded-host", value);
        assert_eq!(x("chat.example.org").as_deref(), Some("chat.example.org"));
        assert_eq!(
            x("forged.example, chat.example.org:8443").as_deref(),
            Some("chat.example.org:8443")
        );
        assert_eq!(x("a b"), None);
        let standard = |value| host(ForwardedHeader::Forwarded, "forwarded", value);
        let by_two = r#"for=203.0.113.5;host="chat.example.org:8443", for=10.0.0.1;host=inner"#;
        assert_eq!(standard(by_two).as_deref(), Some("chat.example.org:8443"));
        let forged = "for=1.2.3.4;host=forged.example, for=203.0.113.5;host=chat.example.org";
        assert_eq!(standard(forged).as_deref(), Some("chat.example.org"));
    }
}
